# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by tests on real machines: the test library, and an image store that outlives the tests.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/test-lib.sh"
: "${TRIALBED_BUILD:?set TRIALBED_BUILD to the build folder}"
TRIALBED_IMAGES=${TRIALBED_IMAGES:-$TRIALBED_BUILD/images}
export TRIALBED_IMAGES

# What libvirt knows of the emulators costs seconds of a processor to find out. The first test keeps it for the others; libvirt itself sees
# when it is of other programs.
known=$TRIALBED_BUILD/libvirt-capabilities
[ ! -d "$known" ] || { mkdir -p lab/cache && cp -r "$known" lab/cache/; }
keep_known() {
    [ -d "$known" ] || [ ! -d lab/cache/libvirt-capabilities ] || { cp -r lab/cache/libvirt-capabilities "$known.$$" && mv -T "$known.$$" "$known" 2>/dev/null; }
    rm -rf "$known.$$"
}

# Whatever a test does, nothing of it is to be left at its end. Tests that kill what would clean up look for themselves, at the right moments, and say
# so by own_leak_check.
. "$top/tests/integration/leak-lib.sh"
leaks_before
eval "plainly_$(declare -f done_testing)"
done_testing() {
    [ -n "${own_leak_check:-}" ] || expect_success 'nothing is left' leaks_after
    keep_known
    plainly_done_testing
}

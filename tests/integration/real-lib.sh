# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by tests on real machines: the test library, and an image store that outlives the tests.
. "$(dirname "${BASH_SOURCE[0]}")/../cli/test-lib.sh"
: "${TRIALBED_BUILD:?set TRIALBED_BUILD to the build folder}"
TRIALBED_IMAGES=${TRIALBED_IMAGES:-$TRIALBED_BUILD/images}
export TRIALBED_IMAGES

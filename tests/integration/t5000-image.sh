#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The tiny image is made from packages; the same packages give the same bytes.
. "$(dirname "$0")/real-lib.sh"
own_leak_check=yes # it makes no machines

expect_success 'the image builds' 'trialbed image build tiny'
expect_success 'it is listed' 'trialbed image list | grep -q "^tiny "'
mkdir other && ln -s "$TRIALBED_IMAGES/packages" other/packages
expect_success 'a second store gets the same bytes' \
    'TRIALBED_IMAGES=$work/other trialbed image build tiny && diff <(cd other/objects && ls) <(cd "$TRIALBED_IMAGES/objects" && ls | grep -F "$(cd "$work/other/objects" && ls)")'
expect_success 'and every object is what its name says' 'cd other/objects && for f in *; do [ "$(sha256sum <"$f" | cut -d" " -f1)" = "$f" ] || exit 1; done; cd "$work"'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A bundle with its images goes to where there is none, and runs again from them on real machines.
. "$(dirname "$0")/real-lib.sh"
store=$TRIALBED_IMAGES
cat >s.yaml <<'YAML'
name: carried
machines: [{name: a, image: tiny}]
steps: [{name: say, on: a, run: 'echo value=1 && uname -r', measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]}]
YAML
there() { TRIALBED_IMAGES=$work/far/store trialbed --lab far/lab "$@"; }
described() { grep -v '"built"' "$1/names/tiny.json" | tr -d '[:space:]'; } # the day of its making does not travel

expect_success 'an experiment on real machines' 'trialbed run s.yaml'
expect_success 'its bundle with the images is whole' 'trialbed export --images -o f.tar.zst && trialbed verify f.tar.zst'
expect_success 'each object in it is the store'"'"'s' \
    'trialbed bundle ls f.tar.zst | sed -n "s,.* data/images/store/objects/,,p" >objects && [ -s objects ] &&
     while read -r o; do trialbed bundle cat f.tar.zst images/store/objects/$o | cmp - "$store/objects/$o" || exit 1; done <objects'
expect_success 'without images it is small' 'trialbed export -o small.tar.zst && [ $(stat -c %s small.tar.zst) -lt $(($(stat -c %s f.tar.zst) / 4)) ]'
mkdir -p far && mv f.tar.zst far/moved && mv lab gone
expect_success 'imported without the option it leaves the image store alone' \
    'there import far/moved && [ ! -e far/store/names/tiny.json ]'
expect_success 'the option brings the images into an empty store' \
    'there import --images far/moved && diff <(described far/store) <(described "$store")'
expect_success 'each is what its name says' \
    'while read -r o; do echo "$o  far/store/objects/$o"; done <objects | sha256sum -c --quiet --strict'
find far/store -type f -exec sha256sum {} + | sort >before
expect_success 'a second time changes nothing' 'there import --images far/moved && find far/store -type f -exec sha256sum {} + | sort | diff before -'
expect_success 'a run from it starts real machines' 'there run s.yaml'
expect_success 'of the image that came along' \
    'there query "select count(*), min(platform) from run_facts where experiment_id = 2 and counted" --csv | tail -1 | grep -qx "1,vm" &&
     find far/store -path "*/objects/*" -o -path "*/names/*" | grep -v /\\. | xargs sha256sum | sort | diff <(grep -E "/(objects|names)/" before) -'
dd if=/dev/zero of="far/store/objects/$(head -1 objects)" bs=1 count=8 conv=notrunc status=none
expect_status 5 'a store whose image is another one is not exported' 'there export 1 --images -o x.tar.zst'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Which images are used, and what a prune removes: never what an experiment of the lab uses.
. "$(dirname "$0")/test-lib.sh"
unset TRIALBED_IMAGES

put() { # put STORE NAME CONTENT: an image of one kernel
    local sha256
    mkdir -p "$1/objects" "$1/names"
    printf '%s' "$3" >"$1/object" && sha256=$(sha256sum <"$1/object" | cut -d' ' -f1) && mv "$1/object" "$1/objects/$sha256"
    printf '{"format": 1, "digest": "%s", "kernel_version": "6.1", "kernel": {"sha256": "%s", "size_bytes": %d}}\n' "$sha256" "$sha256" "${#3}" >"$1/names/$2.json"
}
cat >s.yaml <<'END'
name: uses
machines: [{name: a, image: used}]
matrix: {factors: {x: [1, 2, 3]}}
steps: [{name: s, on: a, run: "echo ${x}"}]
END
expect_success 'an experiment uses an image' 'trialbed run --machines fake s.yaml'
put lab/images used kernel-a && put lab/images idle kernel-b && put lab/images same kernel-a
echo nobody >lab/images/objects/$(printf 'nobody\n' | sha256sum | cut -d' ' -f1)
mkdir lab/images/build-old lab/images/build-new && touch -d '3 days ago' lab/images/build-old

expect_success 'list says who is used, and when' \
    'trialbed --json image list | tr -d " \n" | tee /dev/stderr | grep -q "\"name\":\"idle\".*\"experiments\":0,\"runs\":0,\"last_used\":null.*\"name\":\"used\".*\"experiments\":1,\"runs\":3,\"last_used\":\"20"'
before=$(find lab/images | sort)
expect_success 'a dry run names what would go' \
    'trialbed image prune --dry-run >would && sed "s/object .*/object/" would | sort | uniq -c | tr -s " " | tee /dev/stderr | diff - <(printf " 1 %s\n" "$PWD/lab/images/build-old" "image '"'idle'"'" "image '"'same'"'"; echo " 2 object")'
expect_success 'and removes nothing' '[ "$(find lab/images | sort)" = "$before" ]'
expect_success 'a prune removes just that' 'trialbed image prune >did && diff would did'
expect_success 'what is used stays, with its parts' \
    '[ "$(ls lab/images/names)" = used.json ] && [ "$(ls lab/images/objects)" = "$(printf kernel-a | sha256sum | cut -d" " -f1)" ] && [ ! -e lab/images/build-old ] && [ -e lab/images/build-new ]'
expect_success 'again there is nothing to do' '[ -z "$(trialbed image prune)" ]'

put shared idle kernel-b && put shared used kernel-a
export TRIALBED_IMAGES=$work/shared
expect_success 'a store that others may use keeps what this lab does not' 'trialbed image prune 2>said && [ -e shared/names/idle.json ] && grep -q -- --shared said'
expect_success 'until it is asked for' 'trialbed image prune --shared && [ "$(ls shared/names)" = used.json ]'
expect_status 2 'a prune takes no name' 'trialbed image prune used'

done_testing

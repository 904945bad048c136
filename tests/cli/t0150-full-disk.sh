#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk fills up while an experiment runs: it stops and says so, nothing is lost, and `resume` finishes it.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

mkdir small && { mount -t tmpfs -o size=8m none small 2>mount-error || { sed 's/^/# not tried: /' mount-error; echo 'ok 1 # SKIP no disk of our own'; echo 1..1; cd / && rm -rf "$work"; exit 0; }; }
trap 'umount -l "$work/small" 2>/dev/null' EXIT
ln -s small/lab lab

cat >s.yaml <<'END'
name: full
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3, 4, 5, 6]}}
order: sequential
steps: [{name: work, on: a, run: "echo value=${x}\nsleep 300", measure: [{metric: value, regex: 'value=([0-9]+)'}]}]
END
sql() { sqlite3 lab/trialbed.db "$1"; }
completed() { sql "select count(*) from run_facts where status = 'completed'" 2>/dev/null || echo 0; }

trialbed --lab small/lab run --machines fake -j 1 s.yaml >out 2>&1 &
coordinator=$!
expect_success 'runs complete' 'wait_until 20 "[ \$(completed) -ge 2 ]"'
dd if=/dev/zero of=small/ballast bs=4096 2>/dev/null
wait "$coordinator"
status=$?
expect_success 'a full disk ends the experiment with an error and the line that resumes' \
    'cat out; [ $status -ge 4 ] && [ $status -le 5 ] && grep -q "^hint: .trialbed --lab small/lab resume 1. goes on" out'
rm small/ballast
before=$(completed)
expect_success 'the database is sound, and what was completed is there' '[ "$(sql "pragma integrity_check")" = ok ] && [ "$before" -ge 2 ] && [ "$before" -lt 6 ]'
expect_success 'resume finishes' 'trialbed --lab small/lab resume -j 1'
expect_success 'every run is completed once' '[ "$(completed)" = 6 ] && [ "$(sql "select count(*) from attempt where status = '"'completed'"'")" = 6 ]'
expect_success 'every artifact is what its hash says' 'cd small/lab && sqlite3 -separator "  " trialbed.db "select sha256, path from artifacts" | sha256sum -c --quiet --strict; r=$?; cd "$work"; [ $r -eq 0 ]'
umount small

done_testing

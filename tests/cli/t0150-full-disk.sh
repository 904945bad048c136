#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The disk fills up while an experiment runs: it stops and says so, nothing is lost, and `resume` finishes it. The same for reports and
# bundles; and a disk that can only be read.
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

# What leaves the lab: a full disk costs nothing that was there, and leaves no half files.
expect_success 'a report and a bundle' 'trialbed export -o e.tar.zst && trialbed report -o small/report --figure box && cp -r small/report before && cp -r small/lab safe'
dd if=/dev/zero of=small/ballast bs=4096 2>/dev/null
expect_status 4 'a report on a full disk' 'trialbed report -o small/report --figure bars'
expect_success 'says so, and leaves the last one as it was' 'grep -q "No space left on device" said && diff -r before small/report'
expect_status 4 'a bundle on a full disk' 'trialbed --lab safe export -o small/e.tar.zst'
expect_success 'says so, and leaves nothing' 'grep -q "small/e.tar.zst.: .*No space left on device" said && [ -z "$(ls small/e.tar.zst* 2>/dev/null)" ]'
expect_success 'an import on a full disk fails and leaves no experiment' \
    'trialbed --lab small/new import e.tar.zst; s=$?; [ $s = 4 ] || [ $s = 5 ] && rm small/ballast && [ -z "$(find small/new -type f ! -name "trialbed.*")" ] && trialbed --lab small/new import e.tar.zst && diff <(trialbed summary) <(trialbed --lab small/new summary)'

mount -o remount,ro small
expect_success 'a lab that cannot be written is read' 'diff <(trialbed --lab small/lab summary) <(trialbed --lab small/new summary) && trialbed --lab small/lab report -o drawn && trialbed --lab small/lab export -o again && cmp again e.tar.zst'
expect_status 4 'a report in it is refused' 'trialbed --lab small/lab report'
expect_success 'with a way out' 'grep -q "Read-only file system" said && grep -q "^hint: -o DIR chooses another folder" said'
expect_status 5 'and so is a run' 'trialbed --lab small/lab run --machines fake s.yaml'
umount small

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGKILL and Ctrl-C with fake machines: nothing is left, nothing is lost, and `resume` does each run once.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

cat >s.yaml <<'END'
name: slow
machines: [{name: a, image: tiny, interfaces: [{bridge: br0}]}]
bridges: [{name: br0}]
matrix: {factors: {x: [1, 2, 3, 4, 5, 6]}}
repetitions: 2
steps:
  - {name: work, on: a, run: "echo value=${x}\nsleep 300", measure: [{metric: value, regex: 'value=([0-9]+)'}]}
END
count() { sqlite3 lab/trialbed.db "select count(*) from $1"; }
completed() { count "run_facts where status = 'completed'"; }

trialbed run --machines fake -j 2 s.yaml >out 2>&1 &
coordinator=$!
expect_success 'workers begin' 'wait_until 10 "[ \$(inits_of $coordinator | wc -w) -eq 2 ] && [ \$(completed 2>/dev/null || echo 0) -ge 2 ]"'
# Not between two runs: while it stands still the database does.
wait_until 10 'kill -STOP "$coordinator"; [ "$(count "attempt where status = '"'running'"'")" -ge 1 ] || { kill -CONT "$coordinator"; false; }'
remember_family "$coordinator"
kill -KILL "$coordinator"
wait "$coordinator" 2>/dev/null
expect_success 'a killed coordinator takes its workers along' 'wait_until 5 "[ -z \"\$(leftovers)\" ]" || { leftovers; false; }'
before=$(completed)
expect_success 'what was completed is there' '[ "$before" -ge 2 ] && [ "$(sqlite3 lab/trialbed.db "pragma integrity_check")" = ok ]'
expect_success 'resume finishes' 'trialbed resume -j 2'
expect_success 'every run is completed once' '[ "$(completed)" = 12 ] && [ "$(count "(select run_id from attempt where status = '"'completed'"' group by run_id having count(*) > 1)")" = 0 ]'
expect_success 'the cut attempts are recorded with their reason' '[ "$(count "attempt where class = '"'host'"'")" -ge 1 ]'

sed 's/^name: .*/name: long/; s/\[1, 2, 3, 4, 5, 6\]/[1, 2]/; s/^repetitions: .*//; s/sleep 300/sleep 3000/' s.yaml >long.yaml # it does not end before we know who does it
trialbed run --machines fake -j 1 long.yaml >out 2>&1 &
coordinator=$!
expect_success 'a worker begins' 'wait_until 10 works $coordinator'
wait_until 10 'kill -KILL $(inits_of "$coordinator") 2>/dev/null'
wait "$coordinator"
expect_success 'a killed worker costs one attempt, and the rest goes on' \
    '[ "$(sqlite3 lab/trialbed.db "select count(*) from run_facts where experiment_id = 2 and status = '"'completed'"'")" = 1 ] && sqlite3 lab/trialbed.db "select reason from attempt" | grep -q "ended by signal 9"'
expect_success 'the phase is the one it was in' '[ "$(count "attempt where reason like '"'%signal 9%'"' and (phase in ('"'prepare', 'network', 'define', 'boot', 'ready', 'step:work', 'collect', 'teardown'"'))")" -ge 1 ]'

trialbed run --machines fake -j 1 s.yaml --repetitions 6 >out 2>&1 &
coordinator=$!
expect_success 'a third experiment begins' 'wait_until 10 works $coordinator'
kill -INT "$coordinator"
wait "$coordinator"
status=$?
expect_success 'Ctrl-C ends with 130 and the line that resumes' '[ $status -eq 130 ] && grep -q "^.trialbed resume 3. goes on later" out && grep -q "^hint: .trialbed resume 3. goes on" out'
expect_success 'the running attempt was finished first' '[ "$(sqlite3 lab/trialbed.db "select count(*) from run_facts where experiment_id = 3 and status = '"'completed'"'")" -ge 1 ] && [ "$(count "run_facts where experiment_id = 3 and status = '"'running'"'")" = 0 ]'

trialbed resume 3 >out 2>&1 &
coordinator=$!
expect_success 'it is resumed' 'wait_until 10 works $coordinator'
expect_status 5 'a second coordinator on the same lab is refused' 'trialbed resume 3'
remember_family "$coordinator"
kill -INT "$coordinator"
sleep 0.05
kill -INT "$coordinator"
wait "$coordinator"
status=$?
expect_success 'twice Ctrl-C stops at once' '[ $status -eq 130 ] && [ -z "$(leftovers)" ]'
expect_success 'and resume does the rest' 'trialbed resume 3 && [ "$(sqlite3 lab/trialbed.db "select count(*) from run_facts where experiment_id = 3 and status = '"'completed'"'")" = 36 ]'

for hangup in "" nohup; do
    expected=$([ -n "$hangup" ] && echo 0 || echo 130)
    # Enough runs that the signal meets one of them on a busy machine; those of the first experiment are cut short.
    repetitions=$([ -n "$hangup" ] && echo 2 || echo 20)
    $hangup trialbed run --machines fake -j 1 s.yaml --repetitions $repetitions >out 2>&1 &
    coordinator=$!
    expect_success "an experiment begins${hangup:+ under $hangup}" 'wait_until 10 works $coordinator'
    kill -HUP "$coordinator"
    wait "$coordinator"
    status=$?
    expect_success "a hangup ends with $expected${hangup:+ under $hangup}" '[ "$status" -eq "$expected" ] || { cat out; false; }'
done

done_testing

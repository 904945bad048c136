#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Many runs on fake machines without anybody watching: who runs beside whom, what is tried again, and when it is no use to go on.
. "$(dirname "$0")/test-lib.sh"

scenario() { # scenario NAME COMMAND [MORE-YAML]
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: tiny, cpus: ${cpus:-1}}]
matrix: {factors: {x: [1, 2]}}
order: ${order:-sequential}
retry_backoff: ${backoff:-10ms}
${3:-}
steps: [{name: work, on: a, run: "echo \${x}; $2", timeout: 3s}]
END
}
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
runs() { sql "select cell, status, attempt, class from run_facts where experiment = '$1' order by run_id"; }
# The most attempts that were under way at the same time, by their times.
peak() {
    sql "select max((select count(*) from attempt b where b.started_ns <= a.started_ns and b.started_ns + b.duration_ns > a.started_ns))
         from attempt a join run using (run_id) join experiment using (experiment_id) where name = '$1'"
}
company() { sql "select max(concurrent) from attempt join run using (run_id) join experiment using (experiment_id) where name = '$1'"; }

# Side by side.
scenario beside 'sleep 300' 'repetitions: 4'
expect_success '-j 3 has three runs under way' 'trialbed run --machines fake beside.yaml -j 3 && [ "$(peak beside)" = 3 ]'
expect_success 'and that is stored with the runs' '[ "$(company beside)" = 3 ]'
scenario alone 'sleep 100' 'repetitions: 3
isolation: exclusive'
expect_success 'isolation: exclusive has one at a time, whatever -j says' 'trialbed run --machines fake alone.yaml -j 3 && [ "$(company alone)" = 1 ] && [ "$(peak alone)" = 1 ]'
order=interleaved scenario nic 'sleep 300' 'repetitions: 3
exclusive: ["nic${x}"]'
expect_success 'a named thing has one user at a time, another name does not wait for it' 'trialbed run --machines fake nic.yaml -j 6 && [ "$(peak nic)" = 2 ] && [ "$(company nic)" = 2 ]'

# Pins. These work on any host that has the CPU that we are on.
cpu=$(taskset -cp $$ | sed 's/.*: \([0-9]*\).*/\1/')
scenario pin 'sleep 100' "repetitions: 2
pin: {machines: $cpu, worker: $cpu}"
expect_success 'a pinned CPU belongs to one run at a time' 'trialbed run --machines fake pin.yaml -j 2 && [ "$(company pin)" = 1 ]'
expect_success 'the machine has it' 'grep -q "pins=.$cpu." lab/runs/*/*/1/a.xml'
cpus=2 scenario wide 'sleep 1' "pin: {machines: $cpu}"
expect_status 4 'more virtual CPUs than pinned ones are refused before anything starts' 'trialbed run --machines fake wide.yaml >out 2>&1'
expect_success 'with the reason and a hint' 'grep -q "^trialbed: a run of cell .x=1. is too big for this host: it has 2 virtual CPUs, and is pinned to only 1" out && grep -q "^hint: .*pin" out || { cat out; false; }'
scenario nowhere 'sleep 1' 'pin: {machines: 1023}'
expect_status 4 'so are CPUs that are not there' 'trialbed run --machines fake nowhere.yaml'
scenario wrong 'sleep 1' 'pin: {machines: all}'
expect_status 3 'and what are no CPUs is no scenario' 'trialbed check wrong.yaml'

# Tried again: with longer and longer pauses, only what may be the host's fault.
backoff=200ms scenario again 'die' 'retries: 2'
expect_status 1 'runs that fail for the host are tried again' 'trialbed run --machines fake again.yaml -j 1'
expect_output 'as often as the scenario says' 'runs again' <<'END'
x=1 failed 3 host
x=2 failed 3 host
exit 0
END
expect_success 'with pauses of 200 and 400 ms' '[ "$(sql "with a as (select run_id, attempt, started_ns - lag(started_ns + duration_ns) over (partition by run_id order by attempt) as pause from attempt join run using (run_id) join experiment using (experiment_id) where name = '"'again'"') select min(pause) filter (where attempt = 2) >= 200000000 and min(pause) filter (where attempt = 3) >= 400000000 from a")" = 1 ]'
expect_success 'every attempt has a folder of its own' '[ "$(ls -d lab/runs/*/*/3 | wc -l)" = 2 ]'
scenario once 'fail 1' 'retries: 2'
expect_status 1 'a step that fails' 'trialbed run --machines fake once.yaml'
expect_success 'is not tried again' '[ "$(sql "select max(attempt) from run_facts where experiment = '"'once'"'")" = 1 ]'

# The breaker.
scenario cell 'fail 1' 'repetitions: 6
breaker: {cell: 3}'
sed -i 's/x: \[1, 2\]/x: [0, 1]/; s/fail 1/fail ${x}/' cell.yaml
expect_status 1 'a cell whose runs fail in a row is given up, with status 1' 'trialbed run --machines fake cell.yaml -j 1 >out 2>&1'
expect_success 'it says so when it happens, and at the end how to go on' 'grep -q "^cell .x=1. is left: its last 3 runs failed" out && grep -q "^trialbed: 3 runs failed, and 3 runs left in 1 cell given up for it" out && grep -q "^hint: .*resume .* --keep-going" out || { cat out; false; }'
expect_success 'the other cell is done, and its own rest is still planned' '[ "$(sql "select group_concat(n || status) from (select count(*) n, status from run_facts where experiment = '"'cell'"' group by status order by status)")" = 6completed,3failed,3planned ]'
expect_status 1 'resume --keep-going does it all the same' 'trialbed resume cell --keep-going'
expect_success 'then nothing is left' '[ "$(sql "select count(*) from run_facts where experiment = '"'cell'"' and status = '"'failed'"'")" = 6 ]'
order=interleaved scenario host 'die' 'repetitions: 6
breaker: {host: 4}'
expect_status 4 'runs that fail across cells for the host end the experiment with status 4' 'trialbed run --machines fake host.yaml -j 1 >out 2>&1'
expect_success 'says so' 'grep -q "^no more runs are started: the last 4 failed runs may all be this host.s fault" out && grep -q "^trialbed: given up with 8 runs left" out && grep -q "^hint: .*trialbed doctor" out || { cat out; false; }'
expect_status 1 '--halt N starts nothing after N failures' 'trialbed run --machines fake once.yaml --repetitions 4 -j 1 --halt 2 >out 2>&1'
expect_success 'and says that, too' 'grep -q "^trialbed: halted with 6 runs left: 2 failed" out && grep -q "^hint: .*resume" out || { cat out; false; }'
expect_status 2 'a number that makes no sense is refused' 'trialbed run --machines fake once.yaml --halt=-1'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `start: keep` on fake machines: one machine serves the runs of a cell, and the data say so.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

cat >keep.yaml <<'END'
name: keep
machines: [{name: a, image: tiny}]
bridges: [{name: br0}]
matrix: {factors: {size: [1, 2]}}
start: keep
repetitions: 3
order: interleaved
steps:
  - {name: mark, on: a, run: "echo value=${size}; write /mark here", measure: [{metric: value, unit: ms, regex: 'value=([0-9]+)'}]}
END
# What not even KILL ends takes its time, so it runs beside all else.
cat >undying.yaml <<'END'
name: undying
machines: [{name: a, image: tiny}]
start: keep
repetitions: 2
steps: [{name: serve, on: a, run: "undying", background: true, grace: 100ms}]
END
trialbed --lab other run --machines fake -j 1 undying.yaml >undying.log 2>&1 &
undying=$!

sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
kept() { sql "select run_id, text from event where kind = 'kept' order by run_id"; }

expect_success 'runs are done' 'trialbed run --machines fake -j 1 keep.yaml'
expect_output 'all but the first of each cell took machines over, and say whose' kept <<'END'
3 the machines are those of run 1 of this cell, as 1 run left them
4 the machines are those of run 2 of this cell, as 1 run left them
5 the machines are those of run 1 of this cell, as 2 runs left them
6 the machines are those of run 2 of this cell, as 2 runs left them
exit 0
END
expect_output 'they were not made again' 'sql "select phase, group_concat(run_id) from (select phase, run_id from phase_times where phase in ('"'boot', 'handover'"') order by 2) group by 1"' <<'END'
boot 1,2
handover 3,4,5,6
exit 0
END
expect_output 'every run has its own values, machines and files' \
    'sql "select (select count(*) from run_values where counted and metric = '"'value'"'), (select count(*) from machine), (select count(distinct run_id) from artifacts where kind = '"'stdout'"')"' <<'END'
6 6 6
exit 0
END
expect_success 'the summary warns' 'trialbed summary | grep -q "^kept: 4 runs began on machines of an earlier run"'
expect_success 'so does the check of a report' 'trialbed report --check | grep -A1 "^kept (" | grep -q "4 runs began on machines"'
expect_success 'the lab is whole' 'trialbed doctor --lab'

# What runs in the background ends with its run, not with its machines.
cat >serves.yaml <<'END'
name: serves
machines: [{name: a, image: tiny}]
start: keep
repetitions: 3
steps:
  - {name: serve, on: a, run: "hang", background: true}
  - {name: deaf, on: a, run: "stubborn", background: true, grace: 50ms}
END
expect_success 'runs with something in the background are done' 'trialbed run --machines fake -j 1 serves.yaml'
expect_output 'each run ended its own, and the machines were kept' \
    'sql "select s.name, exit_status, signal, stop_signal, count(distinct run_id) from step s join run_facts using (run_id) where experiment = '"'serves'"' group by 1, 2, 3, 4"; sql "select count(*) from event join run_facts using (run_id) where kind = '"'kept'"' and experiment = '"'serves'"'"' <<'END'
deaf 137 9 9 3
serve 143 15 15 3
2
exit 0
END

# A run that fails leaves its machines to nobody.
cat >dies.yaml <<'END'
name: dies
machines: [{name: a, image: tiny}]
start: keep
repetitions: 3
steps: [{name: work, on: a, run: "die"}]
END
expect_status 1 'machines that die are not kept' 'trialbed run --machines fake -j 1 dies.yaml'
expect_output 'each run had its own' 'sql "select count(*) from event join run_facts using (run_id) where kind = '"'kept'"' and experiment = '"'dies'"'"; sql "select count(*) from phase_times p join run_facts r using (run_id) where p.phase = '"'boot'"' and experiment = '"'dies'"'"' <<'END'
0
3
exit 0
END

# Side by side: each run under way has machines of its own.
expect_success 'two at a time' 'sed "s/^name: keep/name: two/" keep.yaml >two.yaml && trialbed run --machines fake -j 2 two.yaml'
expect_output 'all are done' 'sql "select count(*) from run_facts where status = '"'completed'"' and experiment = '"'two'"'"' <<'END'
6
exit 0
END

# Machines that die while they wait are no reason for a run to fail.
sed 's/^name: keep/name: idle/; s/echo value/sleep 1500; echo value/' keep.yaml >idle.yaml
second() { [ "$(sql "select count(*) from run_facts where experiment = 'idle' and status = 'running' and cell = 'size=2' and repetition = 2")" = 1 ]; }
trialbed run --machines fake -j 1 idle.yaml >idle.log 2>&1 &
pid=$!
expect_success 'the second cell is at work' 'wait_until 20 second'
expect_success 'the machines of the first, which wait, are killed' 'kill -9 $(inits_of $pid | sort -n | head -1)'
expect_success 'all runs end well' "wait $pid"
expect_output 'and one had to make new machines' 'sql "select r.status, count(*), (select count(*) from phase_times p join run_facts using (run_id) where p.phase = '"'boot'"' and experiment = '"'idle'"') from run_facts r where experiment = '"'idle'"' group by 1"' <<'END'
completed 6 3
exit 0
END

# Machines go with the coordinator, and a resumed experiment makes new ones.
sed 's/^name: keep/name: killed/; s/echo value/sleep 1000; echo value/' keep.yaml >killed.yaml
begun() { [ "$(sql "select count(*) from run_facts where experiment = 'killed' and status = 'completed'")" -ge 3 ]; }
trialbed run --machines fake -j 1 killed.yaml >killed.log 2>&1 &
pid=$!
expect_success 'some runs are done' 'wait_until 20 begun && for init in $(inits_of $pid); do remember_namespaces $init; done && test -s remembered'
expect_success 'the coordinator is killed' "kill -9 $pid; wait $pid; test \$? = 137"
expect_success 'neither a machine nor its worker is left' 'wait_until 10 "[ -z \"\$(leftovers)\" ]"'
expect_success 'it is resumed' 'trialbed resume killed -j 1'
expect_output 'and complete' 'sql "select status, count(*) from run_facts where experiment = '"'killed'"' group by 1"' <<'END'
completed 6
exit 0
END
expect_output 'with machines of its own' 'sql "select count(*) >= 3 from phase_times p join run_facts r using (run_id) where p.phase = '"'boot'"' and experiment = '"'killed'"'"' <<'END'
1
exit 0
END

expect_success 'a run is none the worse for what does not end' "wait $undying"
expect_output 'but its machines are nobody'"'s"' after it' \
    'sqlite3 -separator " " other/trialbed.db "select kind, count(*) from event where kind in ('"'kept', 'warning'"') group by 1; select count(*) from phase_times where phase = '"'boot'"'; select text from event where kind = '"'warning'"' limit 1"' <<'END'
warning 2
2
step 'serve' did not end on machine 'a', though it was killed
exit 0
END
done_testing

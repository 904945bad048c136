#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whether the iterations of a run come to a steady state: what is stored, and who says it. On fake machines.
. "$(dirname "$0")/test-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }

# Warm-up of three and then within 1 %; a trend that never ends; and a repeated step, whose iterations are alike.
cat >s.yaml <<'END'
name: steady
machines: [{name: a, image: tiny}]
matrix:
  factors: {kind: [warm, trend]}
  derived:
    values: "if(${kind} == 'warm', 'v=90 v=60 v=45 v=40 v=40.4 v=40 v=40.4', 'v=10 v=12 v=14 v=16 v=18 v=20 v=22')"
warmup: 1
repetitions: 2
order: sequential
steady:
  - {metric: v, window: 4, variation: 1%}
  - {metric: w, window: 3}
steps:
  - {name: once, on: a, run: "echo ${values}", measure: [{metric: v, unit: ms, regex: 'v=([0-9.]+)'}]}
  - {name: often, on: a, repeat: 3, run: echo w=1 w=3, measure: [{metric: w, unit: ms, regex: 'w=([0-9.]+)'}]}
END
expect_success 'an experiment is run' 'trialbed -q run --machines fake s.yaml'
expect_output 'every run has an answer for every metric' 'sql "select cell, warmup, event.kind, event.text from event join run_facts using (run_id) where repetition = 1 order by run_id, sequence"' <<'END'
kind=warm 1 steady metric 'v' is steady from iteration 4 of 7 on: 4 in a row vary by 0.574 %
kind=warm 1 steady metric 'w' is steady from iteration 1 of 3 on: 3 in a row vary by 0 %
kind=trend 1 unsteady metric 'v' has no steady state: of 7 iterations the steadiest 4 in a row vary by 13.6 %, more than 1 %
kind=trend 1 steady metric 'w' is steady from iteration 1 of 3 on: 3 in a row vary by 0 %
kind=warm 0 steady metric 'v' is steady from iteration 4 of 7 on: 4 in a row vary by 0.574 %
kind=warm 0 steady metric 'w' is steady from iteration 1 of 3 on: 3 in a row vary by 0 %
kind=trend 0 unsteady metric 'v' has no steady state: of 7 iterations the steadiest 4 in a row vary by 13.6 %, more than 1 %
kind=trend 0 steady metric 'w' is steady from iteration 1 of 3 on: 3 in a row vary by 0 %
exit 0
END
expect_output 'nothing is dropped' 'sql "select cell, metric, n from cell_summary where automatic = 0"' <<'END'
kind=warm v 2
kind=warm w 2
kind=trend v 2
kind=trend w 2
exit 0
END
expect_output 'summary says so' 'trialbed summary steady | tail -1' <<'END'
unsteady: 2 times a run's iterations came to no steady state; all count; 'trialbed summary 1 --unsteady' lists them
exit 0
END
expect_output 'and lists them, without warm-ups' 'trialbed summary steady --unsteady --csv' <<'END'
run_id,cell,found
5,kind=trend,"metric 'v' has no steady state: of 7 iterations the steadiest 4 in a row vary by 13.6 %, more than 1 %"
6,kind=trend,"metric 'v' has no steady state: of 7 iterations the steadiest 4 in a row vary by 13.6 %, more than 1 %"
exit 0
END
expect_output 'show has it too' 'trialbed show 5 | grep -c "no steady state"' <<'END'
1
exit 0
END
expect_success 'report --check names it' '[ -n "$(trialbed report steady --check 2>/dev/null | grep "as in run 5: more iterations")" ]'
expect_success 'and so does the page' 'trialbed -q report steady -o r; grep -q "<h2>No steady state</h2>" r/index.html'
sed -n "s/^ *trialbed query \"\(SELECT run_id, cell, text FROM run_facts.*\)\"/\1/p" "$top/docs/statistics.md" >q.sql
expect_success 'the documented query finds it' '[ "$(trialbed query "$(cat q.sql)" --csv | wc -l)" = 4 ]'
sed '/^steady:/d; /window/d; s/^name: steady/name: without/' s.yaml >without.yaml
expect_success 'without the key nothing is asked' 'trialbed -q run --machines fake without.yaml && [ "$(sql "select count(*) from event join run_facts using (run_id) where experiment = '"'without'"'")" = 0 ] &&
    ! trialbed summary without | grep unsteady && trialbed -q report without -o q && ! grep -q "No steady state" q/index.html'

# An attempt whose worker dies has no answer; the one that completes the run has.
. "$top/tests/cli/kill-lib.sh"
sed 's/^name: .*/name: dies/; /^warmup/d; s/^repetitions: .*/repetitions: 1\nretries: 1/; s/\[warm, trend\]/[trend]/; s/run: echo w=1 w=3/run: "echo w=1 w=3; sleep 500"/' s.yaml >dies.yaml
trialbed run --machines fake dies.yaml >out 2>&1 & coordinator=$!
expect_success 'a worker dies behind its iterations' 'wait_until 20 "[ -e lab/runs/3/*/1/*often*1.exit ]" && kill -KILL $(inits_of $coordinator); wait $coordinator || { cat out; false; }'
expect_output 'the answer is of the attempt that counts' 'sql "select attempt, attempt.status, (select group_concat(kind) from event e where e.run_id = attempt.run_id and e.attempt = attempt.attempt and kind like '"'%steady'"') from attempt join run using (run_id) where experiment_id = 3"' <<'END'
1 failed 
2 completed unsteady,steady
exit 0
END

done_testing

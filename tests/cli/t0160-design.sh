#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How many runs an experiment gets: precision, budget, --until; and that a resume changes nothing of it.
. "$(dirname "$0")/test-lib.sh"

scenario() { # scenario NAME KEYS...: writes NAME.yaml
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3]}}
seed: 3
steps:
  - name: say
    on: a
    run: |
      sleep 1
      echo value=\${x}
    measure: [{metric: value, regex: 'value=([0-9.]+)'}]
$(shift; printf '%s\n' "$@")
END
}
ask() { sqlite3 lab/trialbed.db "$1"; }

scenario still 'precision: {metric: value, relative: 2%, min: 5, max: 40}'
expect_success 'a metric without spread needs the least number of runs' \
    'trialbed run --machines fake -j 2 still.yaml 2>said && cat said && [ "$(ask "select group_concat(distinct status), count(*) from run_facts")" = "completed|15" ] &&
     grep -q ".value. is known to 2 % in all of 3 cells" said'

expect_output 'status says how well each cell is known' 'trialbed status still | sed -n 3p; trialbed status still --precision' <<'END'
'value' is known to 2 % in 3 of 3 cells; 'trialbed status 1 --precision' lists them
cell  metric  values  known_to_percent  wanted_percent  state
x=1   value        5                 0               2  known
x=2   value        5                 0               2  known
x=3   value        5                 0               2  known
exit 0
END

scenario noisy 'precision: {metric: "phase.step:say", relative: 0.01%, min: 5, max: 7}'
expect_success 'one that is never known well enough gets the most, and that is said' \
    'trialbed run --machines fake -j 1 noisy.yaml 2>said && cat said && [ "$(ask "select count(*), max(repetition), max(block) from run_facts where experiment = '"'noisy'"'")" = "21|7|7" ] &&
     grep -Eq "known to 0.01 % in 0 of 3 cells; not in x=1 \([0-9.e+]+ % of 7\), x=2" said'
expect_success 'and status has it for programs' \
    '[ "$(trialbed --json status noisy --precision | grep -c "\"values\": 7, \"known_to_percent\": [0-9.e+]*, \"wanted_percent\": 0.01, \"state\": \"not known\"")" = 3 ]'
expect_success 'a number on the command line takes the place of the rule' \
    'trialbed run --machines fake --repetitions 2 noisy.yaml && [ "$(ask "select count(*) from run_facts where experiment_id = 3")" = 6 ]'

scenario killed 'precision: {metric: "phase.step:say", relative: 0.01%, min: 5, max: 9}'
expect_success 'killed and resumed, it has the rows of the whole plan in their order' \
    'trialbed run --machines fake -j 1 killed.yaml >out 2>&1 & pid=$!
     for i in $(seq 200); do [ "$(ask "select count(*) from run_facts where experiment = '"'killed'"' and status = '"'completed'"'" 2>/dev/null || echo 0)" -ge 18 ] && break; sleep 0.05; done
     kill -KILL $pid; wait $pid
     trialbed resume killed 2>&1 | tail -3
     sed "s/^precision.*/repetitions: 9/" killed.yaml >whole.yaml
     trialbed plan whole.yaml --csv | tail -n +2 | cut -d, -f2-4 | tr -d "\r\"" >planned
     ask "select cell || '"','"' || repetition || '"','"' || block from run_facts where experiment = '"'killed'"' order by position" >rows
     diff planned rows && [ "$(ask "select count(*) from run_facts where experiment = '"'killed'"' and status <> '"'completed'"'")" = 0 ]'

# A cell that is given up holds nobody else up: x=0 gets all its rounds, and the rest of x=1 waits for `resume`.
gives_up() { # gives_up NAME LIMIT LEFT
    scenario "$1" 'precision: {metric: "phase.step:say", relative: 0.01%, min: 5, max: 8}' "breaker: {cell: $2}" 'budget: {time: 1h}'
    sed -i 's/\[1, 2, 3\]/[0, 1]/; s/^\( *\)echo value.*/&\n\1fail ${x}/' "$1.yaml"
    expect_status 1 "after $2 failures a cell is given up" "trialbed run --machines fake -j 1 $1.yaml"
    expect_output 'the other one gets all its rounds' "grep 'given up for it' said; ask \"select distinct cell, status, count(*) over (partition by cell, status) from run_facts where experiment = '$1' and status <> 'planned'\"" <<END
trialbed: $2 runs failed, and $3 left in 1 cell given up for it
x=0|completed|8
x=1|failed|$2
exit 0
END
    expect_status 1 'resume --keep-going does the others' "trialbed resume $1 --keep-going"
    expect_success 'all of them' "[ \"\$(ask \"select count(*) filter (where cell = 'x=0' and status = 'completed'), count(*) filter (where cell = 'x=1' and status = 'failed'), count(*) from run_facts where experiment = '$1'\")\" = '8|8|16' ]"
}
gives_up early 3 '2 runs' # of the first round
gives_up late 5 '1 run'   # none, but there would be another round

scenario short 'repetitions: 5000' 'budget: {time: 6s}'
expect_success 'a budget ends well, with complete blocks and nothing planned' \
    'trialbed run --machines fake -j 1 short.yaml 2>said && cat said && n=$(ask "select iif(min(n) < max(n), min(n) || '"','"' || max(n), n) from cell_summary where experiment = '"'short'"' and metric = '"'value'"'") &&
     [ "${n%,*}" -gt 1 ] && [ "$(ask "select count(*) from run_facts where experiment = '"'short'"' and status <> '"'completed'"'")" = 0 ] &&
     grep -Eq "(every cell has|the cells have) ${n/,/ to } of 5000 repetitions; left out were the others, as " said'
expect_success 'status says what the budget has left' 'trialbed status short | grep -Eqx "the budget has [0-9]+ s of 6 s left" && ! trialbed status still | grep budget'
expect_status 2 'there is no precision where none was asked for' 'trialbed status short --precision'
expect_success 'a resume finds little or nothing to do, and leaves nothing planned either' \
    'trialbed resume short >said 2>&1; r=$?; cat said; [ $r = 0 ] && grep -q "left out were the others" said && [ "$(ask "select count(*) from run_facts where experiment = '"'short'"' and status <> '"'completed'"'")" = 0 ]'

scenario grows 'repetitions: 3' 'budget: {time: 1s}'
expect_success 'an experiment that grows after another one was made' \
    'trialbed run --machines fake -j 1 grows.yaml; trialbed run --machines fake -j 2 --repetitions 1 still.yaml;
     trialbed resume grows -j 1 --until "$(date -d "+2 hours" +%H:%M)" && [ "$(ask "select count(*) from run_facts where experiment = '"'grows'"' and status = '"'completed'"'")" = 9 ]'
facts="select experiment, cell, repetition, block, position, status from run_facts where experiment in ('grows', 'still') order by experiment_id, position"
values="select experiment, cell, metric, n, mean from cell_summary where metric = 'value' order by experiment_id, cell_id"
expect_success 'is merged whole into another lab' \
    'trialbed --lab other merge lab && for q in "$facts" "$values"; do ask "$q" >a; sqlite3 other/trialbed.db "$q" >b; diff a b || exit 1; done && trialbed --lab other doctor --lab'

scenario twice 'repetitions: 3' 'precision: {metric: value, relative: 2%}' 'budget: {time: 1h, until: 07:00}'
expect_output 'what cannot be is refused' 'trialbed check twice.yaml' <<'END'
twice.yaml:13:12: error: there are both 'repetitions' and 'precision'
twice.yaml:13:12: hint: remove 'repetitions'; 'min' and 'max' say how many there can be.
twice.yaml:14:9: error: 'budget' must have exactly one of 'time' and 'until'
trialbed: scenario 'twice.yaml' has 2 problems
exit 3
END

done_testing

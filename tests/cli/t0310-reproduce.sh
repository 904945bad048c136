#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# An experiment, and a bundle of it, run again on fake machines: the three verdicts, what they rest on, and the report. Fake machines
# measure the same every time, so the test gives the stored values their spread.
. "$(dirname "$0")/test-lib.sh"

cat >echo.yaml <<'YAML'
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [100, 200]}}
repetitions: 8
warmup: 1
seed: 7
steps:
  - name: say
    on: a
    run: echo value=${x}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
reproduce: {value: 5%}
YAML
trialbed -q run --machines fake echo.yaml >/dev/null 2>&1
sql() { sqlite3 -batch lab/trialbed.db "$1"; }
value() { # value EXPERIMENT EXPRESSION: what the metric's values of an experiment become
    sql "update run_value set value = $2 where metric_id = (select metric_id from metric where name = 'value' and experiment_id = $1)"
}
json() { sqlite3 -batch :memory: "select json_extract(readfile('$1'), '\$.$2')"; }

expect_success 'what measures the same is reproduced' 'trialbed reproduce 1 >out'
expect_success 'and said, with the environments before' 'head -1 out | grep -qx "environment: the same in all that is recorded" && grep -qx "experiment 1, run again as experiment 2: reproduced" out'
expect_success 'it was run as often as the original, cells, warm-ups, seed and all' \
    '[ "$(sql "select group_concat((cell_id - 2 * (experiment_id - 1)) || warmup || repetition, '"' '"') from (select * from run where experiment_id = 2 order by position)")" = "$(sql "select group_concat(cell_id || warmup || repetition, '"' '"') from (select * from run where experiment_id = 1 order by position)")" ]'
expect_success 'the new experiment has the name, and remembers what it reproduces' \
    '[ "$(sql "select json_extract(n.settings, '"'\$.reproduces'"') = o.uuid and n.name = '"'echo'"' from experiment o, experiment n where o.experiment_id = 1 and n.experiment_id = 2")" = 1 ]'
expect_success 'the report is there: page, figure, tables' '(cd lab/reports/echo-reproduced-2 && [ -s reproduction.svg ] && grep -q "<h1>echo: reproduced</h1>" index.html && head -1 reproduction.csv | grep -q "^metric,unit,cell,n_original,n," && grep -q "x=200" reproduction.md)'
expect_success 'the page loads nothing' '! grep -oE "(src|href)=\"[^\"]*\"" lab/reports/echo-reproduced-2/index.html | grep -vE "data:|\"reproduction[.]"'
expect_success 'the same bytes again' 'trialbed reproduce 1 --with 2 -o again && diff -r again lab/reports/echo-reproduced-2'
expect_success 'quick: complete blocks, no fewer than five' 'trialbed reproduce 1 --quick && [ "$(sql "select group_concat(n) from (select count(*) n from run where experiment_id = 3 and warmup = 0 group by cell_id)")" = 5,5 ]'
expect_success 'or so many' 'trialbed reproduce 1 --repetitions 3 --only x=100 && [ "$(sql "select count(*) from run where experiment_id = 4 and warmup = 0")" = 3 ]'

value 1 'value * 1.2'
expect_status 1 'what is off by more than the margin is not' 'trialbed reproduce 1 --quick >out'
expect_success 'and said' 'grep -qx "experiment 1, run again as experiment 5: not reproduced" out'
expect_success 'with a wider margin it is' 'trialbed reproduce 1 --with 5 --margin value=25%'
expect_success 'also one in the unit' 'trialbed reproduce 1 --with 5 --margin value=45'
expect_status 1 'in one cell only is not enough' 'trialbed reproduce 1 --with 5 --margin value=25 >out'
expect_success 'and the metric says so' 'grep -qE "^value +ms +25 ms +2 +1 +1 +0 +not reproduced$" out'

repetition='(select repetition from run where run.run_id = run_value.run_id)'
value 1 "200 + ($repetition % 4 - 1.5) * 4"
value 5 "201 + ($repetition % 5 - 2) * 16"
expect_status 1 'too few runs tell nothing' 'trialbed --json reproduce 1 --with 5 >j'
expect_success 'and how many would' '[ "$(json j verdict)" = inconclusive ] && json j words | grep -qE "^inconclusive \(n too small: need about [0-9]+\)$"'
need=$(json j words | sed 's/.*about \([0-9]*\).*/\1/')
expect_success 'more than there were, and not absurdly many' "[ $need -gt 5 ] && [ $need -lt 200 ]"
expect_success 'JSON has cells, metrics and environment' '[ "$(json j "cells[0].n_original")" = 8 ] && [ "$(json j "metrics[0].inconclusive")" = 2 ] && [ "$(json j environment)" = "[]" ]'
value 1 "200 + ($repetition % 4 - 1.5) * 200"
expect_status 1 'when it is the original that has too few, no number helps' 'trialbed reproduce 1 --with 5 >out'
expect_success 'and said' 'grep -q "inconclusive (no number of runs here decides it)" out'

# The environments
sql "update environment set value = 'elsewhere' where key = 'host.name' and experiment_id = 1"
expect_status 1 'the environments differ' 'trialbed reproduce 1 --quick --only x=200 >out'
expect_success 'and it is shown, there and here' 'grep -qx "environment: what differs" out && grep -qE "^host.name +elsewhere +$(uname -n)$" out'

# From a bundle, elsewhere
trialbed -q run --machines fake echo.yaml >/dev/null 2>&1
trialbed -q export -o e.tar.zst --only x=200 >/dev/null
rm -rf far && mkdir far
expect_success 'a bundle is imported and run again' '(cd far && trialbed --lab l reproduce ../e.tar.zst --quick >out && grep -qx "experiment 1, run again as experiment 2: reproduced" out)'
expect_success 'of what it holds' '[ "$(sqlite3 far/l/trialbed.db "select count(*), count(distinct cell_id) from run where warmup = 0 group by experiment_id order by experiment_id desc limit 1")" = "5|1" ]'
expect_success 'again it is here already' '(cd far && trialbed --lab l reproduce ../e.tar.zst --quick && [ "$(sqlite3 l/trialbed.db "select count(*) from experiment")" = 3 ])'
expect_success 'a bundle of the reproduction is as good as any' '(cd far && trialbed --lab l export 2 -o r.tar.zst && trialbed verify r.tar.zst && trialbed --lab m import r.tar.zst)'

# What makes no sense
expect_status 2 'another experiment is no reproduction' 'trialbed reproduce 2 --with 5'
expect_status 2 'a margin of nothing' 'trialbed reproduce 1 --margin value=0'
expect_status 2 'a margin of no metric' 'trialbed reproduce 1 --with 5 --margin nothing=5%'
experiments=$(sql 'select count(*) from experiment')
expect_status 2 'nor of one that is not run with it' 'trialbed reproduce 1 --quick --margin nothing=5%'
expect_status 2 'more runs than there can be' 'trialbed reproduce 1 --repetitions 5000001'
expect_success 'and nothing is run to find that out' '[ "$(sql "select count(*) from experiment")" = "$experiments" ]'
expect_status 2 'quick and so many' 'trialbed reproduce 1 --quick --repetitions 3'
expect_status 5 'a file that is no bundle' 'trialbed --lab none reproduce echo.yaml'

# Failed runs do not count, and are said
sed 's/run: echo/run: fail 1; echo/; s/^repetitions.*/repetitions: 2/' echo.yaml >fail.yaml
trialbed -q run --machines fake fail.yaml >/dev/null 2>&1
expect_status 2 'an experiment without a completed run has nothing to reproduce' 'trialbed reproduce fail'
expect_success 'and is not run again to find that out' '[ "$(sql "select count(*) from experiment")" = "$((experiments + 1))" ] && grep -q "has no measured value to be reproduced" said'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The example scenarios on real machines: each answers its question.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }

for name in boot-memory bottleneck neighbours loaded-link; do
    expect_success "$name runs and is reported" 'trialbed run "$top/scenarios/'$name'/scenario.yaml" && trialbed report '$name
done
expect_success 'the condition left 5 of 6 cells' '[ "$(sql "select count(*) from run_facts where experiment = '"'boot-memory'"' and status = '"'completed'"'")" = 5 ]'
expect_success 'the pairs make 4 cells' '[ "$(sql "select count(*) from run_facts where experiment = '"'bottleneck'"' and status = '"'completed'"'")" = 4 ]'
expect_success 'a large packet takes what was computed, and not much more' \
    '[ "$(sql "select count(*) from run_values where metric = '"'rtt'"' and cell like '"'%modem%size=1400'"' and value between 125 and 170")" = 1 ]'
expect_success 'the last of three neighbours answered' '[ "$(sql "select samples from run_values where metric = '"'rtt'"' and cell = '"'peers=3'"'")" = 20 ]'
expect_success 'the load was beside the pings, which waited behind it' \
    '[ "$(sql "select (select value from run_values where metric = '"'rtt'"' and cell = '"'streams=2'"') > 5 + (select value from run_values where metric = '"'rtt'"' and cell = '"'streams=0'"')")" = 1 ]'
expect_success 'instructions runs and is reported' 'trialbed run --repetitions 2 "$top/scenarios/instructions/scenario.yaml" && trialbed report instructions'
expect_success 'time that counts instructions is the same again within 1 %' \
    '[ "$(sql "select count(*) = 2 and max(value) / min(value) < 1.01 from run_values where metric = '"'work'"' and cell = '"'clock=instructions'"'")" = 1 ]'
expect_success 'all scenarios are among these, and the quickstart' '[ "$(ls "$top/scenarios" | paste -sd" ")" = "boot-memory bottleneck instructions loaded-link neighbours quickstart" ]'

done_testing

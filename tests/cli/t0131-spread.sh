#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What summary says of outliers and of where the spread comes from, on fake machines whose values are then set.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: spread
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {x: [1, 2]}}
repetitions: 6
order: sequential
steps:
  - name: say
    on: a
    run: echo v=1 v=2 v=3 w=${x}
    measure:
      - {metric: v, unit: ms, regex: 'v=([0-9.]+)'}
      - {metric: w, unit: ms, regex: 'w=([0-9.]+)'}
END
expect_success 'an experiment is run' 'trialbed -q run --machines fake s.yaml'
expect_success 'without outliers nothing is said of them' '! trialbed summary spread | grep outliers'

# Runs of 10 s, 3 s of which are their 3 iterations. Iterations are -1, 0 and 1 about their run's mean (variance 1); the means of
# the first cell's runs have the variance 3.5, so that of runs is 3.5 - 1/3; the second cell's have 1/3, so runs add nothing.
sqlite3 lab/trialbed.db "
    CREATE TEMP TABLE mean (cell_id INTEGER, repetition INTEGER, value REAL);
    INSERT INTO mean VALUES (1, 1, 10), (1, 2, 12), (1, 3, 11), (1, 4, 13), (1, 5, 9), (1, 6, 14),
        (2, 1, 10), (2, 2, 10), (2, 3, 10), (2, 4, 11), (2, 5, 10), (2, 6, 11);
    UPDATE sample SET value = (SELECT value FROM mean JOIN run USING (cell_id, repetition) WHERE run_id = sample.run_id)
        + sequence - 1 WHERE metric_id = 1;
    UPDATE run_value SET value = (SELECT value FROM mean JOIN run USING (cell_id, repetition) WHERE run_id = run_value.run_id)
        WHERE metric_id = 1;
    UPDATE attempt SET duration_ns = 10e9;
    UPDATE step SET duration_ns = 3e9;"
expect_output 'the spread is split' 'trialbed summary spread --variance' <<'END'
cell  metric  unit  runs  iterations     mean   sd_run  sd_iteration  run_percent  next_iterations  next_runs  note
x=1   v       ms       6           3  11.5     1.77951             1      90.4762                2         46  -
x=2   v       ms       6           3  10.3333  0                   1       0                     -          8  runs differ no more than their iterations do: longer runs are as good as more runs
x=1   w       ms       6           1   -       -                   -       -                     -          -  one iteration a run
x=2   w       ms       6           1   -       -                   -       -                     -          -  one iteration a run
exit 0
END
expect_output 'a mean that shall be known better needs more runs' 'trialbed summary spread --variance --precision 1 --metric v --csv' <<'END'
cell,metric,unit,runs,iterations,mean,sd_run,sd_iteration,run_percent,next_iterations,next_runs,note
x=1,v,ms,6,3,11.5,1.7795130420052185,1,90.47619047619047,2,1068,
x=2,v,ms,6,3,10.333333333333334,0,1,0,,123,runs differ no more than their iterations do: longer runs are as good as more runs
exit 0
END
expect_status 2 'a precision of nothing is refused' 'trialbed summary spread --variance --precision 0'
sqlite3 lab/trialbed.db 'UPDATE run_value SET value = 100 WHERE run_id = 3 AND metric_id = 1'
expect_output 'an outlier is flagged' 'trialbed summary spread --metric v | tail -1' <<'END'
outliers: 1 value is far from the cell's median; all count; 'trialbed summary 1 --outliers' lists them
exit 0
END
expect_output 'and listed' 'trialbed --json summary spread --outliers' <<'END'
[
  {"run_id": 3, "cell": "x=1", "metric": "v", "unit": "ms", "value": 100, "median": 12.5, "score": 29.509375}
]
exit 0
END

# docs/database.md answers this with one query; each run's p95 is its mean + 0.9.
sed -n '/^    select cell, count(\*) as runs, mean(p95)/,/limit 1"$/p' "$top/docs/database.md" | sed -e 's/"$//' -e "s/'rtt'/'v'/" >p95.sql
expect_output 'the documented query finds the cell with the highest p95' 'trialbed query "$(cat p95.sql)" --csv' <<'END'
cell,runs,mean(p95),ci95_low(p95),ci95_high(p95)
x=1,6,12.4,10.436685693019676,14.363314306980325
exit 0
END

done_testing

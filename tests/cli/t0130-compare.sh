#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# compare, on fake machines. Fake machines measure the same in every run, so the runs' values are then set to data of which R's
# answers are known: R's `sleep` (Student 1908), whose two drugs are the levels, and whose ten patients are the blocks.
. "$(dirname "$0")/test-lib.sh"

scenario() { # scenario NAME ORDER DRUGS
    cat <<END
name: $1
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {drug: [$3], dose: [low, high]}}
repetitions: 10
order: $2
steps:
  - name: say
    on: a
    run: |
      echo extra=1 \${drug} \${dose}
      echo fixed=\${drug}
    measure:
      - {metric: extra, unit: h, regex: 'extra=([0-9.]+)', direction: higher}
      - {metric: fixed, unit: ms, regex: 'fixed=([0-9]+)', direction: lower}
END
}
scenario blocked interleaved '1, 2' >blocked.yaml
scenario free sequential '1, 2' >free.yaml
scenario next sequential '1, 3' >next.yaml
sleep_data() { # sleep_data LAB: both doses get the same values; repetition r has the r-th patient
    sqlite3 "$1/trialbed.db" "
        CREATE TEMP TABLE patient (drug TEXT, repetition INTEGER, extra REAL);
        INSERT INTO patient VALUES ('1', 1, 0.7), ('1', 2, -1.6), ('1', 3, -0.2), ('1', 4, -1.2), ('1', 5, -0.1), ('1', 6, 3.4),
            ('1', 7, 3.7), ('1', 8, 0.8), ('1', 9, 0), ('1', 10, 2), ('2', 1, 1.9), ('2', 2, 0.8), ('2', 3, 1.1), ('2', 4, 0.1),
            ('2', 5, -0.1), ('2', 6, 4.4), ('2', 7, 5.5), ('2', 8, 1.6), ('2', 9, 4.6), ('2', 10, 3.4);
        UPDATE run_value SET value = coalesce((SELECT extra FROM patient p JOIN run r USING (repetition)
            JOIN cell_level USING (cell_id) JOIN level ON level.level_id = cell_level.level_id AND level.text = p.drug
            WHERE r.run_id = run_value.run_id), value)
        WHERE metric_id IN (SELECT metric_id FROM metric WHERE name = 'extra');"
}
expect_success 'two experiments are run' 'trialbed -q run --machines fake blocked.yaml && trialbed -q run --machines fake free.yaml'
expect_success 'a third one in a lab of its own' 'trialbed -q --lab other run --machines fake next.yaml'
sleep_data lab
sleep_data other

expect_output 'runs of a block are pairs' 'trialbed compare blocked --baseline drug=1 --metric extra' <<'END'
metric     baseline          cell              n         from    to  difference           ratio  p_holm  delta  verdict
extra (h)  drug=1 dose=low   drug=2 dose=low   10 pairs  0.75  2.33  1.58 [0.70, 2.46]  3.10667  0.0057   0.49  higher (better)
extra (h)  drug=1 dose=high  drug=2 dose=high  10 pairs  0.75  2.33  1.58 [0.70, 2.46]  3.10667  0.0057   0.49  higher (better)
note: no interval of the ratio: the baseline is not clearly off 0 (2 rows)
exit 0
END
expect_output 'without blocks the same values show less' 'trialbed compare free --baseline drug=1 --metric extra' <<'END'
metric     baseline          cell              n      from    to  difference            ratio  p_holm  delta  verdict
extra (h)  drug=1 dose=low   drug=2 dose=low   10/10  0.75  2.33  1.58 [-0.21, 3.37]  3.10667    0.16   0.49  no difference shown (n = 10, could have seen 380 %)
extra (h)  drug=1 dose=high  drug=2 dose=high  10/10  0.75  2.33  1.58 [-0.21, 3.37]  3.10667    0.16   0.49  no difference shown (n = 10, could have seen 380 %)
note: no interval of the ratio: the baseline is not clearly off 0 (2 rows)
exit 0
END
expect_output 'a metric that never varies is told apart' 'trialbed compare free --metric fixed' <<'END'
metric      baseline         cell              n      from  to  difference  ratio  p_holm  delta  verdict
fixed (ms)  drug=1 dose=low  drug=1 dose=high  10/10     1   1           0      1  -        0.00  the same in every run
fixed (ms)  drug=1 dose=low  drug=2 dose=low   10/10     1   2           1      2  -        1.00  slower, by the same in every run
fixed (ms)  drug=1 dose=low  drug=2 dose=high  10/10     1   2           1      2  -        1.00  slower, by the same in every run
exit 0
END
expect_output 'JSON has all columns' 'trialbed --json compare blocked --baseline drug=1 --baseline dose=low --metric extra | sed -n "/drug=2 dose=low/p"' <<'END'
  {"metric": "extra", "unit": "h", "baseline_experiment_id": 1, "baseline": "drug=1 dose=low", "experiment_id": 1, "cell": "drug=2 dose=low", "method": "means, paired", "n_baseline": 10, "n": 10, "value_baseline": 0.75, "value": 2.33, "difference": 1.58, "difference_low": 0.7001142367230176, "difference_high": 2.4598857632769824, "ratio": 3.106666666666667, "ratio_low": null, "ratio_high": null, "p": 0.00283289019738427, "p_holm": 0.00566578039476854, "rank_p": 0.009090698015925056, "rank_p_holm": 0.018181396031850112, "cliffs_delta": 0.49, "detectable": 1.4007854057526727, "verdict": "higher (better)", "note": "no interval of the ratio: the baseline is not clearly off 0"},
exit 0
END
expect_success 'CSV has a heading and a row a comparison' '[ "$(trialbed compare blocked --csv | wc -l)" = 7 ]'
expect_output 'medians and ranks' 'trialbed compare free --baseline drug=1 --metric extra --medians --csv | cut -d, -f6,7,10-15,18,19,24 | head -2' <<'END'
cell,method,value_baseline,value,difference,difference_low,difference_high,ratio,p,p_holm,verdict
drug=2 dose=low,medians,0.35,1.75,1.4,-0.7499999999999999,4.15,5,0.06932757543362658,0.13865515086725316,"no difference shown (n = 10
exit 0
END
expect_output 'two experiments, cell by cell' 'trialbed compare blocked free --metric extra' <<'END'
baseline: experiment 1; compared with it: experiment 2
metric     baseline          cell              n      from    to  difference          ratio              p_holm  delta  verdict
extra (h)  drug=1 dose=low   drug=1 dose=low   10/10  0.75  0.75  0.00 [-1.68, 1.68]  1                       1   0.00  no difference shown (n = 10, could have seen 390 %)
extra (h)  drug=1 dose=high  drug=1 dose=high  10/10  0.75  0.75  0.00 [-1.68, 1.68]  1                       1   0.00  no difference shown (n = 10, could have seen 390 %)
extra (h)  drug=2 dose=low   drug=2 dose=low   10/10  2.33  2.33  0.00 [-1.88, 1.88]  1.00 [0.39, 2.58]       1   0.00  no difference shown (n = 10, could have seen 140 %)
extra (h)  drug=2 dose=high  drug=2 dose=high  10/10  2.33  2.33  0.00 [-1.88, 1.88]  1.00 [0.39, 2.58]       1   0.00  no difference shown (n = 10, could have seen 140 %)
note: no interval of the ratio: the baseline is not clearly off 0 (2 rows)
exit 0
END
expect_output 'an experiment of another lab; what has no partner is said' 'trialbed compare next free --baseline-lab other --metric extra' <<'END'
left out: cell 'drug=2 dose=low': it has no partner in the baseline
left out: cell 'drug=2 dose=high': it has no partner in the baseline
left out: cell 'drug=3 dose=low' of the baseline: nothing is compared with it
left out: cell 'drug=3 dose=high' of the baseline: nothing is compared with it
baseline: experiment 1; compared with it: experiment 2
metric     baseline          cell              n      from    to  difference          ratio  p_holm  delta  verdict
extra (h)  drug=1 dose=low   drug=1 dose=low   10/10  0.75  0.75  0.00 [-1.68, 1.68]      1       1   0.00  no difference shown (n = 10, could have seen 350 %)
extra (h)  drug=1 dose=high  drug=1 dose=high  10/10  0.75  0.75  0.00 [-1.68, 1.68]      1       1   0.00  no difference shown (n = 10, could have seen 350 %)
note: no interval of the ratio: the baseline is not clearly off 0 (2 rows)
exit 0
END
expect_output 'a level of the baseline may stand for another' 'trialbed compare next free --baseline-lab other --metric extra --baseline drug=1 --csv | cut -d, -f4,6' <<'END'
left out: cell 'drug=3 dose=low' of the baseline: nothing is compared with it
left out: cell 'drug=3 dose=high' of the baseline: nothing is compared with it
baseline,cell
drug=1 dose=low,drug=1 dose=low
drug=1 dose=high,drug=1 dose=high
drug=1 dose=low,drug=2 dose=low
drug=1 dose=high,drug=2 dose=high
exit 0
END
sqlite3 lab/trialbed.db "UPDATE run SET status = 'tainted' WHERE experiment_id = 1 AND block > 3 AND cell_id = 1; UPDATE run SET status = 'tainted' WHERE experiment_id = 2 AND repetition > 1 AND cell_id = 5"
expect_output 'few runs, and runs without a partner' 'trialbed compare blocked --metric extra' <<'END'
metric     baseline         cell              n             from         to  difference          ratio  p_holm  delta  verdict
extra (h)  drug=1 dose=low  drug=1 dose=high  3 pairs  -0.366667  -0.366667  0                       1     -     0.00  the same in every block
extra (h)  drug=1 dose=low  drug=2 dose=low   3 pairs  -0.37       1.27      1.63 [-0.02, 3.29]      -     0.1   1.00  no difference shown (n = 3 pairs, could have seen 840 %)
extra (h)  drug=1 dose=low  drug=2 dose=high  3 pairs  -0.37       1.27      1.63 [-0.02, 3.29]      -     0.1   1.00  no difference shown (n = 3 pairs, could have seen 840 %)
note: no rank test under 4 runs a side; 7 runs without a partner in their block (1 row)
note: no rank test under 4 runs a side; no ratio: a side is 0 or they have not the same sign; 7 runs without a partner in their block (2 rows)
exit 0
END
expect_output 'a single run' 'trialbed compare free --metric extra' <<'END'
metric     baseline         cell              n     from    to  difference    ratio  p_holm  delta  verdict
extra (h)  drug=1 dose=low  drug=1 dose=high  1/10   0.7  0.75        0.05  1.07143  -       -0.10  too few runs to say (n = 1 and 10)
extra (h)  drug=1 dose=low  drug=2 dose=low   1/10   0.7  2.33        1.63  3.32857  -        0.60  too few runs to say (n = 1 and 10)
extra (h)  drug=1 dose=low  drug=2 dose=high  1/10   0.7  2.33        1.63  3.32857  -        0.60  too few runs to say (n = 1 and 10)
note: no rank test under 4 runs a side (3 rows)
exit 0
END
expect_output 'a level that is not there' 'trialbed compare blocked --baseline drug=9' <<'END'
trialbed: factor 'drug' has no level '9'
hint: its levels are 1, 2.
exit 2
END
expect_output 'a factor that is not there' 'trialbed compare blocked --baseline colour=1' <<'END'
trialbed: experiment 'blocked' has no factor 'colour'
hint: its factors are drug and dose.
exit 2
END
expect_output 'a metric that is not there' 'trialbed compare blocked --metric latency' <<'END'
trialbed: experiment 'blocked' has no metric 'latency'
hint: 'trialbed summary 1 --all' shows the metrics there are.
exit 2
END
expect_output 'a lab that is not there' 'trialbed compare 1 2 --baseline-lab nowhere' <<'END'
trialbed: there is no lab at 'nowhere'
exit 2
END

done_testing

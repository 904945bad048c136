#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Outlying and tainted runs are marked in every figure that shows runs, and one far off does not press the means together.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'YAML'
name: marks
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
repetitions: 10
steps:
  - name: say
    on: a
    run: echo value=5
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
YAML
expect_success 'an experiment runs' 'trialbed run --machines fake s.yaml'
sqlite3 lab/trialbed.db "UPDATE run_value SET value = 5 + (run_id % 4) / 10.0
        WHERE metric_id = (SELECT metric_id FROM metric WHERE name = 'value');
    UPDATE run_value SET value = 500 WHERE run_id = 6 AND metric_id = (SELECT metric_id FROM metric WHERE name = 'value');
    UPDATE run_value SET value = 5.5 WHERE run_id = 7 AND metric_id = (SELECT metric_id FROM metric WHERE name = 'value');
    UPDATE cell_stat SET mean = 5.1, stddev = 0.1, sem = 0.04, ci95_low = 5, ci95_high = 5.2;
    UPDATE run SET status = 'tainted' WHERE run_id = 7"

# Files of one kind: FIGURE
draw() {
    rm -rf out
    trialbed report -o out --figure "$1" --metric value
}
for kind in errorbars lines bars; do
    expect_success "$kind is drawn" "draw $kind"
    expect_success "$kind has the outlying run at the end of its axis and the tainted one where it is" \
        "sed -n '/^\$marks/,/^END/p' out/*.gp | cut -f 4-6 | tee /dev/stderr | grep -qP '^7\\.(8|79)\\d*\\t8\\t6\$' && grep -qP '\\t5.5\\t2\\t7\$' out/*.gp"
    expect_success "$kind says so" \
        'grep -q "1 outlying run is circled; 1 tainted run is crossed, not counted; triangle: such a run beyond the axis" out/index.html'
done
for kind in scatter order timeseries cdf ccdf; do
    expect_success "$kind is drawn" "draw $kind"
    expect_success "$kind has them marked in its numbers" \
        "awk -F'\\t' 'NR == 1 { for (i = 1; i <= NF; i++) at[\$i] = i; next } NF && \$at[\"outlier\"] == 1 { print \$at[\"run\"] }' out/*.tsv | sort -u | diff - <(echo 6)"
    expect_success "$kind says so" 'grep -q "1 outlying run is circled; 1 tainted run is crossed" out/index.html'
done
expect_success 'violin is drawn' 'draw violin'
expect_success 'violin has them marked in its numbers' 'grep -c -e ^outlier -e ^tainted out/*.tsv | grep -qx 2'
done_testing

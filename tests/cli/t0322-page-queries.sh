#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Below each figure and table of the page is a command to paste, and it prints the numbers that are drawn.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'YAML'
name: "queries"
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {size: [1, 2], kind: [u, "v"]}}
repetitions: 6
steps:
  - name: say
    on: a
    run: echo value=${size}.5 value=2 ${kind}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
report:
  - {figure: errorbars, metric: value}
  - {figure: lines, metric: value}
  - {figure: bars, metric: value}
  - {figure: box, metric: value}
  - {figure: violin, metric: value}
  - {figure: scatter, metric: value}
  - {figure: cdf, metric: value}
  - {figure: ccdf, metric: value}
  - {figure: histogram, metric: value}
  - {figure: heatmap, metric: value}
  - {figure: order, metric: value}
  - {figure: convergence, metric: value}
  - {figure: timeseries, metric: value}
  - {figure: phases}
  - {figure: gantt}
  - {figure: expected-vs-measured, metric: value, x: size, expected: "2 = value[1] + 1"}
YAML
expect_success 'an experiment runs' 'trialbed run --machines fake s.yaml'
# As a noisy host, a guest with a strange tongue and a hand in the database would leave it.
sqlite3 lab/trialbed.db "UPDATE run SET status = 'tainted' WHERE run_id = 3;
    UPDATE run SET status = 'failed' WHERE run_id = 4;
    UPDATE attempt SET status = 'failed', class = 'step', phase = 'step:say', reason = 'it said <b>\"\$HOME\"</b>' WHERE run_id = 4;
    DELETE FROM run_value WHERE run_id = 4"
expect_success 'there is a report' 'trialbed report -o out'

# query NAME: what the page has for it, ready for a shell
query() {
    grep -A1 "of $1</span>" out/index.html | sed -n 's,^<pre tabindex="0">\(.*\)</pre></details>$,\1,p' |
        sed 's,&quot;,",g; s,&lt;,<,g; s,&gt;,>,g; s,&amp;,\&,g'
}
# column FILE NAME...: these columns of a .tsv
column() {
    file=$1; shift
    awk -F'\t' -v names="$*" 'NR == 1 { for (i = 1; i <= NF; i++) place[$i] = i; count = split(names, name, " "); next }
        NF > 0 { line = ""; for (i = 1; i <= count; i++) line = line (i > 1 ? "," : "") $(place[name[i]]); print line }' "$file"
}
for tsv in out/*.tsv; do
    name=$(basename "$tsv" .tsv)
    expect_success "the query of $name has rows" \
        "query $name >command && test -s command && bash -c \"\$(cat command) --csv\" >rows.csv && test \"\$(wc -l <rows.csv)\" -gt 2"
    case $name in
    errorbars*|lines*|bars*|heatmap*) columns='n mean' mine='$4 "," $5' ;;
    scatter*|violin*|cdf*|ccdf*) columns='value' mine='$3' ;;
    order*) columns='executed run status value' mine='$1 "," $2 "," $4 "," $5' ;;
    timeseries*) columns='run sequence value' mine='$2 "," $3 "," $4' ;;
    convergence*) columns='k half_width' mine='$2 "," $4' ;; # from the second run on
    phases*) columns='name n' mine='$2 "," $3' ;;
    *) continue ;;
    esac
    case $name in
    scatter*|cdf*|ccdf*) counted='1' ;;
    violin*) counted='1'; column "$tsv" what value | sed -n 's/^\(run\|tainted\),//p' >drawn.txt ;;
    convergence*) counted='$2 > 1' ;;
    *) counted=1 ;;
    esac
    case $name in violin*) ;; *) column "$tsv" $columns >drawn.txt ;; esac
    expect_success "its numbers are those of $name.tsv" \
        "diff <(sort drawn.txt) <(tail -n +2 rows.csv | awk -F, '$counted { print $mine }' | sort)"
done
expect_success 'there are as many queries as figures and tables' \
    'test "$(grep -c "<summary>Query" out/index.html)" = $(($(ls out/*.tsv | wc -l) + 4))'
for name in Results Runs Environment; do
    expect_success "the query of $name runs" "bash -c \"\$(query $name)\" >rows && test -s rows"
done
expect_success 'failed and tainted attempts are listed with their reasons' \
    "bash -c \"\$(query 'Failed and tainted attempts') --csv\" >rows.csv && grep '^4,.*step:say' rows.csv && grep '^3,.*tainted' rows.csv && test \$(wc -l <rows.csv) = 3"
expect_success 'also on the page, as text' 'grep -q "it said &lt;b&gt;&quot;\$HOME&quot;&lt;/b&gt;" out/index.html'
done_testing

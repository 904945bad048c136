#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What docs/database.md tells to ask is answered, by `trialbed query` and by the sqlite3 shell with the loadable extension.
. "$(dirname "$0")/test-lib.sh"

# Two samples a run, so that its p95 is 0.05 of the smaller and 0.95 of the larger one.
cat >s.yaml <<'END'
name: rtt
machines: [{name: a, image: tiny}]
matrix: {factors: {delay: [0ms, 10ms], size: [64, 1400]}}
repetitions: 3
steps:
  - {name: say, on: a, run: "echo ${delay} rtt=${size}\necho rtt=10", measure: [{metric: rtt, unit: ms, regex: 'rtt=([0-9.]+)', direction: lower}]}
END
trialbed -q run --machines fake s.yaml
# Runs differ (their values, worked out when they were stored, do not): their larger sample is 1400 to 1420 with 10 ms, less 100 with 0 ms.
sqlite3 lab/trialbed.db "update sample set value = value + 10 * (select repetition - 1 from run_facts f where f.run_id = sample.run_id)
    - (select 100 * (cell glob 'delay=0ms*') from run_facts f where f.run_id = sample.run_id)
    where value > 100 and metric_id = (select metric_id from metric where name = 'rtt')"

# Every block of the document that begins with this word, its number in front of every line.
blocks() { awk -v word="$1" '/^```/ { inside = !inside; first = 1; next } inside { if (first) { ours = index($0, word) == 1; n += ours; first = 0 } if (ours) print n ":" $0 }' "$top/docs/database.md"; }
blocks 'trialbed query' >queries
questions=$(tail -1 queries | cut -d: -f1)
expect_success 'there are questions' '[ "$questions" -ge 6 ]'
for i in $(seq "$questions"); do
    sed -n "s/^$i://p" queries >"query-$i.sh"
    expect_success "question $i of docs/database.md is answered" "sh -e query-$i.sh"
done

# p95 of the three runs with delay=10ms size=1400: 0.05 * 10 + 0.95 * (1400, 1410, 1420); t(0.975, 2) = 4.302652729749.
expect_output 'the cell with the highest p95 rtt, with its interval' 'sh -e query-1.sh' <<'END'
cell                  runs  mean(p95)  ci95_low(p95)  ci95_high(p95)
delay=10ms size=1400     3       1340         1316.4          1363.6
exit 0
END
cat >arithmetic.sql <<'END'
select abs(json_extract(j, '$[0]."mean(p95)"') - (0.05 * 10 + 0.95 * 1410)) < 1e-9
   and abs(json_extract(j, '$[0]."ci95_high(p95)"') - (0.05 * 10 + 0.95 * 1410 + 4.302652729749464 * 9.5 / sqrt(3))) < 1e-6
from (select readfile('answer') as j);
END
expect_success 'which is what arithmetic says' 'sed "s/trialbed query/trialbed --json query/" query-1.sh >json.sh && sh -e json.sh >answer &&
    [ "$(sqlite3 :memory: <arithmetic.sql)" = 1 ]'

blocks 'sqlite3 lab/trialbed.db' | sed -nE "s/^[0-9]+:(sqlite>|   \.\.\.>) //p" | sed "s,build/release,$TRIALBED_BUILD," >shell
expect_success 'the session of the sqlite3 shell in the document works' '[ "$(grep -c select shell)" = 1 ] && sqlite3 lab/trialbed.db <shell | grep -Eq "^delay=1?0ms size=1400[|]705.0[|]"'
functions='mean(x) stddev(x) variance(x) sem(x) median(x) percentile(x,95) mad(x) ci95_low(x) ci95_high(x) geomean(x) harmonic_mean(x) t_quantile(0.975,9)'
for function in $functions; do
    { echo ".load $TRIALBED_BUILD/trialbed_stats"; echo "select printf('%.12g', $function) from (select 1.5 as x union all select 2 union all select 4) limit 1;"; } >ask
    expect_success "$function is the same in the sqlite3 shell and in query" \
        '[ "$(sqlite3 :memory: <ask)" = "$(trialbed query --csv "$(sed -n "2s/;//p" ask)" | tail -1)" ] && [ -n "$(sqlite3 :memory: <ask)" ]'
done
done_testing

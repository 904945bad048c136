#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make check-soak`: RUNS=2000 short runs on fake machines, one coordinator. Its memory, its descriptors and the files in the lab are looked
# at all the time: after the first tenth none of them may grow but the files that belong to runs.
. "$(dirname "$0")/../cli/test-lib.sh"
RUNS=${RUNS:-2000} JOBS=${JOBS:-4}
cat >s.yaml <<END
name: soak
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3, 4]}}
repetitions: $((RUNS / 4))
retries: 1
retry_backoff: 1ms
steps: [{name: work, on: a, run: "echo value=\${x}", measure: [{metric: value, regex: 'value=([0-9]+)'}]}]
END
rss() { awk '/^VmRSS/ { print $2 }' "/proc/$1/status" 2>/dev/null; }
trialbed -q run --machines fake -j "$JOBS" s.yaml & coordinator=$!
# "runs KiB descriptors threads", twice a second
while kill -0 $coordinator 2>/dev/null; do
    done_now=$(sqlite3 lab/trialbed.db "select count(*) from run where status = 'completed'" 2>/dev/null || echo 0)
    memory=$(rss $coordinator) descriptors=$(find /proc/$coordinator/fd -type l 2>/dev/null | wc -l)
    [ -n "$memory" ] && [ "$descriptors" -gt 0 ] && echo "$done_now $memory $descriptors"
    sleep 0.5
done >samples
wait $coordinator; status=$?
expect_success "$RUNS runs are completed" '[ $status -eq 0 ] && [ "$(sqlite3 lab/trialbed.db "select count(*) from run where status = '"'completed'"'")" = '"$((RUNS / 4 * 4))"' ]'
awk -v runs="$RUNS" '$1 >= runs / 10 { if (!n++) { first = $2 } last = $2; if ($2 > most) most = $2 }
    END { printf "%d samples, memory %d KiB after a tenth, %d at the end, %d at most\n", n, first, last, most; exit !(n > 2 && most < first * 1.2 + 1024 && most < 100 * 1024) }' samples >memory; grew=$?
expect_success 'its memory does not grow, and stays under 100 MiB' 'cat memory; [ $grew -eq 0 ]'
# A worker has three or four of them, and one more is always ready.
awk -v runs="$RUNS" -v jobs="$JOBS" '$1 < runs / 2 && $3 > first { first = $3 } $1 >= runs / 2 && $3 > last { last = $3 } { n++ }
    END { printf "at most %d descriptors in the first half, %d in the second\n", first, last; exit !(n > 4 && last <= first + jobs && last <= 20 + 6 * jobs) }' samples >descriptors; grew=$?
expect_success 'its descriptors come and go with its workers, and no more' 'cat descriptors; [ $grew -eq 0 ]'
expect_success 'every file in the lab belongs to a row of the database' 'trialbed doctor --lab'
expect_success 'no process and no temporary file is left' '! find lab -name "*.tmp*" -o -name "scratch*" | grep . && trialbed clean | grep -q "nothing to clean"'
sed 's/^/# /' memory descriptors
done_testing

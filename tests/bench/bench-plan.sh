#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What planning takes: first a million runs expanded, ordered and stored (bench-plan.c), then the commands as a user waits for them.
# N: how often (5). Prints wall and processor time, median [smallest .. largest].
set -eu
n=${N:-5}
work=$(mktemp -d "${TMPDIR:-/tmp}/trialbed-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
trialbed() { "$TRIALBED" --lab "$work/lab" "$@"; }

# measure WHAT TARGET COMMAND...: n times, without what it prints.
measure() {
    local what=$1 target=$2 i
    shift 2
    TIMEFORMAT='%R %U %S'
    for ((i = 0; i < n; i++)); do
        { time "$@" >/dev/null 2>&1; } 2>&1
    done | LC_ALL=C awk -v what="$what" -v target="$target" '
        { wall[NR] = $1; cpu[NR] = $2 + $3 }
        function spread(v, i, j, t) {
            for (i = 2; i <= NR; i++) for (j = i; j > 1 && v[j - 1] > v[j]; j--) { t = v[j]; v[j] = v[j - 1]; v[j - 1] = t }
            return sprintf("%.3f s [%.3f .. %.3f]", v[int((NR + 1) / 2)], v[1], v[NR])
        }
        END { printf "  %-58s %s  %s  n = %d, target: %s\n", what, spread(wall), spread(cpu), NR, target }'
}

"$BENCH_PLAN"
{
    echo 'machines: [{name: a, image: tiny}]'
    echo steps:
    for ((i = 0; i < 3333; i++)); do printf '  - name: step%d\n    on: a\n    run: echo %d\n' $i $i; done
} >"$work/long.yaml"
cat >"$work/many.yaml" <<'END'
name: many
machines: [{name: a, image: tiny}]
repetitions: 10
seed: 1
matrix: {factors: {f0: {from: 0, to: 9}, f1: {from: 0, to: 9}, f2: {from: 0, to: 9}, f3: {from: 0, to: 9}}}
steps: [{name: s, on: a, run: 'echo ${f0}${f1}${f2}${f3}'}]
END
echo 'commands: wall time, processor time'
measure "check of $(wc -l <"$work/long.yaml") lines" '100 ms' trialbed check "$work/long.yaml"
measure 'of it the start of the program (trialbed version)' '-' trialbed version
measure 'plan --explain of 100,000 runs in an empty lab' '2 s' trialbed plan --machines fake --explain "$work/many.yaml"
# An experiment that is stored and cut short; then all of its runs are done, and in each cell something has changed since.
timeout -s INT 5 "$TRIALBED" -q --lab "$work/lab" run --machines fake "$work/many.yaml" >/dev/null 2>&1 || true
sqlite3 "$work/lab/trialbed.db" "BEGIN;
    UPDATE run SET status = 'completed', executed = 1000000 + position WHERE status <> 'completed';
    INSERT OR IGNORE INTO attempt (run_id, attempt, status, started_ns, duration_ns, platform, accelerator, backend, concurrent)
        SELECT run_id, 1, 'completed', 1, 1000000000, 'vm', 'none', 'fake', 1 FROM run;
    INSERT OR REPLACE INTO run_input SELECT run_id, printf('%064d', cell_id) FROM run; COMMIT;"
sed -i 's/echo/echo x/' "$work/many.yaml"
measure 'the same where all 10,000 cells were done and have changed' '2 s' trialbed plan --machines fake --explain "$work/many.yaml"

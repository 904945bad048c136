#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Run TAP test programs, JOBS (default: one a processor) side by side; a line for each as it ends, all of what failed; one line of totals.
# What stands before a `--` among the arguments has ended before what stands behind it begins.
set -u
JOBS=${JOBS:-$(nproc)}
results=$(mktemp -d "${TMPDIR:-/tmp}/trialbed-tap.XXXXXX") || exit 1
trap 'rm -rf "$results"' EXIT
trap 'exit 130' INT TERM
started_all=$SECONDS

run_one() { # TEST NUMBER: its passed and failed go to the folder of results, its line to the output in one piece
    local test=$1 out status ok bad planned took started
    started=$(date +%s%N)
    out=$("$test" 2>&1 </dev/null); status=$?
    ok=$(printf '%s\n' "$out" | grep -c '^ok ')
    bad=$(printf '%s\n' "$out" | grep -c '^not ok ')
    planned=$(printf '%s\n' "$out" | sed -n 's/^1\.\.//p')
    took=$((($(date +%s%N) - started) / 1000000))
    {
        flock 9
        if [ "$bad" -gt 0 ] || [ "$status" -ne 0 ] || [ "$ok" != "$planned" ] || [ "$ok" = 0 ]; then
            printf '%s: exit %d, %d failed, %d of %s ran (%d ms)\n%s\n' "$test" "$status" "$bad" $((ok + bad)) "${planned:-an unknown number}" "$took" "$out"
            [ "$bad" -gt 0 ] || bad=1
        else
            printf '%-52s %4d passed %8d ms\n' "${test##*tests/}" "$ok" "$took"
            printf '%s\n' "$out" | sed -n 's/^#: /    /p' # what a test wants to be known although it passed
        fi
    } 9>"$results/lock"
    echo "$ok $bad" >"$results/$2"
}

running=0 number=0
for test; do
    if [ "$test" = -- ]; then
        wait; running=0
        continue
    fi
    [ "$running" -lt "$JOBS" ] || { wait -n; running=$((running - 1)); }
    number=$((number + 1)); running=$((running + 1))
    run_one "$test" "$number" &
done
wait
passed=0 failed=0
for ((n = 1; n <= number; n++)); do
    # A test whose result is missing was ended from outside: that is a failure.
    read -r ok bad <"$results/$n" || { ok=0 bad=1; }
    passed=$((passed + ok)); failed=$((failed + bad))
done 2>/dev/null
printf 'time: %d s\n' $((SECONDS - started_all))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Run each TAP test program, one line each; show all of what failed; end with one line of totals.
set -u
passed=0 failed=0 started_all=$SECONDS
for test; do
    started=$(date +%s%N)
    out=$("$test" 2>&1 </dev/null); status=$?
    ok=$(printf '%s\n' "$out" | grep -c '^ok ')
    bad=$(printf '%s\n' "$out" | grep -c '^not ok ')
    passed=$((passed + ok)); failed=$((failed + bad))
    took=$((($(date +%s%N) - started) / 1000000))
    if [ "$bad" -gt 0 ] || [ "$status" -ne 0 ] || [ $((ok + bad)) -eq 0 ]; then
        printf '%s: exit %d, %d failed (%d ms)\n%s\n' "$test" "$status" "$bad" "$took" "$out"
        [ "$bad" -gt 0 ] || failed=$((failed + 1))
    else
        printf '%-52s %4d passed %8d ms\n' "${test##*tests/}" "$ok" "$took"
    fi
done
printf 'time: %d s\n' $((SECONDS - started_all))
printf '%d passed, %d failed\n' "$passed" "$failed"
[ "$failed" -eq 0 ]

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the compiler cannot see. An exception carries its reason on the same line: /* allowed: ... */
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0 failures=0

# lint TITLE PATTERN PATHSPEC...: no tracked line may match.
lint() {
    title=$1 pattern=$2
    shift 2
    count=$((count + 1))
    hits=$(git grep -nE "$pattern" -- "$@" | grep -v '/\* allowed: ')
    if [ -z "$hits" ]; then
        echo "ok $count - $title"
    else
        failures=$((failures + 1))
        echo "not ok $count - $title"
        printf '%s\n' "$hits" | sed 's/^/# /'
    fi
}

lint 'no call of functions that cannot be used safely' '[^a-z_](system|popen|atoi|atol|sprintf|strcpy|strcat|sleep|gets)\(' '*.c' '*.h'
lint 'clocks are read in runner/base/clock.c only' '[^a-z_](time\(NULL|clock_gettime\(|gettimeofday\(|g_get_(real|monotonic)_time)' \
    '*.c' ':!runner/base/clock.c' ':!guest/' ':!tests/'
lint 'programs are started in runner/base only' '[^a-z_](fork|execv[pe]*|execl[pe]*|posix_spawnp?)\(|g_spawn_|g_subprocess_' \
    '*.c' ':!runner/base' ':!guest/' ':!tests/'
lint 'SQL is spoken in db only' 'sqlite3_' '*.c' '*.h' ':!db/' ':!tests/unit/db/' ':!tests/bench/'
missing=$(git ls-files -z '*.c' '*.h' '*.sh' Makefile | xargs -0 awk '
    FNR == 1 { file[FILENAME] } FNR > 3 { nextfile } /SPDX-License-Identifier: GPL-3.0-or-later/ { delete file[FILENAME] }
    END { for (name in file) print name }')
count=$((count + 1))
if [ -z "$missing" ]; then echo "ok $count - every source has its licence line"
else failures=$((failures + 1)); echo "not ok $count - every source has its licence line"; printf '%s\n' "$missing" | sed 's/^/# /'; fi
echo "1..$count"
[ "$failures" -eq 0 ]

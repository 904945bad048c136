#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# No layer includes one above it. LAYER_TABLE comes from the Makefile: "folders = folders it may include;" for every layer.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0 failures=0
while IFS='=' read -r -d ';' folders allowed; do
    for folder in $folders; do
        hits=
        for hit in $(grep -Hno '^#include "[a-z/-]*/' "$folder"/*.[ch] 2>/dev/null | tr -d ' '); do
            target=${hit#*\"} target=${target%/}
            case " $allowed gen " in
            *" $target "*) ;;
            *) hits="$hits ${hit%%#*}$target" ;;
            esac
        done
        count=$((count + 1))
        if [ -z "$hits" ]; then
            echo "ok $count - $folder includes only what it may"
        else
            failures=$((failures + 1))
            echo "not ok $count - $folder includes only what it may"
            for hit in $hits; do echo "# $hit is not among:$allowed"; done
        fi
    done
done <<<"$LAYER_TABLE"
echo "1..$count"
[ "$failures" -eq 0 ] && [ "$count" -gt 5 ]

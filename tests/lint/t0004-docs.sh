#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the documents name is there: files, targets of make, the stations of the tour.
set -u
cd "$(dirname "$0")/../.." || exit 1
count=0 failures=0

report() { # report TITLE COMPLAINT
    count=$((count + 1))
    if [ -z "$2" ]; then
        echo "ok $count - $1"
    else
        failures=$((failures + 1))
        echo "not ok $count - $1"
        printf '%s\n' "$2" | sed 's/^/# /'
    fi
}

documents=(README.md HACKING.md NEWS.md docs/*.md)
missing_files() { # paths in backticks without a placeholder in capitals or a pattern, and targets of links
    {
        grep -noE '`(runner|guest|db|stats|images|collectors|reports|tests|tools|docs|scenarios)/[a-z0-9_./-]+`' "${documents[@]}" | tr -d '`'
        for document in "${documents[@]}"; do
            grep -noE '\]\([A-Za-z0-9_./-]+\)' "$document" | sed -E "s,^([0-9]+):\]\((.*)\)\$,$document:\1:$(dirname "$document")/\2,"
        done
    } | while IFS=: read -r document line path; do
        [ -e "$path" ] || echo "$document:$line: there is no '$path'"
    done
}
missing_targets() {
    grep -noE '`?make [a-z][a-z-]+' "${documents[@]}" | grep '`' | sed 's/`make //' | while IFS=: read -r document line target; do
        grep -q "^$target:" Makefile || echo "$document:$line: there is no target '$target' in the Makefile"
    done
}
report 'every file that a document names is there' "$(missing_files)"
report 'every target of make that a document names is there' "$(missing_targets)"
report 'the tour has eight stations, each once' \
    "$(make --no-print-directory tour | cut -d' ' -f1 | paste -sd' ' | grep -vxF '1 2 3 4 5 6 7 8')"

echo "1..$count"
[ "$failures" -eq 0 ]

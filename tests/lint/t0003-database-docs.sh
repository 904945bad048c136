#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/database.md says of every view, table and column what the schema says of it.
set -u
cd "$(dirname "$0")/../.." || exit 1
echo 1..1
if complaint=$(tools/database-docs.sh 2>&1 | diff - docs/database.md 2>&1); then
    echo 'ok 1 - docs/database.md is what the schema says'
else
    echo 'not ok 1 - docs/database.md is what the schema says'
    printf '%s\n' "$complaint" | sed 's/^/# /'
    echo '# tools/database-docs.sh >new && mv new docs/database.md'
    exit 1
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Print docs/database.md anew: what stands there above the marker, and below it every view and table with the comments
# that the schema itself carries. Exit 1 when one is missing. To update the file:
# tools/database-docs.sh >new && mv new docs/database.md
set -eu -o pipefail
cd "$(dirname "$0")/.."
marker='<!-- From here on made by tools/database-docs.sh out of db/migrations/. -->'

# The statements as a database keeps them, comments included. Views first: they are what people read.
statements() {
    {
        cat db/migrations/*.sql
        echo "SELECT sql || char(10) FROM sqlite_schema WHERE type IN ('view', 'table') AND name NOT LIKE 'sqlite_%'"
        echo "ORDER BY type = 'table', rowid;"
    } | sqlite3 -batch :memory:
}

sed "\|^$marker\$|q" docs/database.md
statements | awk '
function text(line) { sub(/^.*-- /, "", line); return line }
function row(meaning) { printf "| `%s` | %s%s |\n", column, kind == "table" ? type " | " : "", meaning; column = "" }
function heading() {
    if (meaning == "") { print kind " " name " has no comment" >"/dev/stderr"; bad = 1 }
    printf "\n### %s\n\n%s\n\n", name, meaning
    print kind == "table" ? "| column | type | meaning |\n| --- | --- | --- |" : "| column | meaning |\n| --- | --- |"
    headed = 1
}
function unexplained() {
    if (column == "") return
    print kind " " name ", column " column " has no comment" >"/dev/stderr"
    bad = 1
}
/^CREATE (TABLE|VIEW) / {
    kind = tolower($2); name = $3; meaning = ""; headed = 0; column = ""; inside = 1
    if (kind != last) print kind == "view" ? "\n## Views" : "\n## Tables"
    last = kind
    next
}
!inside { next }
!headed && /^ *-- / { meaning = meaning (meaning == "" ? "" : " ") text($0); next }
!headed { heading() }
/^(FROM|\))/ { unexplained(); inside = 0; next }
kind == "table" && /^    [a-z]/ { unexplained(); column = $1; type = $2; sub(/,$/, "", type) }
kind == "view" && match($0, / AS [a-z0-9_]+,?( *--|$)/) {
    unexplained()
    column = substr($0, RSTART + 4)
    sub(/[^a-z0-9_].*/, "", column)
}
/-- / && column != "" { row(text($0)) }
END { exit bad }'

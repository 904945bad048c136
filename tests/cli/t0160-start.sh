#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Start policies on fake machines: what is made once, what is made anew, and what the record says of it.
. "$(dirname "$0")/test-lib.sh"

cat >restore.yaml <<'END'
name: restore
machines: [{name: a, image: tiny}, {name: b, image: tiny}]
start: restore
repetitions: 3
order: sequential
steps: [{name: work, on: a, run: "echo done"}]
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
saved() { sql "select run_id, count(*) from event where kind = 'save' group by run_id"; }

expect_success 'machines are restored' 'trialbed run --machines fake -j 1 restore.yaml'
expect_output 'two memories are saved by the first run, and used by all' 'sql "select run_id, count(*) from phase_times where phase = '"'save'"' group by run_id"; ls lab/cache/memory/*.memory | wc -l' <<'END'
1 2
2
exit 0
END
printf '\1' | dd of="$(ls lab/cache/memory/*.memory | head -1)" bs=1 seek=1 conv=notrunc 2>/dev/null
expect_success 'a damaged memory is made anew' 'trialbed run --machines fake -j 1 restore.yaml'
expect_output 'with an event that says why' \
    'sql "select text from event where kind = '"'save'"' and run_id = 4" | sed "s/[ab]. is made/X is made/; s/[ab]. was booted/X was booted/; s/: [0-9a-f]*.memory/: KEY.memory/"' <<'END'
the saved memory of machine 'X is made anew: it is not what was saved: its SHA-256 differs
machine 'X was booted once and its memory saved: KEY.memory
exit 0
END
sed -i 's/emulator 0/emulator 6.2/' lab/cache/memory/*.json
expect_success 'so is one of another emulator' 'trialbed run --machines fake -j 1 restore.yaml'
expect_success 'and the event names both' 'sql "select text from event where kind = '"'save'"' and run_id = 7" | grep -q "it was saved by emulator 6.2 .*, and here is emulator 0 "'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A database that is none, is damaged, is another program's, cannot be written or is locked: a clear message, exit 5, nothing changed.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: s
machines: [{name: a, image: tiny}]
steps: [{name: say, on: a, run: "echo value=1", measure: [{metric: value, regex: 'value=([0-9]+)'}]}]
END
trialbed -q --lab good run --machines fake s.yaml
digest() { (cd "$1" && find . -type f ! -name '*-shm' ! -name trialbed.lock ! -size 0 -exec sha256sum {} + | sort); }

no_database() { rm lab/trialbed.db* && seq 1000 >lab/trialbed.db; }
truncated() { truncate -s -4096 lab/trialbed.db; }
cut_off() { truncate -s -1000 lab/trialbed.db; }
strangers() { rm lab/trialbed.db* && sqlite3 lab/trialbed.db 'create table letters (a)'; }
newer() { sqlite3 lab/trialbed.db 'pragma user_version = 999'; }
folder() { rm lab/trialbed.db* && mkdir lab/trialbed.db; }

refused() { # refused CASE TEXT: what every command says of the lab that CASE spoils
    rm -rf lab && cp -r good lab && $1 && digest lab >before
    for command in status 'query "select 1"' 'doctor --lab' 'run --machines fake s.yaml' 'merge good'; do
        expect_status 5 "$1: $command" "trialbed $command 2>err"
        expect_success "$1: $command says so, and changes nothing" "grep -q \"^trialbed: .*$2\" err && digest lab | diff before -"
    done
}
refused no_database 'is no SQLite database'
refused truncated 'is damaged: '
refused cut_off 'is damaged: '
refused strangers 'was made by another program'
refused newer 'has schema 999, but this trialbed knows only up to '
refused folder 'Is a directory'

rm -rf lab && cp -r good lab && digest lab >before
{ echo 'begin immediate;'; sleep 60; } | sqlite3 lab/trialbed.db &
holder=$!
sleep 0.5
expect_success 'a database that is locked by another program can be read' 'trialbed status && trialbed summary s'
expect_status 5 'but not written' 'trialbed run --machines fake s.yaml 2>err'
kill "$holder" 2>/dev/null
expect_success 'which is said, with what helps' 'grep -q "^trialbed: .*database is locked" err && grep -q "^hint: another program has it locked" err'
expect_success 'and nothing has changed' 'digest lab | grep -v -- -wal | diff <(grep -v -- -wal before) -'

if mkdir small && mount -t tmpfs -o size=200k none small 2>mount-error; then
    trap 'umount -l "$work/small" 2>/dev/null' EXIT
    expect_status 5 'a lab on a full disk' 'trialbed --lab small/lab run --machines fake s.yaml 2>err'
    expect_success 'says so' 'grep -q "^trialbed: .*full" err && grep -q "^hint: make room" err'
    umount small
fi
done_testing

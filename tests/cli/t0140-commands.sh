#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What commands leave alone, what they print as JSON, and what they do when something is missing.
. "$(dirname "$0")/test-lib.sh"

expect_output 'help of a command that is not there' 'trialbed help rnu' <<'END'
trialbed: there is no command 'rnu'
hint: did you mean 'run'?
hint: 'trialbed help' lists the commands.
exit 2
END
for command in resume clean; do
    expect_status 2 "$command needs a lab" "trialbed $command"
done
expect_success 'and makes none' '[ ! -e lab ]'

cat >s.yaml <<'END'
name: shapes
machines: [{name: a, image: tiny}]
matrix: {factors: {"x": ['say "hi"', 'back\slash']}}
steps: [{name: work, on: a, run: "echo value=1 ; echo '${x}'", measure: [{metric: value, regex: 'value=([0-9]+)'}]}]
END
expect_output 'a time that is none' 'trialbed run --machines fake s.yaml --until noon' <<'END'
trialbed: '--until noon' is no time of day such as 07:00
exit 2
END
expect_status 2 'a number that is none' 'trialbed run --machines fake s.yaml -j -1'
expect_status 2 'nor is that one of repetitions' 'trialbed plan s.yaml --repetitions -1'
for command in plan run; do
    expect_output "$command of more runs than there can be" "ulimit -v 4000000; trialbed $command --machines fake s.yaml --repetitions 5000001" <<'END'
trialbed: '--repetitions 5000001': 2 cells with 5000001 runs each are more than 10000000 runs
hint: at most 5000000 are possible here.
exit 2
END
done
expect_success 'nothing was planned' '[ "$(trialbed --json status)" = "[]" ]'

json() { # json TITLE COMMAND: what it prints is JSON, and begins as the third argument says
    expect_success "$1 prints JSON" "$2 >json 2>err; cat err json; [ \"\$(sqlite3 :memory: \"select json_valid(readfile('json'))\")\" = 1 ] && [[ \$(head -c 1 json) = '$3' ]]"
}
json run 'trialbed --json run --machines fake s.yaml' '{'
expect_output 'and says how it went' 'cat json' <<'END'
{"experiment": 1, "completed": 2, "failed": 0, "left": 0, "interrupted": false}
exit 0
END
json 'scenario schema' 'trialbed scenario schema' '{'
expect_status 2 'nothing else is printed of scenarios' 'trialbed scenario keys'
json check 'trialbed --json check s.yaml' '{'
json plan 'trialbed --json plan s.yaml' '['
json resume 'trialbed --json resume shapes' '{'
json 'status of all' 'trialbed --json status' '['
json 'status of one' 'trialbed --json status shapes' '['
json show 'trialbed --json show 1' '{'
json query 'trialbed --json query "select cell, x'"'"'00ff'"'"' as bytes, 1e999 as much from run_facts"' '['
json summary 'trialbed --json summary --all' '['
json report 'trialbed --json report -o "quoted \" folder"' '{'
json export 'trialbed --json export -o "quoted \" back\\slash.tar.zst"' '{'
expect_success 'with the whole name' '[ "$(sqlite3 :memory: "select json_extract(readfile('"'json'"'), '"'\$.path'"')")" = "quoted \" back\\slash.tar.zst" ]'
json verify 'trialbed --json verify quoted*.tar.zst' '{'
json clean 'trialbed --json clean' '{'
json version 'trialbed --json version' '{'
json 'image list' 'trialbed --json image list' '['

# Clean removes scratch folders whose maker is gone, and nothing else.
mkdir -p lab/.export-AbCd12/report lab/.export-living lab/.export-Zzzzzz lab/.export-notours lab/runs/abc lab/runs/0 lab/runs/99 lab/mine
: >lab/.export-AFile1
exec 9<lab/.export-Zzzzzz
flock 9
find lab -mindepth 1 | grep -v '^lab/\(\.export-AbCd12\|\.export-living\|trialbed\)' | sort >before
expect_output 'clean lists' 'trialbed clean --dry-run | sort' <<'END'
would remove folder WORK/lab/.export-AbCd12
would remove folder WORK/lab/.export-living
exit 0
END
expect_success 'and nothing has changed' '[ -d lab/.export-AbCd12/report ]'
expect_success 'clean removes what it listed' 'trialbed clean && [ ! -e lab/.export-AbCd12 ] && [ ! -e lab/.export-living ]'
expect_success 'and nothing else: foreign folders, files, and what somebody works in' 'find lab -mindepth 1 | grep -v "^lab/trialbed" | sort | diff before -'
# Killed between the note of what it was about to make and making it, or between making and forgetting: the note tells, and nothing else is touched.
noted=/tmp/trialbed-0123456789abcdef-$$ && mkdir "$noted" "$noted.other"
sqlite3 lab/trialbed.db "insert into outside values (1, 2, 'folder', '$noted'), (2, 1, 'folder', '$noted.never')"
sed "s,$noted,NOTED," <<<"$(trialbed clean --dry-run)" >listed
expect_output 'clean lists what was noted' 'cat listed' <<'END'
would remove folder NOTED
would remove note of what run 1 may have made outside its namespaces
would remove note of what run 2 may have made outside its namespaces
exit 0
END
expect_success 'and removes nothing then' '[ -d "$noted" ] && [ "$(sqlite3 lab/trialbed.db "select count(*) from outside")" = 2 ]'
expect_success 'clean removes that, and nothing beside it' 'trialbed clean && [ ! -e "$noted" ] && [ -d "$noted.other" ] && [ "$(sqlite3 lab/trialbed.db "select count(*) from outside")" = 0 ]'
rmdir "$noted.other"
sqlite3 lab/trialbed.db "insert into outside values (1, 2, 'libvirt', 'nonsense:///x')"
expect_success 'what cannot be cleaned stays noted' 'trialbed clean 2>err && grep -q "warning: run 1: could not connect" err && [ "$(sqlite3 lab/trialbed.db "select count(*) from outside")" = 1 ]'
sqlite3 lab/trialbed.db "delete from outside"
exec 9<&-
sqlite3 lab/trialbed.db "update run set status = 'running' where run_id = 1; insert into attempt (run_id, attempt, status, started_ns) values (1, 2, 'running', 1)"
expect_output 'an attempt that was cut is no longer running' 'trialbed clean | grep unfinished; sqlite3 lab/trialbed.db "select status, class from attempt where attempt = 2; select status from run where run_id = 1"' <<'END'
removed 1 unfinished attempt of experiment 1 ('trialbed resume 1' goes on)
failed|host
planned
exit 0
END
expect_success 'and resume does that run only' 'trialbed resume 2>&1 | grep -q "1 run completed and 0 failed"'

mkdir bin && printf '#!/bin/sh\nexit 1\n' >bin/gnuplot && chmod +x bin/gnuplot
expect_success 'a bundle needs no gnuplot' 'PATH=$work/bin:$PATH trialbed export -o plain.tar.zst 2>err && trialbed verify plain.tar.zst && grep -q "^trialbed: warning: the bundle.s report is not complete: " err'
expect_success 'and the bundle has the rest' 'tar --zstd -tf plain.tar.zst | grep -q "data/report/summary.csv"'
expect_status 4 'a result that cannot be written is an error' 'trialbed query "with recursive n(i) as (select 1 union all select i + 1 from n where i < 20000) select i from n" >/dev/full'

head -c 70000000 /dev/zero | tr '\0' 'x' >"lab/$(sqlite3 lab/trialbed.db "select path from artifacts where run_id = 1 and kind = 'stdout' limit 1")"
expect_success 'a log may be of any size' '[ "$(trialbed log 1 work | wc -c)" -gt 70000000 ]'

cat >nohup.yaml <<'END'
name: nohup
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3]}}
steps: [{name: work, on: a, run: "sleep 300; echo ${x}"}]
END
(trap '' HUP; exec trialbed run --machines fake -j 1 nohup.yaml >out 2>&1) &
coordinator=$!
. "$top/tests/cli/kill-lib.sh"
expect_success 'a sweep under nohup' 'wait_until 10 works $coordinator'
kill -HUP "$coordinator"
wait "$coordinator"
status=$?
expect_success 'outlives its terminal' '[ $status -eq 0 ] && ! grep stopping out'

expect_success 'a sweep outlives who reads its messages' '{ trialbed run --machines fake -j 1 nohup.yaml 2>&1; echo $? >status; } | head -1; [ "$(cat status)" = 0 ]'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# doctor --lab finds what is wrong with a lab, all of it, one problem a line, and changes nothing.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: s
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2]}}
repetitions: 2
order: sequential
steps: [{name: say, on: a, run: "echo value=${x}", measure: [{metric: value, regex: 'value=([0-9]+)'}]}]
END
trialbed -q run --machines fake s.yaml
sql() { sqlite3 lab/trialbed.db "$1"; }

expect_output 'a sound lab is whole' 'trialbed doctor --lab | sed "s/ of .*/ of SIZE/"' <<'END'
lab 'lab' is whole: its database, and 28 files of SIZE
exit 0
END
expect_success 'the lab may be named in every way' \
    'trialbed --lab lab doctor --lab && trialbed doctor --lab lab && trialbed doctor --lab=lab && TRIALBED_LAB=lab trialbed doctor --lab'
expect_status 2 'a lab that is not there is a mistake' 'trialbed doctor --lab nowhere'
expect_success 'and is not made' '[ ! -e nowhere ]'

# What an attempt left that was cut off is no problem, nor is one that is under way.
sql "insert into attempt (run_id, attempt, status, class, started_ns) values (1, 2, 'failed', 'host', 1)"
mkdir -p lab/runs/1/00001/2 && echo evidence >lab/runs/1/00001/2/a.console.log
expect_success 'files of an attempt that was cut off belong to it' 'trialbed doctor --lab'

cp -r lab sound
rm lab/runs/1/00001/1/01-say.stdout
echo more >>lab/runs/1/00002/1/01-say.stdout
printf 'value=9' | dd of=lab/runs/1/00003/1/01-say.stdout conv=notrunc bs=1 status=none
echo mine >lab/runs/1/notes.txt
mkdir -p lab/runs/7/00099/1 && echo lost >lab/runs/7/00099/1/a.log
sql "update artifact set path = 'runs/../../escape' where run_id = 4 and path like '%.xml'"
expect_output 'every artifact that is missing or changed and every file of no row is a line' 'trialbed doctor --lab' <<'END'
runs/1/00001/1/01-say.stdout: is missing
runs/1/00002/1/01-say.stdout: has changed: its size is another
runs/1/00003/1/01-say.stdout: has changed: its SHA-256 is another
runs/../../escape: leads out of the lab
runs/1/00004/1/a.xml: belongs to no row of the database
runs/1/notes.txt: belongs to no row of the database
runs/7/00099/1/a.log: belongs to no row of the database
trialbed: lab 'lab' has 7 problems
exit 5
END
expect_success 'or an object in JSON' '[ "$(trialbed --json doctor --lab 2>/dev/null | grep -c problem)" -ge 1 ]'

rm -r lab && cp -r sound lab
sql "update sample set value = 9 where run_id = 3 and metric_id = (select metric_id from metric where name = 'value')"
sql "update cell_stat set mean = 5 where cell_id = 2 and metric_id = (select metric_id from metric where name = 'value')"
sql "insert into sample values (99, 1, 1, 0, 0, null, 1.0)"
sql "insert into cell_level values (99, 1, 1)"
before=$(sqlite3 lab/trialbed.db .dump | sha256sum)
expect_output 'stored numbers that do not follow from the samples, and rows without parents' 'trialbed doctor --lab' <<'END'
1 rows of table 'cell_level' belong to no row of 'cell'
1 samples of run 99, attempt 1, metric number 1 belong to no such attempt or metric
the stored value of run 3, metric 'value', is not that of its samples
stored statistics of cell 'x=2', metric 'value', are not those of its runs
trialbed: lab 'lab' has 4 problems
exit 5
END
expect_success 'nothing was changed' '[ "$(sqlite3 lab/trialbed.db .dump | sha256sum)" = "$before" ]'

rm -r lab && cp -r sound lab
page=$(sql "select rootpage from sqlite_schema where name = 'sample'")
dd if=/dev/urandom of=lab/trialbed.db bs=4096 seek=$((page - 1)) count=1 conv=notrunc status=none
expect_status 5 'a damaged page is found' 'trialbed doctor --lab'

done_testing

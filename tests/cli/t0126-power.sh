#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A power cut takes files that the kernel had not written yet. What the database repeats is made anew, of the rest it is noted what it was, and
# what differs in another way is left for `doctor` to tell.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

cat >s.yaml <<'END'
name: power
machines: [{name: a, image: tiny}]
order: sequential
repetitions: 5
steps:
  - {name: say, on: a, repeat: 2, run: "echo value=1\nsleep ${pause}", measure: [{metric: value, regex: 'value=([0-9]+)'}]}
matrix: {factors: {pause: [1, 60000]}}
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
lost() { truncate -s 0 lab/runs/1/00001/1/*.command; rm lab/runs/1/00001/1/*.exit; tr '\0-\377' '\0' <lab/runs/1/00002/1/job.json >zeros && cat zeros >lab/runs/1/00002/1/job.json
    rm lab/runs/1/00003/1/a.xml; truncate -s 2 lab/runs/1/00003/1/job.json
    echo changed >>lab/runs/1/00004/1/a.xml; truncate -s 0 "$(ls lab/runs/1/00005/1/*stdout | head -1)"; }

trialbed run --machines fake -j 1 s.yaml >out 2>&1 & coordinator=$!
expect_success 'five runs are done, and the sixth is under way' 'wait_until 30 "[ \"\$(sql \"select count(*) from run where status = '"'completed'"'\" 2>/dev/null)\" = 5 ] && works \$coordinator"'
kill -KILL $coordinator; wait $coordinator 2>/dev/null
cp -a lab/runs/1/00001 whole; digest=$(sha256sum <lab/runs/1/00002/1/job.json | cut -d' ' -f1); lost
cp -a lab spare
expect_status 5 'doctor finds all of it' 'trialbed doctor --lab'
expect_success 'and says what mends some of it' '[ "$(grep -c "^runs/1/0000[1-5]" said)" = 9 ] && grep -q "^hint: .*power cut.*trialbed clean" said'
expect_output 'clean lists what the power cut took' 'trialbed clean --dry-run | sed "s,$work/lab/runs/1/,,; s/[0-9]*-say/N-say/"' <<'END'
would remove 1 unfinished attempt of experiment 1 ('trialbed resume 1' goes on)
would make anew 00001/1/N-say.1.command
would make anew 00001/1/N-say.1.exit
would make anew 00001/1/N-say.2.command
would make anew 00001/1/N-say.2.exit
would note the loss of 00002/1/job.json
would note the loss of 00003/1/job.json
would note the loss of 00003/1/a.xml
exit 0
END
trialbed resume --halt 1 >out 2>&1 & coordinator=$! # clean does the same
expect_success 'resume does it' 'wait_until 20 "works \$coordinator"; kill -INT $coordinator; kill -INT $coordinator; wait $coordinator; grep -c "^made anew\|^noted the loss" out | grep -x 7'
expect_success 'what the database repeats is what it was' 'diff -r whole lab/runs/1/00001'
expect_output 'of the others the database tells what they were, and what is there' "sql \"select run_id, substr(text, 1, instr(text, ' of ') - 1) from event where kind = 'lost' order by run_id, sequence\"; sql \"select path, size from artifact where run_id = 3 and kind = 'definition'\"" <<'END'
2 file 'runs/1/00002/1/job.json'
3 file 'runs/1/00003/1/job.json'
3 file 'runs/1/00003/1/a.xml'
runs/1/00003/1/job.json 2
exit 0
END
expect_success 'with their digests' 'sql "select text from event where kind = '"'lost'"' and run_id = 2" | grep -q "SHA-256 $digest"'
expect_output 'what no power cut does stays as it is, and is told' 'trialbed doctor --lab' <<'END'
runs/1/00004/1/a.xml: has changed: its size is another
runs/1/00005/1/01-say.1.stdout: has changed: its size is another
trialbed: lab 'lab' has 2 problems
exit 5
END
rm -r lab && mv spare lab
expect_success 'clean does the same as resume' 'trialbed clean | grep -c "^made anew\|^noted the loss" | grep -x 7 && diff -r whole lab/runs/1/00001 && trialbed clean | grep -q "nothing to clean"'

# The power fails between two attempts: none is open. It failed before the host booted, so everything moves into the past.
lost() { truncate -s 0 lab/runs/1/00001/1/*.command; }
lost
expect_success 'no file is looked for as long as the host did not go down' 'trialbed clean | grep -q "nothing to clean"'
sql 'update attempt set started_ns = started_ns - 1000000000 * 86400 * 365 * 20'
expect_success 'after it did they are made anew, too' 'trialbed clean | grep -c "^made anew" | grep -x 2 && diff -r whole lab/runs/1/00001'
sql "update run set status = 'completed'"; lost
expect_success 'an experiment that had come to its end is left alone' 'trialbed clean | grep -q "nothing to clean"'
done_testing

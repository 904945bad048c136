#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Files from beside the scenario, on fake machines: what arrives, what is kept with the experiment, what is refused.
. "$(dirname "$0")/test-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
mkdir -p s/sub outer
echo hello >s/sub/script.sh && echo data1 >s/1.dat && echo data2 >s/2.dat && echo far >outer/far.txt && echo digits >s/0001
cat >s/s.yaml <<'END'
name: files
machines: [{name: a, image: tiny}, {name: p, image: tiny, count: 2}]
matrix: {factors: {n: [1, 2]}}
order: sequential
files:
  - {source: sub/script.sh, on: all, path: /usr/bin/script, mode: 0755}
  - {source: "${n}.dat", on: p, path: /data}
  - {source: ../outer/far.txt, on: a, path: /far, outside: true}
  - {source: "0001", on: a, path: /digits}
steps: [{name: work, on: a, run: "fail ${n}", expect: {status: 1}}]
collect:
  - {from: p1, path: /data}
  - {from: a, path: /usr/bin/script}
  - {from: a, path: /far}
END
expect_status 1 'files are pushed before the first step' 'trialbed run --machines fake s/s.yaml'
expect_success 'to each of the machines' '[ "$(cat lab/runs/1/00001/1/files/*)" = "data1
hello
far" ]'
expect_success 'with the level of the cell' 'grep -qx data2 lab/runs/1/00002/1/files/01-p1-data'
expect_success 'which takes a phase' '[ "$(sql "select count(*) from phase_times where phase = '"'files'"'")" = 2 ]'
expect_output 'the experiment has copies and their hashes' 'sql "select value || '"'  '"' || substr(key, 6) from environment where key like '"'file.%'"'" >sums; (cd lab/runs/1 && sha256sum -c ../../../sums)' <<'END'
1.dat: OK
2.dat: OK
files/888b19a4-0001: OK
files/b8bee37a-far.txt: OK
sub/script.sh: OK
exit 0
END
echo changed >s/2.dat && echo changed >outer/far.txt && rm s/sub/script.sh
expect_status 1 'an experiment goes on when the files beside its scenario have changed' 'trialbed resume files --failed'
expect_success 'with what it began with' '[ "$(cat lab/runs/1/00002/2/files/*)" = "data2
hello
far" ]'
expect_success 'the lab is sound' 'trialbed doctor --lab'
echo spoilt >lab/runs/1/2.dat
expect_status 5 'a copy that changed is noticed' 'trialbed resume files --failed'
expect_success 'which is said' 'grep -q "^trialbed: file .*/lab/runs/1/2.dat. is not what the experiment began with$" said'
expect_status 5 'doctor notices it too' 'trialbed doctor --lab'
expect_success 'and says which' 'grep -qx "runs/1/2.dat: has changed: its SHA-256 is another" said'

ln -s ../outer/far.txt s/link && ln -s ../outer s/way && ln -s 1.dat s/inner
refused() { # refused KEYS
    { echo 'machines: [{name: a, image: tiny}]'; echo "files: [{on: a, path: /x, $1}]"; } >s/bad.yaml
    trialbed check s/bad.yaml
}
expect_output 'a link to elsewhere is refused' 'refused "source: link"' <<'END'
s/bad.yaml:2:35: error: file 'link' lies outside the scenario's folder
s/bad.yaml:2:35: hint: copy it, or add 'outside: true'.
trialbed: scenario 's/bad.yaml' has 1 problem
exit 3
END
expect_status 3 'and so is a folder that is one' 'refused "source: way/far.txt"'
expect_status 3 'and an absolute path' 'refused "source: $work/outer/far.txt"'
expect_status 3 'and a way out and in again' 'refused "source: ../s/1.dat"'
expect_status 3 'and what is no file' 'refused "source: sub"'
expect_success 'a link inside is fine' 'refused "source: inner"'
expect_success 'an absolute path is, when it is said' 'refused "source: $work/outer/far.txt, outside: true"'

done_testing

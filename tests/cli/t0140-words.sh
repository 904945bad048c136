#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What people read: while an experiment runs, in tables, and when they mistype.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: words
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2]}}
order: sequential
steps: [{name: say, on: a, run: "echo value=${x}", measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]}]
END
sed 's/echo value/fail 3; echo value/; s/words/fails/' s.yaml >fails.yaml

expect_output 'a time of day that is none is found before anything is stored' \
    'trialbed run --machines fake s.yaml --until 25:00; ls lab/runs 2>&1' <<'END'
trialbed: '--until 25:00' is no time of day such as 07:00
ls: cannot access 'lab/runs': No such file or directory
exit 2
END
expect_output 'a factor that is not there' 'trialbed run --machines fake s.yaml --only y=1' <<'END'
trialbed: '--only y=1': scenario 'words' has no factor 'y'
hint: its factors are x.
exit 2
END
expect_output 'a level that is not there' 'trialbed plan s.yaml --only x=3' <<'END'
trialbed: '--only x=3': factor 'x' has no level '3'
hint: its levels are 1, 2.
exit 2
END
expect_output 'a file is no lab' 'trialbed --lab s.yaml run s.yaml' <<'END'
trialbed: lab 's.yaml' is no folder
hint: --lab DIR or TRIALBED_LAB=DIR chooses another folder for the lab.
exit 2
END
expect_output 'run says what it does and how it ended' 'trialbed run --machines fake -j 1 s.yaml' <<'END'
experiment 1 'words': 2 cells, 2 runs
[1/2] run 1 (x=1, repetition 1): completed in TIME s
[2/2] run 2 (x=2, repetition 1): completed in TIME s
experiment 1: 2 runs completed and 0 failed in TIME s, 0 left
exit 0
END
expect_output 'with --json the end is an object, and -q keeps the rest quiet' \
    'trialbed -q --json run --machines fake -j 1 s.yaml --only x=1' <<'END'
{"experiment": 2, "completed": 1, "failed": 0, "left": 0, "interrupted": false}
exit 0
END
expect_output 'resume has nothing to do' 'trialbed resume 1' <<'END'
experiment 1 'words': 0 of 2 runs left to do
exit 0
END
expect_output 'runs that fail say why, and where to look' 'trialbed run --machines fake -j 1 fails.yaml --only x=1' <<'END'
experiment 3 'fails': 1 cell, 1 run
[1/1] run 4 (x=1, repetition 1): failed in step:say (step): step 'say': ended with status 3 on machine 'a'
experiment 3: 0 runs completed and 1 failed in TIME s, 0 left
trialbed: 1 of 1 run failed
hint: 'trialbed status 3' lists them, 'trialbed show RUN' tells more.
exit 1
END
expect_output 'status says what is left out and what failed' 'trialbed status 3 | sed 1d' <<'END'
made with --only 'x=1'
0 of 1 run completed, 1 failed, 0 left

cell  runs  completed  failed
x=1      1          0       1

failures
run  cell  phase     class  reason
  4  x=1   step:say  step   step 'say': ended with status 3 on machine 'a'
exit 0
END
expect_output 'status lists runs on demand' 'trialbed status words --runs | sed -n "/^runs/,\$p" | sed -E "s/ [0-9]+\.[0-9]$/ TIME/"' <<'END'
runs
run  cell  repetition  status     duration_s
  3  x=1            1  completed         TIME
exit 0
END
expect_success 'show fits a terminal' '! trialbed show 1 | grep -E "^.{121}"'
expect_output 'show leaves out what is the same in every row' 'trialbed show 1 | sed -n "/^machines/,/^$/p"' <<'END'
machines
machine  image  arch    memory_mb  cpus  channel
a        tiny   x86_64        128     1  agent

exit 0
END
trialbed export 1 -o e.tar.zst >/dev/null
trialbed --lab other -q run --machines fake s.yaml
valid_json() { trialbed --json "$@" >json 2>/dev/null; [ "$(sqlite3 :memory: "select json_valid(readfile('json'))")" = 1 ] || { cat json; false; }; }
while read -r line; do
    expect_success "trialbed --json $line prints JSON" "valid_json $line"
done <<'END'
check s.yaml
check fails.yaml
check e.tar.zst
plan s.yaml
run --machines fake fails.yaml
resume 1
status
status 1
show 1
log 1
log 4 say
query "select run_id, cell, 1e999 as infinite from run_facts"
summary 1
report 1 -o 'a "folder"'
export 1 -o 'a "bundle".tar.zst'
verify e.tar.zst
bundle ls e.tar.zst
bundle cat e.tar.zst
compare 1
import e.tar.zst
merge other
doctor --lab
verify s.yaml
image list
doctor
clean --dry-run
clean
version
END
expect_success 'a problem of a scenario is JSON, too'     'sed "s/steps:/stepps:/" s.yaml >bad.yaml; trialbed --json check bad.yaml | grep -q "\"line\": 5, \"column\": 1, \"message\": \"key .stepps. is not known\""'
expect_success 'the bundle of an experiment without completed runs can be made' 'trialbed export 3 -o f.tar.zst && trialbed verify f.tar.zst'
mkdir few && for p in sh; do ln -s "$(command -v $p)" few/; done
expect_status 4 'without gnuplot a report has its tables, and says what is missing' 'PATH=$work/few $TRIALBED report 1 -o r'
expect_success 'without gnuplot there are bundles' '[ -s r/summary.md ] && PATH=$work/few $TRIALBED export 1 -o g.tar.zst && trialbed verify g.tar.zst'
expect_output 'an experiment goes on when nobody reads along any more' \
    'trialbed --lab alone run --machines fake -j 1 s.yaml --repetitions 3 2>&1 | head -1; echo "${PIPESTATUS[0]}"; trialbed --lab alone status 1 | sed -n 3p' <<'END'
experiment 1 'words': 2 cells, 6 runs
0
6 of 6 runs completed, 0 failed, 0 left
exit 0
END
expect_success 'an empty TRIALBED_LAB is none' 'TRIALBED_LAB= trialbed status | grep -q words'

done_testing

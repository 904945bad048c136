#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# plan --explain, run --only, --set: what is done, what must be done again and why.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: s
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3]}}
repetitions: 2
seed: 3
order: sequential
steps:
  - {name: say, on: a, run: "echo value=${x}", measure: [{metric: value, regex: 'value=([0-9.]+)'}]}
END
ask() { sqlite3 lab/trialbed.db "$1"; }
explain() { trialbed plan --explain --machines fake "$@" --csv s.yaml | tail -n +2 | tr -d '"\r' | cut -d, -f2,3,6-; }
experiments() { ask "select count(*) from experiment"; }

expect_output 'without a lab there is everything to do' 'explain | head -2; ls' <<'END'
x=1,1,0,run: there is none yet
x=1,2,0,run: there is none yet
actual
expected
s.yaml
exit 0
END
expect_success 'run' 'trialbed run --machines fake -j 2 s.yaml'
expect_success 'all is done' '[ "$(explain | cut -d, -f3 | sort | uniq -c | tr -s " ")" = " 6 1" ] && explain | grep -Eq "x=1,1,1,done: run 1 of experiment 1 had the same inputs \([0-9a-f]{8}\)"'
expect_success 'its fingerprints are stored, one a cell' '[ "$(ask "select count(*), count(distinct fingerprint) from run_input")" = "6|3" ]'
expect_success 'nothing is missing' 'trialbed run --machines fake --only missing s.yaml && [ "$(experiments)" = 1 ]'

expect_output 'another value is said in words' 'explain --set machines.a.memory_mb=256 | head -1' <<'END'
x=1,1,0,run: since run 1 of experiment 1, machine 'a': memory_mb was '128', is '256'
exit 0
END
expect_output 'a step of another text is, too' "explain --set 'steps.say.run=echo value=\${x} again' | head -1" <<'END'
x=1,1,0,run: since run 1 of experiment 1, step 'say': run was 'echo value=1', is 'echo value=1 again'
exit 0
END
expect_output 'what does not matter to a run changes nothing' "explain --set description=other --set order=blocks | cut -d, -f3 | sort | uniq -c | tr -s ' '" <<'END'
 6 1
exit 0
END
expect_success 'a factor that only gets another level leaves the other cells done' \
    '[ "$(explain --set "matrix.factors.x=[1, 2, 3, 4]" | grep -c ,done)" = 6 ] && [ "$(explain --set "matrix.factors.x=[1, 2, 3, 4]" | grep -c "x=4.*there is none yet")" = 2 ]'
expect_success 'and the missing ones make an experiment of their own' \
    'trialbed run --machines fake --only missing --set "matrix.factors.x=[1, 2, 3, 4]" s.yaml && [ "$(ask "select group_concat(distinct cell), count(*) from run_facts where experiment_id = 2")" = "x=4|2" ]'
expect_success 'which is recorded' '[ "$(ask "select json_extract(settings, '"'\$.set[0]'"') from experiment where experiment_id = 2")" = "matrix.factors.x=[1, 2, 3, 4]" ] && trialbed status 2 | grep -q -e "--set .matrix.factors.x=.1, 2, 3, 4.."'

cat >bad.yaml <<'END'
name: s
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2, 3]}}
repetitions: 3
steps:
  - {name: say, on: a, run: "${x}"}
END
sed -i 's/"\${x}"/"fail ${x}"/' bad.yaml
sed 's/fail \${x}/echo ${x}/; s/name: s$/name: t/' bad.yaml >t.yaml
expect_status 1 'runs fail' 'trialbed run --machines fake bad.yaml'
expect_success 'a failed run is no done one' 'sed -i s/seed/seed/ s.yaml; trialbed plan --explain --machines fake --csv bad.yaml | grep -q "run: run [0-9]* of experiment 3 failed"'
expect_status 1 'the failed ones of a cell are done again, in the same experiment' 'trialbed run --machines fake --only failed --only x=2,3 bad.yaml'
expect_success 'they have a second attempt, the others do not' \
    '[ "$(experiments)" = 3 ] && [ "$(ask "select cell, max(attempt), count(*) from run_facts where experiment_id = 3 group by 1" | tr "\n" " ")" = "x=1|1|3 x=2|2|3 x=3|2|3 " ]'
expect_status 2 'failed runs of another scenario cannot be done again' 'trialbed run --machines fake --only failed --set machines.a.cpus=2 bad.yaml'
expect_status 2 'nor those of none' 'trialbed run --machines fake --only failed t.yaml'

expect_output 'an option is a place of its own' 'trialbed check --set machines.a.memory_mb=lots --set stepz=1 s.yaml' <<'END'
--set machines.a.memory_mb=lots: error: key 'memory_mb' must be a whole number from 16 to 1048576, not 'lots'
--set stepz=1: error: key 'stepz' is not known
--set stepz=1: hint: did you mean 'steps'?
trialbed: scenario 's.yaml' has 2 problems
exit 3
END
expect_success 'an estimate says of how many runs it is' 'trialbed plan --machines fake s.yaml >said; cat said; grep -Eq "judging by 6 earlier runs of the same cells in this lab" said && grep -Eq "^6 runs; [0-9]+ can go side by side" said'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Bad luck on fake machines: the run is marked failed with phase, class and reason; the rest goes on; exit status 1.
. "$(dirname "$0")/test-lib.sh"

scenario() { # scenario NAME COMMAND [MORE-YAML]
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2]}}
repetitions: 2
order: sequential
boot_timeout: 1s
${3:-}
steps:
  - {name: work, on: a, run: "$2", timeout: 300ms, measure: [{metric: value, regex: 'value=([0-9]+)'}]}
END
}
facts() { sqlite3 -separator ' ' lab/trialbed.db "select status, class, reason from run_facts where experiment = '$1' order by run_id"; }

# Only x=2 fails: the fake machine's shell knows 'fail N'.
scenario fails 'echo value=1; fail ${x}'
sed -i 's/factors: {x: \[1, 2\]}/factors: {x: [0, 3]}/' fails.yaml
expect_status 1 'a step that fails makes exit status 1' 'trialbed run --machines fake fails.yaml'
expect_output 'its run has class and reason, the others are completed' 'facts fails' <<'END'
completed  
completed  
failed step step 'work': ended with status 3 on machine 'a'
failed step step 'work': ended with status 3 on machine 'a'
exit 0
END
expect_success 'status lists the failures' 'trialbed status fails | grep -q "step:work"'
expect_success 'resume has nothing to do' 'trialbed resume fails'
expect_status 1 'resume --failed runs them again' 'trialbed resume fails --failed'
expect_success 'every attempt is kept' '[ "$(sqlite3 lab/trialbed.db "select count(*) from attempt")" = 6 ]'

scenario hangs 'hang ${x}'
expect_status 1 'a step that hangs ends with its timeout' 'trialbed run --machines fake hangs.yaml --repetitions 1'
expect_output 'and says so' 'facts hangs' <<'END'
failed timeout step 'work': did not end within 300 ms on machine 'a'
failed timeout step 'work': did not end within 300 ms on machine 'a'
exit 0
END

scenario mute 'echo nothing ${x}'
expect_status 1 'a measure that finds nothing fails the run' 'trialbed run --machines fake mute.yaml --repetitions 1'
expect_success 'with class collect' 'facts mute | grep -q "^failed collect"'

scenario boot 'echo value=${x}' 'retries: 2'
expect_status 1 'a machine that never boots fails the run' 'TRIALBED_FAKE_BOOT=hang trialbed run --machines fake boot.yaml --repetitions 1'
expect_success 'with class boot, after its retries' 'facts boot | grep -q "^failed boot" && [ "$(sqlite3 lab/trialbed.db "select max(attempt) from attempt join run using (run_id) join experiment using (experiment_id) where name = '"'boot'"'")" = 3 ]'

scenario dies 'die ${x}'
expect_status 1 'a machine that dies fails the run' 'trialbed run --machines fake dies.yaml --repetitions 1'
expect_success 'with class host' 'facts dies | grep -q "^failed host"'

done_testing

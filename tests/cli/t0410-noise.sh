#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a host that is not quiet does to runs on fake machines, and the log of what the coordinator did.
. "$(dirname "$0")/test-lib.sh"

sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
scenario() { # scenario NAME NOISE [MORE-YAML]
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2]}}
order: sequential
${2:+noise: $2}
${3:-}
steps:
  - {name: work, on: a, run: "sleep 400\necho value=\${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}
END
}
of() { echo "run_id in (select run_id from run join experiment using (experiment_id) where name = '$1')"; }
# Somebody else's program: not our coordinator's child.
busy() { timeout 100 sh -c 'while :; do :; done' & noise="$noise $!"; }
quiet() { [ -z "$noise" ] || kill $noise; wait $noise 2>/dev/null; noise=; }
noise=
trap quiet EXIT

scenario plain ''
expect_success 'without limits on fake machines nothing is measured' '
    trialbed -q run --machines fake plain.yaml && [ "$(sql "select count(*) from metric where name glob '"'noise.*'"'")" = 0 ]'

scenario lenient '{load: 1000, steal: 100%, memory: 100%}'
expect_success 'limits that are kept leave runs alone' 'trialbed -q run --machines fake lenient.yaml && [ "$(sql "select group_concat(distinct status) from run_facts where experiment = '"'lenient'"'")" = completed ]'
expect_success 'and the noise is a metric of every run' '[ "$(sql "select count(*) from run_values where metric = '"'noise.load'"' and unit = '"'CPUs'"' and value >= 0 and $(of lenient)")" = 2 ]'

busy; busy
scenario loud '{load: 0}'
expect_success 'a loud host taints' 'trialbed run --machines fake loud.yaml 2>said'
expect_output 'tainted runs keep their values, and are not counted' 'sql "
    select status, class, reason glob '"'*load * (at most 0)*'"', (select count(*) from run_values v where v.run_id = f.run_id and metric = '"'value'"'), counted
    from run_facts f where experiment = '"'loud'"'"; sql "select count(*) from cell_summary where experiment = '"'loud'"'"' <<'END'
tainted tainted 1 1 0
tainted tainted 1 1 0
0
exit 0
END
expect_success 'people are told' 'grep -q "completed in .*, but tainted: .*load" said && grep -q "2 of the completed runs are tainted and not counted" said || { cat said; false; }'
expect_success 'status tells why' 'trialbed status loud | grep -q "tainted .*load .*at most 0"'
expect_success 'and so does summary, that they are left out' 'trialbed summary loud 2>&1 | grep -q "2 .*tainted"'
expect_success 'tainted runs are done again, in their experiment' 'trialbed run --machines fake --only tainted loud.yaml 2>again
    [ "$(sql "select count(distinct experiment_id), count(*), min(attempt), max(attempt) from run_facts where experiment = '"'loud'"'")" = "1 2 2 2" ] || { cat again; false; }'
expect_success 'and no others' '[ "$(sql "select max(attempt) from run_facts where experiment <> '"'loud'"'")" = 1 ]'
expect_success 'the lab stays whole' 'trialbed doctor --lab'

scenario strict '{load: 0, on_violation: fail}' 'retries: 1
retry_backoff: 10ms'
expect_status 1 'or fails' 'trialbed -q run --machines fake strict.yaml'
expect_output 'with a class of its own, and is tried again' 'sql "select status, class, attempt from run_facts where experiment = '"'strict'"'"' <<'END'
failed tainted 2
failed tainted 2
exit 0
END

scenario patient '{load: 0, on_violation: wait, wait: 1.5s}' 'repetitions: 1'
expect_success 'waiting ends after its time' 'trialbed run --machines fake --only x=1 patient.yaml 2>said && grep -q "waiting for a quiet host: load" said'
expect_output 'then the run begins, and is tainted' 'sql "select status, reason glob '"'before it began: load*'"' from run_facts where experiment = '"'patient'"'"' <<'END'
tainted 1
exit 0
END
quiet

log=$(printf 'lab/runs/%s/log.jsonl' "$(sql "select experiment_id from experiment where name = 'patient'")")
expect_output 'the log has a line for everything that happened' 'sed "s/.*\"event\":\"\([a-z-]*\)\".*/\1/" $log' <<'END'
begin
wait
attempt-begin
attempt-end
end
exit 0
END
expect_success 'each is a JSON object with its time' '
    while read -r line; do printf %s "$line" >one; [ "$(sqlite3 :memory: "select json_valid(cast(readfile('"'one'"') as text))")" = 1 ] || echo "$line"; done <$log >wrong
    [ ! -s wrong ] && [ "$(grep -cE "^\{\"time\":\"[0-9-]+T[0-9:.]+Z\",\"event\":\"" $log)" = 5 ] || { cat wrong; false; }'
expect_success 'an attempt that failed says why' 'grep -q "\"event\":\"attempt-end\".*\"status\":\"failed\",\"class\":\"tainted\".*\"final\":\"yes\"" lab/runs/$(sql "select experiment_id from experiment where name = '"'strict'"'")/log.jsonl'
expect_success 'a log that cannot be written is a warning' '
    trialbed -q run --machines fake plain.yaml & victim=$!; sleep 0.5; kill -KILL $victim; wait $victim 2>/dev/null; sleep 1
    id=$(sql "select max(experiment_id) from experiment"); rm -f lab/runs/$id/log.jsonl; mkdir lab/runs/$id/log.jsonl
    trialbed resume $id 2>said && grep -q "^trialbed: warning: could not write .*log.jsonl" said; status=$?; rmdir lab/runs/$id/log.jsonl; [ $status = 0 ] || { cat said; false; }'
done_testing

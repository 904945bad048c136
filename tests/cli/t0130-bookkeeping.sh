#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What is stored of runs side by side, warm-ups, retries, and attempts that cannot be kept or not even begun.
. "$(dirname "$0")/test-lib.sh"

sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
scenario() { # scenario NAME LEVELS STEPS-YAML [MORE-YAML]
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [$2]}}
order: sequential
boot_timeout: 100ms
${4:-}
steps:
$3
END
}
of() { echo "run_id in (select run_id from run join experiment using (experiment_id) where name = '$1')"; }

scenario wide '1, 2, 3, 4, 5, 6, 7' '  - {name: work, on: a, run: "sleep 200\necho value=${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}'
expect_success 'three runs side by side' 'trialbed run --machines fake -j 3 wide.yaml'
expect_success 'they begin in the planned order' '[ "$(sql "select count(*) from run_facts where executed = position and status = '"'completed'"'")" = 7 ]'
expect_output 'the first three know of each other' 'sql "select concurrent from run_facts where position <= 3 order by position"' <<'END'
3
3
3
exit 0
END
expect_output 'what is stored is what was: no attempt began beside more than two others' 'sql "
    select count(*), max(together) <= 3, min(concurrent >= together) from (select a.concurrent as concurrent,
        (select count(*) from attempt b where b.started_ns <= a.started_ns and b.started_ns + b.duration_ns > a.started_ns) as together
        from attempt a)"' <<'END'
7 1 1
exit 0
END
sed 's/image: tiny/image: tiny, cpus: 64/; s/name: wide/name: heavy/' wide.yaml >heavy.yaml
expect_success 'machines that fill the host run alone' 'trialbed run --machines fake --only x=1 --only x=2 heavy.yaml && [ "$(sql "select distinct concurrent from run_facts where experiment = '"'heavy'"'")" = 1 ]'

scenario warm '1, 2' '  - {name: work, on: a, run: "echo value=${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}' 'repetitions: 2
warmup: 1'
expect_success 'a warm-up is called one' 'trialbed run --machines fake -j 1 warm.yaml 2>&1 | grep -F "(x=2, warm-up 1): completed"'
expect_output 'it is kept, and not counted' 'sql "select warmup, count(*), sum(counted) from run_values where metric = '"'value'"' and $(of warm) group by 1"' <<'END'
0 4 4
1 2 0
exit 0
END

scenario boot '1, 2' '  - {name: work, on: a, run: "echo value=${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}' 'retries: 2'
expect_status 1 'machines that never boot' 'TRIALBED_FAKE_BOOT=hang trialbed run --machines fake -j 1 boot.yaml 2>err'
expect_output 'each run is tried three times' 'sql "
    select run_id - (select min(run_id) from run where $(of boot)), attempt, phase, class from attempt where $(of boot) order by 1, 2"' <<'END'
0 1 ready boot
0 2 ready boot
0 3 ready boot
1 1 ready boot
1 2 ready boot
1 3 ready boot
exit 0
END
expect_output 'people are told of it' 'grep -c "it will be tried again" err; tail -2 err' <<'END'
4
trialbed: 2 of 2 runs failed
hint: 'trialbed status 4' lists them, 'trialbed show RUN' tells more.
exit 0
END
expect_status 1 'resume --failed has as many tries' 'TRIALBED_FAKE_BOOT=hang trialbed resume boot --failed -j 1'
expect_success 'six of each run by now' '[ "$(sql "select group_concat(n) from (select count(*) as n from attempt where $(of boot) group by run_id)")" = 6,6 ]'
expect_success 'and they succeed once the machines do' 'trialbed resume boot --failed && [ "$(sql "select n, mean from cell_summary where metric = '"'value'"' and experiment = '"'boot'"'")" = "1 1.0
1 2.0" ]'

scenario half '1' '  - {name: first, on: a, run: "echo value=${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}
  - {name: second, on: a, run: "fail 1"}'
expect_status 1 'a run that fails after it measured' 'trialbed run --machines fake half.yaml'
expect_output 'its samples are kept, but it has no value' 'sql "select count(*) from sample join metric using (metric_id) where name = '"'value'"' and $(of half)"; sql "select count(*) from run_values where $(of half)"' <<'END'
1
0
exit 0
END

sql "create trigger refuse before insert on sample when new.value = 4711 begin select raise(abort, 'no such numbers here'); end"
scenario refused '4710, 4711, 4712' '  - {name: work, on: a, run: "echo value=${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}'
expect_status 1 'what the database refuses fails the run that brought it' 'trialbed run --machines fake -j 1 refused.yaml'
expect_success 'and only that' '[ "$(sql "select group_concat(status) from run_facts where experiment = '"'refused'"'")" = completed,failed,completed ]'
expect_success 'with class collect and the reason' 'sql "select class, phase, reason from run_facts where experiment = '"'refused'"'" | tee /dev/stderr | grep -q "^collect collect .*no such numbers here"'
expect_success 'what it printed is kept' '[ "$(sql "select count(*) from artifacts where path like '"'%01-work.stdout'"' and $(of refused)")" = 3 ]'
sql 'drop trigger refuse'

scenario behind '1, 2' '  - {name: serve, on: a, background: true, run: "echo value=${x}; fail ${x}", measure: [{metric: value, regex: "value=([0-9]+)"}]}
  - {name: work, on: a, run: "echo done"}'
expect_success 'a step in the background is measured, too' 'trialbed run --machines fake behind.yaml && [ "$(sql "select group_concat(value) from run_values where metric = '"'value'"' and $(of behind)")" = 1.0,2.0 ]'
expect_output 'how it ended is said' 'sql "select text from event where kind = '"'warning'"' and $(of behind) order by run_id"' <<'END'
step 'serve' ended by itself with status 1 on machine 'a'
step 'serve' ended by itself with status 2 on machine 'a'
exit 0
END

scenario names '1' '  - {name: work, on: a, run: "write /a/b one; write /a_b two; write /console.log three; echo ${x}"}' \
    'collect: [{from: a, path: /a/b}, {from: a, path: /a_b}, {from: a, path: /console.log}]'
expect_success 'files whose names are alike do not collide' 'trialbed run --machines fake names.yaml'
expect_output 'each has its own content' 'sql "select path from artifacts where kind = '"'file'"' order by path" | sed "s,^,lab/," | xargs cat; sql "select count(*) from artifacts where path like '"'%/a.console.log'"' and $(of names)"' <<'END'
one
two
three
1
exit 0
END

failed=$(sql "select run_id from run_facts where experiment = 'half'")
folder=lab/runs/$(sql "select experiment_id from experiment where name = 'half'")/$(printf %05d "$failed")
mkdir "$folder/2" && echo precious >"$folder/2/results"
expect_status 1 'a folder that is in the way' 'trialbed resume half --failed 2>err'
expect_success 'is kept under another name, and said' 'grep -q "warning: folder .* was there already" err && grep -q precious "$folder"/2.old-*/results && [ ! -e "$folder/2/results" ]'
mv "$folder" away && : >"$folder"
expect_status 1 'an attempt that cannot even begin has failed' 'trialbed resume half --failed'
expect_success 'with its reason' 'sql "select class, phase, reason from attempt where attempt = 3 and run_id = $failed" | tee /dev/stderr | grep -q "^host prepare could not make folder"'

done_testing

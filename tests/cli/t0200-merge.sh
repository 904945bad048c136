#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Labs become one: rows and files arrive under new numbers, twice is once, a contradiction changes nothing, and neither does a kill.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

scenario() { # scenario NAME VALUE
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2], y: [0ms, 10ms]}}
repetitions: 2
warmup: 1
steps:
  - {name: say, on: a, run: "echo value=\${x}$2 \${y}", measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]}
published: [{metric: value, where: {x: 2}, mean: 2.5}]
END
}
# Everything about an experiment that does not depend on the lab's numbers.
facts() { # facts LAB NAME
    trialbed --lab "$1" summary "$2" --all --csv
    sqlite3 "$1/trialbed.db" "select cell, repetition, warmup, status, started_at, metric, value from run_facts join run_values using (run_id, cell, repetition, warmup) where experiment = '$2' order by 1, 2, 3, 6"
    sqlite3 "$1/trialbed.db" "select kind, size, sha256, media_type from artifacts join run_facts using (run_id) where experiment = '$2' order by position, path"
    sqlite3 "$1/trialbed.db" "select cell, published_mean, n, mean from published_values join experiment using (experiment_id) where name = '$2' order by 1"
}
digest() { sqlite3 "$1/trialbed.db" .dump | sha256sum; (cd "$1" && find runs -type f -exec sha256sum {} + | sort); }

scenario one .1
scenario two .2
scenario three .3
trialbed -q --lab here run --machines fake one.yaml
trialbed -q --lab there run --machines fake two.yaml
trialbed -q --lab there run --machines fake three.yaml
facts here one >one.before && facts there two >two.before && facts there three >three.before
digest there >there.before

expect_output 'two experiments of another lab are merged' 'trialbed --lab here merge there | sed "s/files, .*),/files, SIZE),/"' <<'END'
2 experiments merged (24 runs, 168 files, SIZE), 0 here already
exit 0
END
expect_success 'every summary, value and artifact is what it was' \
    'facts here one | diff one.before - && facts here two | diff two.before - && facts here three | diff three.before -'
expect_success 'and the other lab is untouched' 'digest there | diff there.before -'
expect_output 'numbers are new and without gaps' \
    'sqlite3 here/trialbed.db "select experiment_id, experiment, min(run_id), max(run_id), count(*) from run_facts group by 1"' <<'END'
1|one|1|12|12
2|two|13|24|12
3|three|25|36|12
exit 0
END
expect_success 'every artifact is where the database says, with its content' \
    'sqlite3 -separator "  " here/trialbed.db "select sha256, path from artifacts" | (cd here && sha256sum -c --quiet --strict)'
expect_success 'the merged experiment has its own view, its scenario and its logs' \
    '[ "$(sqlite3 here/trialbed.db "select count(*) from experiment_3_runs where x = 2 and y_base > 0")" = 3 ] && cmp three.yaml here/runs/3/scenario.yaml && trialbed --lab here log 25 say | grep -q value='
expect_success 'nothing half is left' '[ ! -e here/.merge ] && ! ls here/runs/*/.merging 2>/dev/null'

digest here >here.before
expect_output 'a second time nothing is to do' 'trialbed --lab here merge there' <<'END'
0 experiments merged (0 runs, 0 files, 0 bytes), 2 here already
exit 0
END
expect_success 'and nothing has changed' 'digest here | diff here.before -'
expect_output 'back the other way only what is missing comes' 'trialbed --lab there merge here | sed "s/files, .*),/files, SIZE),/"' <<'END'
1 experiment merged (12 runs, 84 files, SIZE), 2 here already
exit 0
END
expect_success 'with the same numbers behind the same names' 'facts there one | diff one.before -'

cp -r there other
sqlite3 other/trialbed.db "update sample set value = 77 where run_id = 3 and metric_id = 1"
expect_output 'a contradiction names the rows' 'trialbed --lab here merge other' <<'END'
experiment 'two', table 'sample': here: run_id=15 metric_id=10 attempt=1 sequence=0 iteration=0 offset_ns=NULL value=2.2; there: run_id=15 metric_id=10 attempt=1 sequence=0 iteration=0 offset_ns=NULL value=77.0
trialbed: the labs disagree about 1 tables of experiments that both have; nothing was merged
exit 5
END
expect_success 'and changes nothing' 'digest here | diff here.before -'

cp -r there worse
sqlite3 worse/trialbed.db "update experiment set uuid = 'x' || substr(uuid, 2)"
victim=$(find worse/runs/1 -name '*.stdout' | sort | tail -1)
echo more >>"$victim"
expect_status 5 'a changed artifact stops the merge' 'trialbed --lab here merge worse'
expect_success 'which says so' 'grep -q "its SHA-256 is another" said'
rm "$victim"
expect_status 5 'so does a missing one' 'trialbed --lab here merge worse'
expect_success 'and nothing has changed by either' 'digest here | diff here.before - && [ ! -e here/.merge ]'

cp -r there evil
sqlite3 evil/trialbed.db "update experiment set uuid = 'y' || substr(uuid, 2); update artifact set path = 'runs/1/00001/../../../../escaped' where run_id = 1 and sequence = 0"
expect_status 5 'a path that leads out of the lab is refused' 'trialbed --lab here merge evil'
expect_success 'and nothing was written' 'digest here | diff here.before - && [ ! -e escaped ]'
cp -r there busy
sqlite3 busy/trialbed.db "update experiment set uuid = 'z' || substr(uuid, 2); update run set status = 'running' where run_id = 1"
expect_status 5 'an experiment that is being run is refused' 'trialbed --lab here merge busy'
expect_status 2 'a lab is not merged into itself' 'trialbed --lab here merge here'
expect_status 2 'a lab that is not there is a mistake' 'trialbed --lab here merge nowhere'
expect_success 'and nothing has changed by all that' 'digest here | diff here.before -'

mkdir old && sqlite3 old/trialbed.db <"$top/tests/data/db/schema-1.sql" >/dev/null && sqlite3 old/trialbed.db "delete from artifact; delete from capture"
expect_success 'the lab of an older trialbed is merged, and stays as it is' \
    'cp -r old before && trialbed --lab young merge old && trialbed --lab young merge old && trialbed --lab young doctor --lab && cmp old/trialbed.db before/trialbed.db'

# Killed while it copies: the artifact is a large file with holes.
cp -r there large
path=$(sqlite3 large/trialbed.db "select path from artifacts where run_id = 24 order by path desc limit 1")
truncate -s 3G "large/$path"
sqlite3 large/trialbed.db "update experiment set uuid = 'w' || substr(uuid, 2)"
trialbed --lab here merge large 2>/dev/null &
merge=$!
expect_success 'a merge under way can be seen' 'wait_until 20 "[ -n \"\$(find here/.merge -type f -size +1M 2>/dev/null)\" ]"'
kill -KILL $merge
wait $merge 2>/dev/null
expect_success 'killed, it has changed no row, and no file of an experiment' 'digest here | grep -v runs/4/ | diff here.before -'
expect_success 'though it had moved one there' '[ -e here/runs/4/.merging ]'
cp -r here again
expect_success 'the next merge clears away what it left' \
    'trialbed --lab here merge there && [ ! -e here/.merge ] && [ ! -e here/runs/4 ] && digest here | diff here.before -'
expect_success 'and so does the next experiment that gets the number' \
    'trialbed -q --lab again run --machines fake one.yaml && [ "$(find again/runs/4 -name "*.stdout" | wc -l)" = 12 ] && trialbed --lab again merge there && facts again one >/dev/null && [ -e again/runs/4 ]'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# SIGKILL just between two things that belong together: what is noted is not yet made, what is made is not yet told, what is stored is
# not yet shown. `clean` removes exactly what is ours and dead, `resume` does the rest, and every run is completed once.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
killed_at() { # killed_at MOMENT COMMAND: it stands there; then the coordinator is killed, and all that it has ends with it
    TRIALBED_STOP_AT=$1 trialbed $2 >out 2>&1 & coordinator=$!
    expect_success "$1: it comes there" 'wait_until 20 "stopped_of \$coordinator | grep -q ." || { cat out; false; }'
    remember_family "$coordinator"
    kill -KILL "$coordinator"; wait "$coordinator" 2>/dev/null
    expect_success "$1: nothing lives on" 'wait_until 10 "[ -z \"\$(leftovers)\" ]" || { leftovers; false; }'
    sqlite3 lab/trialbed.db .dump | grep -v -e CREATE -e sqlite_ >before
}
goes_on() { # goes_on MOMENT CLEANED RUNS: what clean lists is what it removes, and no more; resume does the rest
    expect_success "$1: clean --dry-run changes nothing" 'find lab -type f ! -name "trialbed.db*" | sort >files; trialbed clean --dry-run >dry && sqlite3 lab/trialbed.db .dump | grep -v -e CREATE -e sqlite_ | cmp before - && find lab -type f ! -name "trialbed.db*" | sort | cmp files -'
    expect_output "$1: it lists" 'sed -E -e "s,$work/lab,LAB,; s/[0-9a-f]{32}/KEY/" dry' <<<"$2${2:+
}exit 0"
    [ -z "${first_clean-}" ] || expect_success "$1: clean removes that" 'trialbed clean | sed "s/^removed/would remove/" | diff dry - && trialbed clean | grep -q "nothing to clean"'
    expect_success "$1: resume ends it" 'trialbed resume -j 1 2>resumed && ! grep "was there already" resumed || { cat resumed; false; }'
    expect_output "$1: every run is completed once" "sql \"select count(*), count(distinct run_id) from attempt join run r using (run_id) where attempt.status = 'completed' and r.status = 'completed' and experiment_id = (select max(experiment_id) from run)\"" <<END
$3 $3
exit 0
END
    expect_success "$1: the lab is sound, and nothing is left" 'trialbed doctor --lab && trialbed clean | grep -q "nothing to clean"'
}

cat >s.yaml <<'END'
name: moments
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2]}}
order: sequential
steps: [{name: work, on: a, run: "echo value=${x}", measure: [{metric: value, regex: 'value=([0-9]+)'}]}]
END
run='run --machines fake -j 1'
cut() { echo "would remove 1 unfinished attempt of experiment $1 ('trialbed resume $1' goes on)"; }

killed_at attempt-begins "$run s.yaml"
goes_on attempt-begins "$(cut 1)" 2
killed_at worker-begins "$run s.yaml"
first_clean=yes goes_on worker-begins "$(cut 2)" 2
killed_at attempt-over "$run s.yaml"
goes_on attempt-over "$(cut 3)" 2
killed_at attempt-stored "$run s.yaml"
expect_output 'what was stored is stored, though nobody was told' 'sql "select status, count(*) from run where experiment_id = 4 group by 1 order by 1"' <<'END'
completed 1
planned 1
exit 0
END
goes_on attempt-stored "nothing to clean" 2

# Workers that are made ready ahead are in folders of runs that have not begun.
sed '/^order/s/$/\nstart: pool\npool: 2/' s.yaml >pool.yaml
killed_at worker-begins "$run pool.yaml"
first_clean=yes goes_on worker-begins "would remove folder LAB/runs/5/00009/1" 2
killed_at worker-begins "$run pool.yaml"
goes_on worker-begins "would remove folder LAB/runs/6/00011/1" 2

# A memory that was saved and not yet noted is of no use to anybody. A foreign file beside it is not ours.
sed '/^order/s/$/\nstart: restore/' s.yaml >restore.yaml
killed_at memory-saved "$run restore.yaml"
echo mine | tee lab/cache/memory/theirs.memory >lab/cache/memory/0123456789abcdef0123456789abcdeX.memory
first_clean=yes goes_on memory-saved "would remove half-made memory LAB/cache/memory/KEY.memory
$(cut 7)" 2
expect_success 'a foreign file is still there, and the memory that is in use' '[ "$(cat lab/cache/memory/theirs.memory lab/cache/memory/*X.memory)" = "$(printf "mine\nmine")" ] && [ "$(ls lab/cache/memory/*.json | wc -l)" = 1 ]'
done_testing

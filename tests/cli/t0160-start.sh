#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Start policies on fake machines: what is made once, what is made anew, and what the record says of it.
. "$(dirname "$0")/test-lib.sh"
. "$top/tests/cli/kill-lib.sh"

cat >restore.yaml <<'END'
name: restore
machines: [{name: a, image: tiny}, {name: b, image: tiny}]
start: restore
repetitions: 3
order: sequential
steps: [{name: work, on: a, run: "echo done"}]
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
began_ahead() { [ "$(sql "select count(*) from run_facts r join event e using (run_id) where experiment = '$1' and status = 'completed' and kind = 'ahead'")" = 3 ]; }
ahead() { sql "select p.phase, p.start_ns < 0 from phase_times p join run_facts using (run_id) where experiment = '$1' group by 1, 2 order by 1"; }
begun() { [ "$(sql "select count(*) from run_facts where experiment = 'killed' and status = 'running'")" = 1 ]; }

expect_success 'machines are restored' 'trialbed run --machines fake -j 1 restore.yaml'
expect_output 'two memories are saved by the first run, and used by all' 'sql "select run_id, count(*) from phase_times where phase = '"'save'"' group by run_id"; ls lab/cache/memory/*.memory | wc -l' <<'END'
1 2
2
exit 0
END
printf '\1' | dd of="$(ls lab/cache/memory/*.memory | head -1)" bs=1 seek=1 conv=notrunc 2>/dev/null
expect_success 'a damaged memory is made anew' 'trialbed run --machines fake -j 1 restore.yaml'
expect_output 'with an event that says why' \
    'sql "select text from event where kind = '"'save'"' and run_id = 4" | sed "s/[ab]. is made/X is made/; s/[ab]. was booted/X was booted/; s/: [0-9a-f]*.memory/: KEY.memory/"' <<'END'
the saved memory of machine 'X is made anew: it is not what was saved: its SHA-256 differs
machine 'X was booted once and its memory saved: KEY.memory
exit 0
END
sed -i 's/emulator 0/emulator 6.2/' lab/cache/memory/*.json
expect_success 'so is one of another emulator' 'trialbed run --machines fake -j 1 restore.yaml'
expect_success 'and the event names both' 'sql "select text from event where kind = '"'save'"' and run_id = 7" | grep -q "it was saved by emulator 6.2 .*, and here is emulator 0 "'

for policy in pool network; do
    sed "s/^name: .*/name: $policy/; s/^start: .*/start: $policy\npool: 2/" restore.yaml >$policy.yaml
    expect_success "$policy: runs are done" "trialbed run --machines fake -j 1 $policy.yaml"
    expect_success "$policy: each began after its machines, and says so" 'began_ahead $policy'
done
expect_output 'what a pool does ahead has negative times' 'ahead pool' <<'END'
boot 1
collect 0
define 1
handover 0
network 1
prepare 1
ready 1
step:work 0
teardown 0
exit 0
END
expect_output 'of the network, less' 'ahead network | grep 1' <<'END'
network 1
prepare 1
exit 0
END

sed 's/^name: .*/name: bad/; s/^repetitions: .*/repetitions: 2/' pool.yaml >bad.yaml
expect_status 1 'machines that do not boot ahead fail their runs' 'TRIALBED_FAKE_BOOT=fail trialbed run --machines fake bad.yaml'
expect_output 'as others do' 'sql "select status, class, reason from run_facts where experiment = '"'bad'"'"' <<'END'
failed boot machine 'a': could not be started: TRIALBED_FAKE_BOOT says so
failed boot machine 'a': could not be started: TRIALBED_FAKE_BOOT says so
exit 0
END

# What was made ready for a cell that is given up makes room for the others.
sed 's/^name: .*/name: left/; s/^repetitions: .*/repetitions: 6/; s/echo done/fail ${x}/; s/^pool: .*/pool: 3/; s/sequential/interleaved/; s/^steps:/matrix: {factors: {x: [0, 1]}}\nbreaker: {cell: 2}\n&/' pool.yaml >left.yaml
expect_status 1 'a cell is given up while its next runs are ready' 'timeout 60 trialbed run --machines fake -j 1 left.yaml'
expect_success 'the other one is done, and nothing is left of runs that have not begun' '[ "$(sql "select count(*), count(*) filter (where status = '"'completed'"') from run_facts where experiment = '"'left'"' and status <> '"'planned'"'")" = "8 6" ] &&
    [ "$(ls -d lab/runs/$(sql "select max(experiment_id) from experiment")/*/* | wc -l)" = 8 ] || { ls lab/runs/*; false; }'

sed 's/^name: .*/name: killed/; s/echo done/sleep 1000/; s/^pool: .*/pool: 3/' pool.yaml >killed.yaml
trialbed run --machines fake -j 1 killed.yaml 2>killed.log &
coordinator=$!
expect_success 'three are ready, and one begins' 'wait_until 20 begun && [ "$(find lab/runs -name ahead | wc -l)" = 2 ]'
kill -KILL $coordinator
wait $coordinator 2>/dev/null
expect_success 'resume does not trip over what a crash left of the others' 'trialbed resume killed >resumed 2>&1 && ! grep "was there already" resumed && ! find lab/runs -name "*.old-*" -o -name ahead | grep .'

done_testing

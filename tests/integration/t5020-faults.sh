#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Whatever is killed, stopped or full at whatever moment: nothing is left, nothing is lost, and `resume` ends it. The moments are random, the kinds
# of faults take turns from a random one on, so that a short campaign has many of them:
# SEED=N draws the same ones again (as far as the machine keeps time), DURATION=SECONDS goes on for longer, REAL_EVERY=N has real machines
# only in every Nth round, FAULTS=N so many faults in a round with fake ones.
if [ "${1-}" != inside ]; then # small disks need mounts, which shall be ours alone
    own=(unshare --mount)
    [ "$(id -u)" -eq 0 ] || own+=(--map-current-user --keep-caps)
    "${own[@]}" true 2>/dev/null || own+=(--propagation unchanged) # in a chroot "/" is no mount that could be made private
    exec "${own[@]}" "$0" inside
fi
. "$(dirname "$0")/real-lib.sh"
. "$top/tests/cli/kill-lib.sh"
own_leak_check=yes
DURATION=${DURATION:-20} REAL_EVERY=${REAL_EVERY:-2} FAULTS=${FAULTS:-10} SEED=${SEED:-2026}
echo "#: SEED=$SEED DURATION=$DURATION"
RANDOM=$SEED
mkdir tmp && export TMPDIR=$work/tmp
: >remembered; : >injected

sql() { sqlite3 -separator ' ' "${lab:-lab}/trialbed.db" "$1"; }
count() { sql "select count(*) from $1"; }
nap() { sleep "$((RANDOM % $1)).$((RANDOM % 10))$((RANDOM % 10))"; } # less than that many seconds
pick() { picked= && [ $# -eq 0 ] || { shift $((RANDOM % $#)); picked=$1; }; } # an argument, to $picked: in a subshell the draw would not count
# next KINDS KIND...: the KINDS take turns from a random one on; *picked is the next.
declare -A turns
next() {
    local kinds=$1
    shift
    : "${turns[$kinds]:=$((RANDOM % $#))}"
    picked=${*:$((turns[$kinds]++ % $# + 1)):1}
}
lives() { kill -0 "$coordinator" 2>/dev/null; }
failed() { count "$1 where status = 'failed' ${2-}"; }
unexplained="and (class is null or phase is null or reason is null)"

named() { while read -r process; do grep -qsz -- "$1" "/proc/$process/cmdline" && echo "$process"; done; }
machines_of_all() { for init in $(inits_of "$coordinator"); do namespace_of "$init" | named '^guest='; done; }

# What was done to it, one line a fault; verified: runs that were looked at afterwards.
note() { echo "$1" >>injected; }
verified=0

# inflict FAULT: on something of the coordinator's that lives now. Its own death is waited for.
inflict() {
    local init signal=KILL
    wait_until 5 'works "$coordinator" || ! lives'
    case $1 in # what takes long to find may be gone when it is found
    init | worker | nursery) ;;
    *) remember_family "$coordinator" ;;
    esac
    case $1 in
    coordinator) picked=$coordinator ;;
    nursery) pick $(ps -o pid=,comm= --ppid "$coordinator" | awk '$2 == "tb-nursery" { print $1 }') ;;
    init) pick $(sandboxes_of "$coordinator") ;;
    worker) pick $(workers_of "$coordinator") ;;
    emulator) pick $(machines_of_all) ;;
    stop) pick $(machines_of_all) && signal=STOP ;;
    esac
    [ -n "$picked" ] && kill -$signal "$picked" 2>/dev/null && faults="$faults $1" && note "$1"
    [ "$1" != coordinator ] || wait "$coordinator" 2>/dev/null
}

# A round: one experiment, faults at random moments (less than PAUSE seconds apart), and what must hold at its end.
round() { # round TITLE PAUSE JOBS COMMAND FAULT...
    local title=$1 pause=$2 jobs=$3 command=$4 experiment fault lost=0 status
    shift 4
    experiment=$(($(count experiment 2>/dev/null || echo 0) + 1)) faults=
    trialbed $command --keep-going -j "$jobs" >out 2>&1 & coordinator=$!
    for fault; do
        nap "$pause"
        lives || break
        inflict "$fault"
        lives && continue
        wait_until 10 '[ -z "$(leftovers)" ]' || { leftovers; lost=1; }
        [ "$(count "experiment where experiment_id = $experiment" 2>/dev/null)" = 1 ] && command="resume $experiment"
        trialbed $command --keep-going -j "$jobs" >out 2>&1 & coordinator=$!
    done
    wait_until 300 '! lives' || { ps -ef --forest >hung; lost=1; kill -KILL "$coordinator"; }
    wait "$coordinator"; status=$?
    expect_success "$title, after$faults: it ends, and no killed coordinator leaves anything" "[ $lost -eq 0 ]"
    expect_success "$title: well, or with failed runs" "[ $status -le 1 ] || { cat out; false; }"
    if [ "$(failed run "and experiment_id = $experiment")" -gt 0 ]; then
        expect_success "$title: failed runs are done again" "trialbed resume $experiment --failed -j $jobs || trialbed resume $experiment --failed -j 1"
    fi
    verified=$((verified + $(count "run where experiment_id = $experiment")))
    expect_success "$title: every run is completed exactly once" 'completed_once '"$experiment"' || { cat out; sql "select * from attempt where status <> '"'completed'"'"; false; }'
}

# All runs of an experiment, each by one attempt, and each with its measured value.
completed_once() {
    [ "$(count "run where experiment_id = $1 and status <> 'completed'")" = 0 ] &&
        [ "$(count "(select run_id from attempt where status = 'completed' group by run_id having count(*) > 1)")" = 0 ] &&
        [ "$(count "run_values where experiment_id = $1 and metric = 'value'")" = "$(count "run where experiment_id = $1")" ]
}

# The write-ahead log ends with a page that was never written in full.
corrupt_wal() {
    local size
    size=$(stat -c %s lab/trialbed.db-wal 2>/dev/null || echo 0)
    [ "$size" -gt 4096 ] || return
    dd if=/dev/urandom of=lab/trialbed.db-wal bs=1 count=2048 seek=$((size - 2048)) conv=notrunc 2>/dev/null && note wal
}

whole() { # what must hold of a lab after whatever happened to it
    expect_success "$1: the lab is sound" '[ "$(sql "pragma integrity_check")" = ok ] && trialbed doctor --lab="${lab:-lab}"'
    expect_success "$1: every failed attempt has its class, phase and reason" \
        '[ "$(failed attempt "$unexplained")" = 0 ] || { sql "select * from attempt"; false; }'
}

nothing_left() {
    expect_success 'no process, link or mount of ours is left' '[ -z "$(leftovers)" ] || { leftovers; false; }'
    expect_success 'no half-written file is left' '! find lab tmp -type f -regextype posix-extended -regex ".*(\.[A-Za-z0-9]{6}|tmp/.*)" ! -name "*.stdout" ! -name "*.stderr" | grep .'
    expect_success 'clean finds nothing' 'trialbed clean | grep -q "nothing to clean"'
}

boot_s=60 # until it is known
scenario() { # scenario NAME LEVELS STEP
    cat >"$1.yaml" <<END
name: $1
machines:
  - {name: a, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
bridges: [{name: br0}]
matrix: {factors: {x: [$2]}}
retries: 1
timeout: $((boot_s + 15))s
boot_timeout: ${boot_s}s
steps:
  - {name: work, on: a, timeout: 10s, run: "echo value=\${x}; $3", measure: [{metric: value, regex: 'value=([0-9]+)'}]}
captures: [{bridge: br0}]
collect: [{from: a, path: /etc/hosts}]
END
}
# How long this machine needs today: a stopped emulator shall not be waited for much longer.
scenario first 1 'sleep 1'
expect_success 'a machine boots' 'trialbed run first.yaml'
boot_s=$(sql "select max(12, 4 * sum(duration_ns) / 1000000000) from phase_times where phase in ('define', 'ready')")
scenario imagined "$(seq -s, $((FAULTS * 2)))" 'write /etc/hosts x; sleep 1200'
# The guest's kernel panics, or the guest cuts its channel, until a moment after which nothing strikes any more. The console tells.
panic='echo c >/proc/sysrq-trigger'
channel='echo fault: channel >/dev/console; for d in /sys/bus/virtio/drivers/virtio_console/virtio*; do echo $${d##*/} >/sys/bus/virtio/drivers/virtio_console/unbind; done'
striking() { # striking NAME LEVELS SECONDS LEVEL KIND [LEVEL KIND]: KIND strikes the run of this LEVEL
    local name=$1 levels=$2 until=$(($(date +%s) + $3)) strikes=true
    shift 3
    while [ $# -gt 0 ]; do
        strikes="$strikes; [ \${x} -ne $1 ] || [ \$(date +%s) -gt $until ] || { ${!2}; sleep 5; }"
        shift 2
    done
    scenario "$name" "$levels" "sleep 0.\${x}; $strikes"
}
guest_faults() { # one line each
    grep -hcs 'sysrq: Trigger a crash' lab/runs/*/*/*/a.console.log | awk '$1 > 0 { print "panic" }'
    grep -hcs 'fault: channel' lab/runs/*/*/*/a.console.log | awk '$1 > 0 { print "channel" }'
}

# Both once with nothing else going wrong, so that first attempts are struck and second ones are not.
striking guests 1,2 $((boot_s * 5 / 8)) 1 panic 2 channel
round 'struck guests' 1 2 'run guests.yaml'
expect_success 'both guests were struck' '[ "$(guest_faults | sort -u | wc -l)" = 2 ]'

scenario real 1,2,3 'sleep 0.${x}'
turn=0
while [ "$turn" -eq 0 ] || [ "$SECONDS" -lt "$DURATION" ]; do
    drawn=()
    for _ in $(seq "$FAULTS"); do next fake coordinator init worker nursery && drawn+=("$picked"); done
    round 'fake machines' 1 3 'run imagined.yaml --machines fake' "${drawn[@]}"
    [ $((turn++ % REAL_EVERY)) -eq 0 ] || continue
    [ "$turn" -eq 1 ] || { next guest panic channel && striking real 1,2,3 "$boot_s" 2 "$picked"; } # if nothing else ends it before
    next real 'init stop coordinator emulator' 'emulator coordinator worker stop' 'stop worker emulator coordinator'
    round 'real machines' 5 2 'run real.yaml' $picked
done
scenario real 1,2,3 'sleep 0.${x}'
guest_faults >>injected
whole 'after all that'
nothing_left

# The power fails: what is on the disk at that moment goes on elsewhere. (While it is copied, the writer stands still.)
trialbed run imagined.yaml --machines fake -j 3 >out 2>&1 & coordinator=$!
expect_success 'runs are under way' 'wait_until 60 works $coordinator'
nap 4
lives && remember_family "$coordinator"
experiment=$(count experiment)
kill -STOP "$coordinator" && cp -a lab copied && note power; kill -CONT "$coordinator"; kill -KILL "$coordinator"; wait "$coordinator" 2>/dev/null; note coordinator
corrupt_wal # before anybody opens the database: who closes it last empties the log
expect_success 'a lab that was copied at some moment is resumed' 'trialbed --lab copied resume -j 3 || trialbed --lab copied resume --failed -j 3'
expect_success 'every run is completed exactly once in the copy' 'lab=copied completed_once $experiment'
lab=copied whole 'the copy'
verified=$((verified + FAULTS * 2))

# What the disk had not got yet of the last transaction is rubbish.
expect_success 'a last page of rubbish in the log is no obstacle' 'grep -qx wal injected && { trialbed resume "$experiment" -j 3 || trialbed resume "$experiment" --failed -j 3; }'
expect_success 'every run is completed exactly once all the same' 'completed_once $experiment'
# What the lost transaction had told of is kept aside, and doctor asks what shall become of it.
expect_success 'only the files of the lost attempt belong to no row' '! trialbed doctor --lab 2>&1 | grep "belongs to no row" | grep -v "/[0-9]*\.old-[0-9]*/"'
find lab/runs -name '*.old-*' -prune -exec rm -r {} +
whole 'after the rubbish'
verified=$((verified + FAULTS * 2))

# A worker that stands still costs one attempt of one run.
scenario still '1, 2' 'write /etc/hosts x; sleep 2500'
sed -i "s/^timeout: .*/timeout: $((boot_s / 4 + 3))s/; s/^boot_timeout: .*/boot_timeout: $((boot_s / 4 + 2))s/" still.yaml
trialbed run still.yaml --machines fake -j 2 >out 2>&1 & coordinator=$!
expect_success 'workers work' 'wait_until 60 "works \$coordinator && [ -n \"\$(workers_of \$coordinator)\" ]"'
picked=$(workers_of "$coordinator" | head -1); kill -STOP "$picked" && note still
wait "$coordinator"; status=$?
expect_success 'a worker that stands still is ended and its run done again' '[ $status -eq 0 ] && completed_once $(count experiment) || { cat out; false; }'
expect_success 'with class timeout, and only that one' '[ "$(count "attempt where status = '"'failed'"' and run_id in (select run_id from run where experiment_id = $(count experiment))")" = 1 ] && [ "$(count "attempt where class = '"'timeout'"' and reason like '"'the worker hung%'"'")" -ge 1 ]'
verified=$((verified + 2))

# A disk that is full while the database is written.
mkdir small && mount -t tmpfs -o size=3m none small && lab=small/lab
scenario many "$(seq -s, 60)" 'write /etc/hosts x; sleep 5'
# 4: there was no room for another run; 5: the database could not store one.
expect_success 'a disk that fills up ends the experiment' 'trialbed --lab small/lab run many.yaml --machines fake -j 2 >full.out 2>&1; status=$?; [ $status -eq 4 ] || [ $status -eq 5 ]'
expect_success 'says so, and how to go on' 'grep -q "^trialbed: .*\(full\|No space\)" full.out && grep -q "make room" full.out && grep -q "trialbed .*resume 1" full.out || { tail full.out; false; }'
note full
expect_success 'what was stored is sound' '[ "$(sql "pragma integrity_check")" = ok ] && [ "$(count "run_facts where status = '"'completed'"'")" -gt 0 ]'
done_before=$(count "attempt where status = 'completed'")
mount -o remount,size=60m small
expect_success 'with room it goes on' 'trialbed --lab small/lab resume --failed -j 2'
expect_success 'every run is completed, none twice' '[ "$(count "attempt where status = '"'completed'"'")" = 60 ] && [ "$(count "run_facts where status = '"'completed'"'")" = 60 ] && [ "$done_before" -lt 60 ]'
whole 'full database'
umount small

# The same with real machines, whose files find no room.
mount -t tmpfs -o size=260m none small
trialbed --lab small/lab run real.yaml -j 1 >out 2>&1 & coordinator=$!
expect_success 'a machine works' 'wait_until 60 "[ -n \"\$(machines_of_all)\" ]"'
dd if=/dev/zero of=small/ballast bs=1M 2>/dev/null; note full
wait $coordinator; status=$?
expect_success 'a full lab ends the experiment' '{ [ $status -eq 4 ] || [ $status -eq 5 ]; } && grep -q "MiB of disk left\|disk is full" out || { cat out; false; }'
expect_success 'no run is given up for it' '[ "$(failed run)" = 0 ]'
rm small/ballast
expect_success 'with room its runs are done' 'trialbed --lab small/lab resume || trialbed --lab small/lab resume --failed'
expect_success 'all of them' '[ "$(count "run_facts where status = '"'completed'"'")" = 3 ]'
whole 'full lab'
umount small
unset lab

# Reports without gnuplot: every other program is there.
mkdir programs && for program in /usr/bin/*; do ln -s "$program" programs/; done && rm -f programs/gnuplot*
expect_status 4 'a report without gnuplot ends with status 4' 'PATH=$work/programs "$TRIALBED" report real -o report >report.out 2>&1'
expect_success 'says what installs it' 'grep -q "there is no program .gnuplot" report.out && grep -q "^hint: .*apt-get install gnuplot" report.out || { cat report.out; false; }'
expect_success 'and the tables are there all the same' 'grep -q "^|.*value" report/summary.md && grep -q value report/summary.csv && [ -s report/index.html ] && [ -s report/*.tsv ] && [ -s report/*.gp ] && ! ls report/*.svg 2>/dev/null'

verified=$((verified + 60 + 3))
# Every kind, also those that nothing was done of.
kinds='coordinator nursery init worker still emulator stop panic channel full power wal'
expect_success 'every fault is of a kind that is told' '! grep -vxF "$(printf "%s\n" $kinds)" injected'
echo "#: faults injected: $(wc -l <injected) ($(for kind in $kinds; do echo "$(grep -cx "$kind" injected) $kind"; done | paste -sd, | sed 's/,/, /g')); runs verified: $verified"
done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make bench-run`: what the runner costs, as median (smallest to largest, n). Needs the guest image (make check-integration
# T=t5000-image) for the machines; PARTS="cost memory resume machines" chooses.
#   cost      from run to run on the fake machine at -j 1, which does nothing: all of it is ours. RUNS=1000
#   memory    largest resident memory of any of our processes, for a tenth of MANY=10000 runs and for all of them
#   resume    from the call of `resume` to the first attempt's beginning, with STORED=100000 runs in the database. N=5
#   machines  runs an hour: BATCH=6 boots at a time, all drivers taking turns N=3 times. The floor is a shell that starts the same
#             QEMU with the same kernel and waits for the same line of the agent; GNU parallel and JUBE (two processes) drive it, too
set -eu
: "${TRIALBED:?set TRIALBED to the program}"
RUNS=${RUNS:-1000} MANY=${MANY:-10000} STORED=${STORED:-100000} BATCH=${BATCH:-6} PARTS=${PARTS:-cost memory resume machines}
export LC_ALL=C TZ=UTC
work=$(mktemp -d "${TMPDIR:-/var/tmp}/trialbed-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# Numbers, one a line: "median UNIT (smallest to largest, n = N)".
spread() { # spread UNIT [FORMAT]
    sort -n | awk -v unit="$1" -v f="${2:-%.2f}" '{ v[NR] = $1 }
        END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2
              printf f " %s (" f " to " f ", n = %d)\n", m, unit, v[1], v[NR], NR }'
}
now() { date +%s.%N; }
since() { awk -v from="$1" -v to="$(now)" 'BEGIN { printf "%.3f\n", to - from }'; }
sql() { sqlite3 "$1/trialbed.db" "$2"; }
scenario() { # scenario NAME REPETITIONS MORE-YAML
    cat >"$1.yaml" <<YAML
name: $1
machines: [{name: a, image: tiny, memory_mb: 128}]
repetitions: $2
${3-}
steps: [{name: say, on: a, run: echo value=1, measure: [{metric: value, regex: 'value=([0-9.]+)'}]}]
YAML
}
fake() { "$TRIALBED" -q --lab "$1" run --machines fake -j 1 "$2"; }

part_cost() {
    scenario cost "$RUNS"
    fake cost cost.yaml
    printf 'cost of a run on the fake machine: '
    sql cost "select (started_ns - lag(started_ns) over (order by started_ns)) / 1e6 from attempt limit -1 offset 1" | spread ms
    printf '  of it loading the program: '
    for _ in $(seq 50); do local from; from=$(now); "$TRIALBED" version >/dev/null; since "$from"; done | awk '{ print $1 * 1000 }' | spread ms
}

# Largest resident memory of the coordinator: the kernel's own high-water mark, read until it ends.
peak_mib() {
    local peak=0 now_kb
    "$TRIALBED" -q --lab "$1" run --machines fake -j 1 "$2" & local pid=$!
    while now_kb=$(awk '/^VmHWM/ { print $2 }' "/proc/$pid/status" 2>/dev/null) && [ -n "$now_kb" ]; do peak=$now_kb; sleep 0.2; done
    wait "$pid"
    awk -v kb="$peak" 'BEGIN { printf "%.1f\n", kb / 1024 }'
}

part_memory() {
    local few=$((MANY / 10))
    scenario few $few && scenario many "$MANY"
    echo "memory of the coordinator: $(peak_mib few few.yaml) MiB for $few runs, $(peak_mib many many.yaml) MiB for $MANY runs"
}

part_resume() {
    scenario stored "$STORED"
    # Not through fake(): $! would be a shell's. And TERM, since what runs in the background ignores INT.
    "$TRIALBED" -q --lab stored run --machines fake -j 1 stored.yaml 2>/dev/null & local pid=$!
    until [ "$(sql stored 'select count(*) from attempt' 2>/dev/null || echo 0)" -gt 0 ]; do sleep 0.1; done
    kill -TERM $pid; wait $pid || true
    # As if all but a few had been done: what resume has to look through is the same.
    sql stored "insert into attempt (run_id, attempt, status, started_ns, duration_ns) select run_id, 1, 'completed', 1, 1 from run
                where status = 'planned' and position <= $STORED - 100;
                update run set status = 'completed' where status = 'planned' and position <= $STORED - 100"
    printf 'resume with %d stored runs, to the first that is started: ' "$STORED"
    for _ in $(seq "${N:-5}"); do
        local from before
        before=$(sql stored 'select max(started_ns) from attempt') from=$(date +%s%N)
        "$TRIALBED" -q --lab stored resume -j 1 2>/dev/null & pid=$!
        until [ "$(sql stored "select count(*) from attempt where started_ns > $before")" -gt 0 ]; do sleep 0.02; done
        kill -TERM $pid; wait $pid || true
        sql stored "select (min(started_ns) - $from) / 1e9 from attempt where started_ns > $before"
    done | spread s
}

# The same machine without us. A boot is over when the agent says that it is there.
write_floor() {
    local xml
    scenario first 1
    "$TRIALBED" -q --lab first run first.yaml
    xml=$(echo first/runs/*/*/1/a.xml)
    value() { sed -n "s,.*<$1>\(.*\)</$1>.*,\1,p" "$xml"; }
    cat >boot.sh <<SH
#!/bin/sh
dir=\$(mktemp -d) && cd "\$dir" || exit 1
qemu-system-x86_64 -machine pc,accel=$([ -w /dev/kvm ] && echo kvm || echo tcg) -m 128 -nodefaults -no-user-config -display none -no-reboot \\
    -kernel '$(value kernel)' -initrd '$(value initrd)' -append '$(value cmdline)' -serial file:console \\
    -device virtio-serial-pci -chardev socket,id=c,path=agent,server=on,wait=off -device virtserialport,chardev=c,name=org.trialbed.agent.0 \\
    -object rng-random,id=r,filename=/dev/urandom -device virtio-rng-pci,rng=r &
until grep -qs "port 'org.trialbed" console; do sleep 0.02; kill -0 \$! || exit 1; done
kill \$!; wait \$! 2>/dev/null
cd / && rm -r "\$dir"
SH
    chmod +x boot.sh
    cat >jube.yaml <<YAML
name: boots
outpath: jube
parameterset: {name: p, parameter: [{name: rep, type: int, _: "$(seq -s, "$BATCH")"}]}
step: {name: boot, procs: 2, use: p, do: "$work/boot.sh"}
YAML
}
drive() { # drive DRIVER: the batch, once
    case $1 in
    floor) for _ in $(seq "$BATCH"); do ./boot.sh; done ;;
    parallel) parallel --will-cite -j2 --joblog joblog ./boot.sh ::: $(seq "$BATCH") ;;
    jube) rm -rf jube && jube run jube.yaml --hide-animation >/dev/null 2>&1 ;;
    trialbed-1) "$TRIALBED" -q --lab lab run batch.yaml -j 1 ;;
    trialbed-2) "$TRIALBED" -q --lab lab run batch.yaml -j 2 ;;
    restore-2) "$TRIALBED" -q --lab lab run restore.yaml -j 2 ;;
    esac
}
part_machines() {
    local drivers='floor trialbed-1' driver round from
    command -v parallel >/dev/null && drivers="$drivers parallel"
    command -v jube >/dev/null && drivers="$drivers jube"
    drivers="$drivers trialbed-2"
    write_floor
    scenario batch "$BATCH" && scenario restore "$BATCH" 'start: restore'
    "$TRIALBED" -q --lab lab run batch.yaml --repetitions 1
    "$TRIALBED" check restore.yaml >/dev/null 2>&1 && "$TRIALBED" -q --lab lab run restore.yaml --repetitions 1 && drivers="$drivers restore-2"
    for round in $(seq "${N:-3}"); do
        for driver in $drivers; do
            from=$(now); drive "$driver"; since "$from" | awk -v n="$BATCH" '{ print 3600 * n / $1 }' >>"rate.$driver"
        done
    done
    for driver in $drivers; do printf '%-11s' "$driver"; spread 'runs an hour' %.0f <"rate.$driver"; done
    ratio trialbed-1 floor; ratio trialbed-2 parallel; ratio restore-2 jube
}
# The median of the rounds' own ratios: what the host did in one round it did to both.
ratio() { [ ! -e "rate.$1" ] || [ ! -e "rate.$2" ] || { printf '%s / %s: ' "$1" "$2"; paste "rate.$1" "rate.$2" | awk '{ print $1 / $2 }' | spread 'times'; }; }

for part in $PARTS; do "part_$part"; done

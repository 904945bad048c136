#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make bench-start`: how fast machines are ready, against a plain QEMU with the same kernel and initramfs and against a stock one; hand-over,
# end, eight at once, and how a processor-bound figure repeats. What is compared takes turns, N times (default 7). Prints a table in Markdown:
# median [smallest .. largest]. TRIALBED_IMAGES: a store with the image `tiny`. PARTS="start load eight quickstart taps" chooses.
set -eu
: "${TRIALBED:?set TRIALBED to the program}" "${TRIALBED_IMAGES:?set TRIALBED_IMAGES to an image store}" "${BENCH_TAPS:?}"
N=${N:-7} PARTS=${PARTS:-taps start load eight quickstart}
export LC_ALL=C TZ=UTC TRIALBED_IMAGES
top=$(cd "$(dirname "$0")/../.." && pwd)
work=$(mktemp -d "${TMPDIR:-/var/tmp}/trialbed-bench.XXXXXX")
hogs=()
# shellcheck disable=SC2329 # called by the trap
clean() { [ ${#hogs[@]} -eq 0 ] || kill "${hogs[@]}" 2>/dev/null || true; rm -rf "$work"; }
trap clean EXIT
cd "$work"
wanted() { [[ " $PARTS " == *" $1 "* ]]; }
sql() { sqlite3 -noheader "lab/trialbed.db" "$1"; }
now_ms() { echo $(($(date +%s%N) / 1000000)); }
object() { echo "$TRIALBED_IMAGES/objects/$(sed -n "/\"$1\"/,/}/s/.*\"\([0-9a-f]\{64\}\)\".*/\1/p" "$TRIALBED_IMAGES/names/tiny.json" | head -1)"; }

# summary FILE: "median [smallest .. largest] n"; one number a line.
summary() { sort -g "$1" | awk '{ v[NR] = $1 } END { m = NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2; f = m < 100 ? "%.1f" : "%.0f"; printf f " [" f " .. " f "] n = %d", m, v[1], v[NR], NR }'; }
median() { summary "$1" | cut -d' ' -f1; }
cv() { awk '{ s += $1; q += $1 * $1 } END { m = s / NR; printf "%.3f", 100 * sqrt((q - NR * m * m) / (NR - 1)) / m }' "$1"; }
ratio() { awk -v a="$1" -v b="$2" 'BEGIN { printf "%.2f", a / b }'; }
row() { printf '| %s | %s | %s | %s | %s |\n' "$@"; }

echo "host: $(uname -r), $(nproc) CPUs, $(qemu-system-x86_64 --version | head -1), load $(cut -d' ' -f1 /proc/loadavg), $(date -u +%F)"
echo
row 'what' 'trialbed' 'beside it' 'ratio' 'target'
row --- --- --- --- ---

if wanted taps; then
    "$BENCH_TAPS" "${TAPS:-1000}"
fi

# --- one machine until it answers ---
kernel=$(object kernel) initrd=$(object initrd)
fast='console=ttyS0 panic=-1 quiet cryptomgr.notests no_timer_check random.trust_cpu=on tsc=reliable'
# plain FILE ARGUMENTS...: milliseconds from QEMU's start until the agent has its port, which is when it answers.
plain() {
    local file=$1 start line
    shift
    start=$(now_ms)
    coproc QEMU { exec qemu-system-x86_64 -accel tcg -display none -no-reboot -serial stdio -monitor none -m 128 "$@" 2>/dev/null; }
    while read -r line <&"${QEMU[0]}"; do
        case $line in *"port 'org.trialbed.agent.0'"*) break ;; esac
    done
    echo $(($(now_ms) - start)) >>"$file"
    kill "$QEMU_PID"
    wait "$QEMU_PID" 2>/dev/null || true
}
port=(-device virtio-serial-pci -chardev null,id=agent -device virtserialport,chardev=agent,name=org.trialbed.agent.0)

if wanted start; then
    package=("$TRIALBED_IMAGES"/packages/linux-image-*-cloud-amd64_*.deb)
    dpkg-deb --fsys-tarfile "${package[0]}" | tar -xO --wildcards './boot/vmlinuz-*' >bzImage
    cat >start.yaml <<'YAML'
name: start
machines: [{name: a, image: tiny, memory_mb: 128}]
start: ${start}
pool: 1
matrix: {factors: {start: [cold, restore, pool]}}
order: sequential
timeout: 600s
boot_timeout: 300s
steps: [{name: first, on: a, run: echo hi}]
YAML
    cat >two.yaml <<'YAML'
name: two
machines:
  - {name: a, image: tiny, memory_mb: 128, interfaces: [{bridge: br0}]}
  - {name: b, image: tiny, memory_mb: 128, interfaces: [{bridge: br0}]}
bridges: [{name: br0}]
start: restore
timeout: 600s
boot_timeout: 300s
YAML
    "$TRIALBED" -q run -j 1 start.yaml --only start=restore 2>/dev/null # saves the memory, and libvirt learns about its emulator
    "$TRIALBED" -q run -j 1 two.yaml 2>/dev/null
    first=$(sql 'select max(run_id) from run')
    for _ in $(seq "$N"); do
        plain plain.ms -M pc -nodefaults -kernel "$kernel" -initrd "$initrd" -append "$fast" "${port[@]}"
        plain stock.ms -M q35 -kernel bzImage -initrd "$initrd" -append 'console=ttyS0' "${port[@]}"
        "$TRIALBED" -q run -j 1 start.yaml 2>/dev/null
        "$TRIALBED" -q run -j 1 two.yaml 2>/dev/null
    done
    # From the run's beginning to the end of its first command.
    answered() { sql "select (p.start_ns + p.duration_ns) / 1e6 from phase_times p join run_facts r using (run_id) where r.run_id > $first and r.cell = 'start=$1' and p.phase = 'step:first'" >"$1.ms"; }
    for policy in cold restore pool; do answered $policy; done
    # Until the worker, and with it the kernel's clearing of its namespaces' processes, is over.
    sql "select (a.duration_ns - p.start_ns) / 1e6 from attempt a join phase_times p using (run_id) join run_facts r using (run_id) where r.run_id > $first and r.experiment = 'two' and p.phase = 'teardown'" >end.ms
    row 'cold start until a command has answered, ms' "$(summary cold.ms)" "plain QEMU until its ready line: $(summary plain.ms)" "$(ratio "$(median cold.ms)" "$(median plain.ms)")" '<= 1.10'
    row 'restore until a command has answered, ms' "$(summary restore.ms)" 'our cold start' "$(ratio "$(median cold.ms)" "$(median restore.ms)") x faster" '>= 5 x'
    row '' '' "stock QEMU (q35, bzImage, plain command line): $(summary stock.ms)" "$(ratio "$(median stock.ms)" "$(median restore.ms)") x faster" '>= 10 x'
    row 'hand-over from a pool until the first command has answered, ms' "$(summary pool.ms)" '' '' '< 20 ms'
    row 'end of a run of two machines, everything gone, ms' "$(summary end.ms)" '' '' '< 100 ms'
fi

# --- a busy host ---
if wanted load; then
    for _ in 1 2; do
        while :; do :; done &
        hogs+=($!)
    done
    "$TRIALBED" -q run -j 1 "$top/scenarios/instructions/scenario.yaml" --repetitions "${LOAD_RUNS:-4}" 2>/dev/null
    kill "${hogs[@]}"
    wait "${hogs[@]}" 2>/dev/null || true
    hogs=()
    for clock in host instructions; do
        sql "select s.value from sample s join metric m using (metric_id) join run_facts r using (run_id) where m.name = 'work' and r.cell = 'clock=$clock' and r.status = 'completed'" >"$clock.work"
    done
    row 'spread of a processor-bound figure with two busy processes beside it, % (standard deviation by mean)' "\`clock: instructions\` $(cv instructions.work) n = $(wc -l <instructions.work)" "\`clock: host\` $(cv host.work) n = $(wc -l <host.work)" '' '< 0.2 %'
fi

# --- eight at once ---
busy() { awk '/^cpu / { print $2 + $3 + $4 + $7 + $8, $2 + $3 + $4 + $5 + $6 + $7 + $8 }' /proc/stat; }
if wanted eight; then
    cat >eight.yaml <<'YAML'
name: eight
machines: [{name: m, count: 8, image: tiny, memory_mb: 128}]
timeout: 600s
boot_timeout: 300s
YAML
    for _ in $(seq "$(((N + 1) / 2))"); do
        read -r before all_before < <(busy)
        "$TRIALBED" -q run -j 1 eight.yaml 2>/dev/null
        read -r after all_after < <(busy)
        awk -v b="$((after - before))" -v a="$((all_after - all_before))" 'BEGIN { print 100 * b / a }' >>eight.busy
    done
    sql "select sum(p.duration_ns) / 1e9 from phase_times p join run_facts r using (run_id) where r.experiment = 'eight' and p.phase in ('define', 'boot', 'ready') group by run_id" >eight.s
    row 'eight machines at once, until all are ready, s' "$(summary eight.s)" "busy cores, %: $(summary eight.busy)" '' '>= 90 %'
fi

if wanted quickstart; then
    cp "$top/scenarios/quickstart/scenario.yaml" quick.yaml
    sed -i 's/^name: .*/name: quick/; s/^    size: .*/    size: [64]\n    start: [cold, restore]/; s/^    delay: .*/    delay: [0ms]/; s/^timeout: .*/timeout: 600s\nboot_timeout: 300s\nstart: ${start}/; s/^repetitions: .*/repetitions: '"$(((N + 1) / 2))"'\nwarmup: 1/' quick.yaml
    "$TRIALBED" -q run -j 1 quick.yaml 2>/dev/null
    for policy in cold restore; do
        sql "select duration_s from run_facts where experiment = 'quick' and not warmup and status = 'completed' and cell like '%start=$policy%'" >quick.$policy
    done
    row 'a whole run of the quickstart, s' "\`restore\` $(summary quick.restore)" "\`cold\` $(summary quick.cold)" "$(ratio "$(median quick.restore)" "$(median quick.cold)") of cold" 'reported'
fi

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How exact impaired links are and how much they carry: first without machines (bench-link.c), then from machine to machine by each
# means that this host has. N=5 runs of each; MACHINES=no leaves the machines out.
set -eu
: "${TRIALBED:?set TRIALBED to the program}" "${BENCH_LINK:?set BENCH_LINK to the measuring program}"
n=${N:-5}
echo "date $(date -u +%Y-%m-%d), kernel $(uname -r), $(nproc) processors, load $(cut -d' ' -f1-3 /proc/loadavg)"
"$BENCH_LINK" "$TRIALBED" "$n"
[ "${MACHINES:-yes}" = yes ] || exit 0
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cat >"$work/machines.yaml" <<EOF
name: bench-link
defaults: {machines: {image: tiny, memory_mb: 128}}
machines:
  - {name: server, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: client, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0, impair: "\${means}", delay: "\${delay}"}]
matrix:
  factors: {means: [wire, guest], delay: [0ms, 10ms]}
repetitions: $n
timeout: 180s
boot_timeout: 120s
steps:
  - {name: serve, on: server, run: "iperf3 -s", background: true, ready: {port: 5201}}
  - name: ping
    on: client
    run: ping -n -c 60 -i 0.05 10.0.0.1
    measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)', aggregate: median}]
  - name: throughput
    on: client
    run: iperf3 -c 10.0.0.1 -t 3 -J
    measure: [{metric: throughput, unit: Mbit/s, jsonpath: '\$.end.sum_received.bits_per_second', scale: 1e-6}]
EOF
cd "$work"
echo 'machine to machine (rtt: median of a run; its share of the delay is twice the delay):'
"$TRIALBED" run -j 1 machines.yaml >run.log 2>&1 || { tail -5 run.log; exit 1; }
for metric in rtt throughput; do "$TRIALBED" summary 1 --metric $metric; done
grep -q netem /proc/kallsyms 2>/dev/null || echo 'netem of the host: not in this kernel'

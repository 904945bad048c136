#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# debian-12 boots, takes name, addresses and keys from cloud-init, and talks to a tiny machine; it is reached in every way, and restored machines
# are fresh ones. Minutes without KVM.
. "$(dirname "$0")/../integration/real-lib.sh"
. "$top/tests/integration/leak-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
said() { cat lab/runs/*/*/1/*"$1".stdout; }
ended() { sql "select count(*) from run_facts where experiment = '$1' and status = 'completed'"; }

expect_success 'the image is there, or builds' 'trialbed image list | grep -q "^debian-12 " || trialbed image build debian-12'
leaks_before
cat >s.yaml <<'END'
name: channels
machines:
  - {name: deb, image: debian-12, memory_mb: 512, channel: "${channel}", interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: small, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0}]
matrix: {factors: {channel: [agent, qemu-ga, ssh]}}
order: sequential
boot_timeout: 900s
timeout: 1500s
steps:
  - {name: name, on: deb, run: "echo $(hostname) $(ip -o -4 addr show dev eth0 | tr -s ' ' | cut -d' ' -f4) $(. /etc/os-release; echo $ID-$VERSION_ID)", timeout: 120s}
  - {name: cloud, on: deb, run: "grep -h 'address 10' /etc/network/interfaces.d/*; grep -c NoCloud /run/cloud-init/cloud.cfg /run/cloud-init/result.json /run/cloud-init/status.json", timeout: 120s, allow_failure: true}
  - {name: there, on: deb, run: "ping -c 3 small", timeout: 120s}
  - {name: back, on: small, run: "ping -c 3 deb", timeout: 120s}
END
expect_success 'agent, qemu-ga and ssh complete their runs' 'trialbed run -j 1 s.yaml && [ "$(ended channels)" = 3 ]'
expect_success 'with name and address' '[ "$(said name | sort | uniq -c | tr -s " ")" = " 3 deb 10.0.0.1/24 debian-12" ]'
expect_success 'which cloud-init has set' '[ "$(said cloud | grep -c "address 10.0.0.1/24")" = 3 ]'
expect_success 'both ways' '[ "$(said there | grep -c "3 received")" = 3 ] && [ "$(said back | grep -c "3 packets received\|3 received")" = 3 ]'

cat >again.yaml <<'END'
name: again
machines: [{name: deb, image: debian-12, memory_mb: 512, interfaces: [{bridge: br0, address: "10.0.${net}.1/24"}]}]
bridges: [{name: br0}]
matrix: {factors: {net: [0, 1]}}
order: sequential
start: restore
repetitions: 2
boot_timeout: 900s
timeout: 1500s
steps:
  - {name: fresh, on: deb, run: "ls /root/mark 2>/dev/null; touch /root/mark; echo $(hostname) $(ip -o -4 addr show dev eth0 | tr -s ' ' | cut -d' ' -f4)", timeout: 120s}
END
expect_success 'restored machines complete their runs' 'trialbed run -j 1 again.yaml && [ "$(ended again)" = 4 ]'
expect_success 'each is a fresh one, with its own address' '[ "$(said fresh | sort | uniq -c | tr -s " " | paste -sd,)" = " 2 deb 10.0.0.1/24, 2 deb 10.0.1.1/24" ]'
expect_success 'of one memory' '[ "$(sql "select count(*) from phase_times where phase = '"'save'"'")" = 1 ]'
sql "select experiment, phase, printf('%.1f s', min(p.duration_ns) / 1e9), printf('%.1f s', max(p.duration_ns) / 1e9) from phase_times p join run_facts using (run_id) where phase in ('define', 'ready', 'save') group by 1, 2" | sed 's/^/# /'
expect_success 'nothing is left' leaks_after

done_testing

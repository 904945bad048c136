#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# However machines are made ready, a run finds nothing of the one before: a mark that each leaves, the clock, the random pool, the
# names. And nothing of them stays.
. "$(dirname "$0")/real-lib.sh"

cat >s.yaml <<'END'
name: fresh
machines:
  - {name: alpha, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.1/16, mac: "52:54:00:aa:00:01"}]}
  - {name: beta, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: "10.0.${net}.2/16"}]}
bridges: [{name: br0}]
matrix: {factors: {start: [cold, restore, pool, network], net: [0, 1]}}
start: ${start}
repetitions: 1
order: sequential
timeout: 600s
boot_timeout: 300s
steps:
  - name: look
    on: alpha
    run: |
      ls /tmp/mark 2>/dev/null && echo "old: mark"
      touch /tmp/mark
      echo "name: $(hostname) $(cat /sys/class/net/eth0/address)"
      echo "random: $(head -c 16 /dev/urandom | xxd -p)"
      echo "time: $(date -u +%s)"
      ping -c 1 -W 5 beta >/dev/null && echo "peer: $(grep beta /etc/hosts)"
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
said() { cat lab/runs/1/*/1/*look.stdout; }
started=$(date +%s)

expect_success 'runs of every policy are completed' 'trialbed run -j 1 s.yaml && [ "$(sql "select count(*) from run_facts where status = '"'completed'"'")" = 8 ]'
expect_success 'none finds the mark of another' '! said | grep -q "^old"'
expect_success 'each has its name and address' '[ "$(said | grep "^name" | sort -u)" = "name: alpha 52:54:00:aa:00:01" ]'
expect_success 'and its peer, where the cell put it' '[ "$(said | grep "^peer" | sort | uniq -c | tr -s " \t" " ")" = " 4 peer: 10.0.0.2 beta
 4 peer: 10.0.1.2 beta" ]'
expect_success 'random numbers are not those of another run' '[ "$(said | grep "^random" | sort -u | wc -l)" = 8 ]'
on_time() { for t in $(said | sed -n "s/^time: //p"); do [ "$t" -ge "$started" ] && [ "$t" -le "$(date +%s)" ] || { echo "$t is not between $started and now"; return 1; }; done; }
expect_success 'the clock is right' on_time
expect_success 'one memory a machine serves all its runs' '[ "$(sql "select count(*) from phase_times where phase = '"'save'"'")" = 2 ] && [ "$(ls lab/cache/memory/*.memory | wc -l)" = 2 ]'
expect_success 'a pool is ready before its runs begin' '[ "$(sql "select count(distinct p.phase) from phase_times p join run_facts using (run_id) where cell like '"'start=pool%'"' and p.start_ns < 0")" = 5 ]'
expect_success 'the end of a run takes less than 0.2 s' '[ "$(sql "select max(duration_ns) < 200000000 from phase_times where phase = '"'teardown'"'")" = 1 ]'

for file in lab/cache/memory/*.memory; do dd if=/dev/zero of="$file" bs=4096 seek=1000 count=1 conv=notrunc 2>dd.log; done
export LIBVIRT_LOG_FILTERS=1:qemu.qemu_monitor LIBVIRT_LOG_OUTPUTS="1:file:$work/monitor.log"
expect_success 'a damaged memory is made anew' 'trialbed run -j 1 s.yaml --only start=restore --only net=0 --repetitions 1 && sql "select text from event where run_id = 9" | grep -q "its SHA-256 differs"'
unset LIBVIRT_LOG_FILTERS LIBVIRT_LOG_OUTPUTS
# The run makes three machines: the one whose memory is saved, and its two.
expect_success 'libvirt asks an emulator few questions, because each delays the start' '[ "$(grep -c "QEMU_MONITOR_SEND_MSG" monitor.log)" -gt 30 ] && [ "$(grep -c "QEMU_MONITOR_SEND_MSG" monitor.log)" -lt 150 ]'
truncate -s 1000000 lab/cache/memory/*.memory
touch -r s.yaml lab/cache/memory/*.memory
sed -i "s/\"size_bytes\" : [0-9]*/\"size_bytes\" : 1000000/; s/\"modified_ns\" : [0-9]*/\"modified_ns\" : $(stat -c %.9Y s.yaml | tr -d .)/" lab/cache/memory/*.json
expect_success 'and so is one that only the emulator knows to be damaged' 'trialbed run -j 1 s.yaml --only start=restore --only net=0 --repetitions 1 && sql "select text from event where run_id = 10" | tee /dev/stderr | grep -q "could not be restored"'

done_testing

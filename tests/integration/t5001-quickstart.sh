#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The quickstart on real machines (fewer runs): numbers, capture, artifacts, report, bundle.
. "$(dirname "$0")/real-lib.sh"
quickstart=$top/scenarios/quickstart/scenario.yaml
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }

expect_success 'doctor finds nothing missing' 'trialbed doctor'
expect_success 'the quickstart runs on real machines' 'trialbed run "$quickstart" --repetitions 2 --only delay=10ms'
expect_success 'all four runs are completed' '[ "$(sql "select count(*) from run_facts where status = '"'completed'"'")" = 4 ]'
expect_success 'platform, accelerator and emulator are stored' '[ "$(sql "select count(*) from run_facts where platform = '"'vm'"' and accelerator in ('"'tcg', 'kvm'"')")" = 4 ] && [ "$(sql "select count(*) from machine where emulator like '"'%qemu-system%'"'")" = 8 ]'
# A busy host makes some round trips longer, but none shorter, and hardly ever all 80.
expect_output 'a round trip takes twice the delay, and the quickest not much more' \
    'sql "select min(value) >= 20, min(value) < 40 from sample join metric using (metric_id) where name = '"'rtt'"'"' <<'END'
1 1
exit 0
END
expect_success 'each run has 20 samples of it' '[ "$(sql "select distinct samples from run_values where metric = '"'rtt'"'")" = 20 ]'
expect_success 'throughput was measured' '[ "$(sql "select count(*) from run_values where metric = '"'throughput'"' and value > 0.1")" = 4 ]'
expect_success 'every phase was timed' '[ "$(sql "select count(distinct phase) from phase_times where run_id = 1 and duration_ns > 0")" -ge 9 ]'
pcap=lab/$(sql "select path from artifacts where run_id = 1 and kind = 'pcap'")
expect_success 'tcpdump reads the capture: 20 requests and 20 replies' \
    '[ "$(tcpdump -nr "$pcap" icmp 2>/dev/null | grep -c "echo request")" = 20 ] && [ "$(tcpdump -nr "$pcap" icmp 2>/dev/null | grep -c "echo reply")" = 20 ]'
expect_success 'its counts are stored, no packet was dropped' '[ "$(sql "select packets, dropped from capture where run_id = 1")" = "40 0" ]'
expect_success 'every artifact is there with its hash' \
    'sql "select sha256, path from artifacts" | sed "s,^\([0-9a-f]*\) ,\1  lab/," | sha256sum -c --quiet --strict && [ "$(sql "select count(*) from artifacts")" -ge 40 ]'
expect_success 'the guest'"'"'s boot log was collected' '[ -s "lab/$(sql "select path from artifacts where run_id = 1 and kind = '"'file'"'")" ]'
expect_success 'the console log is there' 'trialbed log 1 server | grep -q .'
expect_success 'summary prints both metrics' 'trialbed summary quickstart | grep -q rtt && trialbed summary quickstart | grep -q throughput'
expect_success 'reports are the same twice' 'trialbed report quickstart -o r1 && trialbed report quickstart -o r2 && diff -r r1 r2 && [ -s r1/errorbars-rtt-by-delay-size.svg ]'
expect_success 'the figure redraws with plain gnuplot' 'cp -r r1 r3 && rm r3/*.svg && (cd r3 && LC_ALL=C gnuplot errorbars-rtt-by-delay-size.gp) && cmp r1/errorbars-rtt-by-delay-size.svg r3/errorbars-rtt-by-delay-size.svg'
expect_success 'the bundle is valid' 'trialbed export quickstart -o q.tar.zst && trialbed verify q.tar.zst'
expect_success 'moved and imported into another lab it gives the same summary, report and bundle' \
    'mkdir far && mv q.tar.zst far/moved && trialbed --lab far/lab import far/moved && trialbed summary quickstart --all >s1 && trialbed --lab far/lab summary --all | diff s1 - && trialbed --lab far/lab report -o r3 && diff -r r1 r3 && trialbed --lab far/lab export -o again && cmp again far/moved'
expect_success 'nothing is left of the machines' '! ip -o link show | grep -E " (tap[0-9]+-[0-9]+|br0):" && ! grep -F "$work" /proc/mounts'

done_testing

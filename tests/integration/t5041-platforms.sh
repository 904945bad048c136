#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The same scenario on virtual machines and on none: the platform is a factor. Bare machines see their own processes, links, names and
# files, and the host sees nothing of what they write.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }

cat >s.yaml <<'END'
name: platforms
platform: ${platform}
machines:
  - {name: server, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: client, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.2/24, mac: "52:54:00:aa:00:01"}]}
bridges: [{name: br0}]
matrix: {factors: {platform: [bare, vm]}}
order: sequential
repetitions: 2
steps:
  - {name: serve, on: server, run: "iperf3 -s", background: true, ready: {port: 5201}}
  - name: look
    on: client
    run: |
      ls /mark /tmp/mark 2>/dev/null && echo "old: mark"
      touch /mark /tmp/mark
      echo "name: $(hostname) $(cat /sys/class/net/eth0/address) $(cat /etc/trialbed/modules | wc -l)"
      echo "links: $(ls /sys/class/net | tr '\n' ' ')"
      ping -c 3 -i 0.2 server
    measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)'}]
  - {name: iperf, on: client, run: "iperf3 -c server -t 1 -J", measure: [{metric: throughput, unit: bit/s, jsonpath: '$.end.sum_received.bits_per_second'}]}
captures: [{bridge: br0, filter: icmp}]
collect: [{from: client, path: /etc/hosts}]
END
said() { cat lab/runs/1/*/1/*look.stdout; }
expect_success 'one scenario runs on both' 'trialbed run -j 1 s.yaml && [ "$(sql "select platform, accelerator, count(*) from run_facts where status = '"'completed'"' group by platform")" = "bare none 2
vm tcg 2" ]'
expect_success 'name, address and files are the same' '[ "$(said | grep ^name | sort -u | wc -l)" = 1 ] && said | grep -q "^name: client 52:54:00:aa:00:01 [1-9]"'
expect_success 'no link but its own' '[ "$(said | grep ^links | sort -u)" = "links: eth0 lo " ]'
expect_success 'no mark of another run' '! said | grep ^old'
expect_success 'frames go over the bridge' '[ "$(sql "select distinct packets from capture")" = 6 ]'
expect_success 'a collected file is the machine'"'"'s' 'grep -q "10.0.0.1.*server" lab/runs/1/00001/1/files/*hosts'
expect_success 'bare metal is faster' '[ "$(sql "select (select mean from cell_summary where metric = '"'throughput'"' and cell = '"'platform=bare'"') > (select mean from cell_summary where metric = '"'throughput'"' and cell = '"'platform=vm'"')")" = 1 ]'

cat >host.yaml <<'END'
name: host
platform: bare
machines: [{name: a, image: host}]
steps:
  - {name: write, on: a, run: "touch /mark /usr/mark /etc/mark && rm /etc/hostname; kill -9 1; ls /proc | grep -c '^[0-9]'; test ! -e /etc/hostname"}
  - {name: far, on: a, run: "uname -r; bash -c 'echo $BASH_VERSION'"}
END
expect_success 'programs of the host run' 'trialbed run host.yaml && [ "$(head -1 lab/runs/2/*/1/*far.stdout)" = "$(uname -r)" ]'
expect_success 'what they write stays in the run' '[ ! -e /mark ] && [ ! -e /usr/mark ] && [ ! -e /etc/mark ]'
expect_success 'a machine sees only its own processes' '[ "$(cat lab/runs/2/*/1/*write.stdout)" -lt 8 ]'

cat >slow.yaml <<'END'
name: slow
platform: bare
machines:
  - {name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: b, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0, delay: 5ms}]
links: [{link: br0/a, direction: to, delay: 7ms}]
steps:
  - {name: ping, on: a, run: "ping -n -c 5 10.0.0.2", measure: [{metric: slow, unit: ms, regex: 'time=([0-9.]+)', aggregate: min}]}
END
expect_success 'links of bare machines are impaired as others are: 5 there, 5 + 7 back' \
    'trialbed run slow.yaml && [ "$(sql "select value >= 17 and value < 25 from run_values where metric = '"'slow'"'")" = 1 ]'

cat >death.yaml <<'END'
name: death
platform: bare
machines: [{name: a, image: tiny}]
matrix: {factors: {what: ["kill -9 -1", "sleep 100"]}}
order: sequential
steps: [{name: work, on: a, run: "${what}", timeout: 1s}]
END
expect_status 1 'programs that kill or hang fail their runs' 'trialbed run death.yaml'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Steps on real machines: several at once, side by side, again and again, ready in every way, on the host, and torn down.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }

cat >steps.yaml <<'END'
name: steps
machines:
  - {name: hub, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: peer, image: tiny, count: 2, interfaces: [{bridge: br0, address: 10.0.0.10/24}]}
bridges: [{name: br0}]
matrix: {factors: {level: [quiet]}}
timeout: 120s
setup:
  - {name: prepare, on: all, run: 'echo "$TRIALBED_FACTOR_LEVEL" >/tmp/level'}
steps:
  - {name: port, on: hub, run: "sleep 0.3; exec iperf3 -s", background: true, ready: {port: 5201}}
  - {name: file, on: hub, run: "sleep 0.3; echo up >/tmp/up; exec sleep 1000", background: true, ready: {file: /tmp/up}}
  - {name: output, on: hub, run: "echo starting; sleep 0.3; echo 'server: ready' >&2; exec sleep 1000", background: true, ready: {output: 'ready$'}}
  - {name: delay, on: hub, run: "exec sleep 1000", background: true, ready: {delay: 400ms}}
  - {name: check, on: hub, run: "cat /tmp/up /tmp/level"}
  - {name: left, on: peer0, run: "sleep 1", after: [port]}
  - {name: right, on: peer1, run: "sleep 1", after: [port]}
  - {name: both, on: peer, run: "cat /proc/sys/kernel/hostname; sleep 1", after: [left, right]}
  - name: ping
    on: peer
    run: ping -n -c 2 -i 0.05 ${hub.address}
    repeat: 3
    measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)'}]
  - {name: one, on: hub, run: "sleep 1", parallel: g}
  - {name: other, on: hub, run: "sleep 1", parallel: g}
  - name: host
    on: host
    run: |
      echo "$TRIALBED_FACTOR_LEVEL $$ $(ls /sys/class/net | tr '\n' ' ')" | tee note
      echo more >&2
  - {name: status, on: hub, run: "exit 3", expect: {status: 3}}
  - {name: may, on: peer0, run: "echo no; exit 4", allow_failure: true}
  - {name: fails, on: peer1, run: "echo broken; exit 5"}
  - {name: never, on: hub, run: echo}
teardown:
  - {name: tidy, on: [hub, peer0], run: "echo tidy >/tmp/tidy"}
collect: [{from: peer0, path: /tmp/tidy}]
END
expect_status 1 'the run fails as it should' 'trialbed run steps.yaml'
expect_output 'with the reason of the step that failed' 'sql "select status, class, reason from run_facts"' <<'END'
failed step step 'fails': ended with status 5 on machine 'peer1'
exit 0
END
folder=lab/runs/1/00001/1
expect_output 'every program ran once, or as often as it should' 'sql "select name, machine, count(*), max(exit_status) from step group by name, machine order by min(sequence)"' <<'END'
prepare hub 1 0
prepare peer0 1 0
prepare peer1 1 0
port hub 1 1
file hub 1 143
output hub 1 143
delay hub 1 143
check hub 1 0
left peer0 1 0
right peer1 1 0
both peer0 1 0
both peer1 1 0
ping peer0 3 0
ping peer1 3 0
one hub 1 0
other hub 1 0
host host 1 0
status hub 1 3
may peer0 1 4
fails peer1 1 5
tidy hub 1 0
tidy peer0 1 0
exit 0
END
overlap() { sql "select count(*) from step x join step y using (run_id) where x.name = '$1' and x.machine = '$2' and y.name = '$3' and y.machine = '$4' and x.start_ns < y.start_ns + y.duration_ns and y.start_ns < x.start_ns + x.duration_ns"; }
expect_success 'what may run at the same time does' '[ "$(overlap left peer0 right peer1)$(overlap both peer0 both peer1)$(overlap one hub other hub)" = 111 ]'
expect_success 'what must wait does' '[ "$(overlap left peer0 both peer0)$(overlap right peer1 both peer1)$(overlap one hub both peer0)$(overlap one hub host host)" = 0000 ]'
expect_success 'readiness was waited for' '[ "$(sql "select count(*) from phase_times where step in ('"'port', 'file', 'output', 'delay'"') and duration_ns > 250e6")" = 4 ]'
expect_success 'each machine has its own output' '[ "$(cat $folder/*-both.peer0.stdout $folder/*-both.peer1.stdout)" = "peer0
peer1" ]'
expect_output 'every iteration has its samples' 'sql "select iteration, count(*) from sample join metric using (metric_id) where name = '"'rtt'"' group by iteration"' <<'END'
1 4
2 4
3 4
exit 0
END
expect_success 'a step on the host is in the namespaces of the run' 'grep -q "quiet .*br0" $folder/*-host.stdout && grep -q more $folder/*-host.stderr'
expect_success 'the file that it left is an artifact' 'cmp $folder/host/note $folder/*-host.stdout && [ "$(sql "select machine, kind from artifacts where path like '"'%host/note'"'")" = "host file" ]'
expect_success 'the teardown was done, and what it left collected' 'grep -qx tidy "lab/$(sql "select path from artifacts where path like '"'%tmp_tidy'"'")"'
expect_success 'what was allowed is an event' '[ "$(sql "select text from event where kind = '"'allowed'"'" | head -1)" = "step '"'may'"': ended with status 4 on machine '"'peer0'"'" ]'

cat >late.yaml <<'END'
name: late
machines: [{name: hub, image: tiny}]
steps:
  - {name: serve, on: host, run: "exec sleep 1000", background: true}
  - {name: hangs, on: hub, run: "sleep 1000", timeout: 1s}
teardown: [{name: tidy, on: hub, run: "echo tidy"}, {name: bad, on: hub, run: "exit 9"}]
END
expect_status 1 'a step can take too long' 'trialbed run late.yaml'
expect_output 'the teardown follows it, and does not hide it' 'sql "select reason from run_facts where experiment = '"'late'"'; select text from event join run_facts using (run_id) where experiment = '"'late'"' and kind = '"'problem'"'" | head -2' <<'END'
step 'hangs': did not end within 1000 ms on machine 'hub'
teardown: step 'bad': ended with status 9 on machine 'hub'
exit 0
END
expect_success 'nothing is left of the host'"'"'s programs' '! pgrep -f "sleep 1000"'

cat >closed.yaml <<'END'
name: closed
machines: [{name: hub, image: tiny}]
steps: [{name: serve, on: hub, run: "echo 'bind: address in use' >&2; exit 1", background: true, ready: {port: 80}}]
END
expect_status 1 'a server may fail to start' 'trialbed run closed.yaml'
expect_output 'which is told with its last words' 'sql "select text from event join run_facts using (run_id) where experiment = '"'closed'"' and kind = '"'failure'"'"' <<'END'
step 'serve': ended with status 1 on machine 'hub' before it was ready: nothing listened on its port 80
hint: the last line of its stderr is 'bind: address in use'.
exit 0
END

done_testing

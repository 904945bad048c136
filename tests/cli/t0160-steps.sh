#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# How the steps of a run go together, on fake machines: order, several machines, iterations, readiness, expectations, failures.
. "$(dirname "$0")/test-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
scenario() { # scenario NAME: its keys behind `machines` come from standard input
    { echo "name: $1"; echo 'machines: [{name: a, image: tiny}, {name: p, image: tiny, count: 2}]'; cat; } >"$1.yaml"
}
run() { trialbed run --machines fake "$1.yaml"; }
facts() { sql "select status, class, reason from run_facts where experiment = '$1'"; }
folder() { echo lab/runs/*/"$(printf %05d "$(sql "select min(run_id) from run_facts where experiment = '$1'")")"/1; }
steps() { sql "select step.name, step.machine, exit_status from step join run_facts using (run_id) where experiment = '$1' order by sequence"; }
events() { sql "select event.kind, event.text from event join run_facts using (run_id) where experiment = '$1' order by sequence"; }

scenario several <<'END'
steps:
  - {name: one, on: p, run: echo v=1, measure: [{metric: one, regex: 'v=(.)'}]}
  - {name: two, on: [a, p1], run: echo v=2}
  - {name: three, on: all, run: echo v=3}
END
expect_success 'a step can be on several machines' 'run several'
expect_output 'each of which is a program of its own' 'steps several' <<'END'
one p0 0
one p1 0
two a 0
two p1 0
three a 0
three p0 0
three p1 0
exit 0
END
expect_output 'with files of its own' 'ls $(folder several) | grep stdout' <<'END'
01-one.p0.stdout
01-one.p1.stdout
02-two.a.stdout
02-two.p1.stdout
03-three.a.stdout
03-three.p0.stdout
03-three.p1.stdout
exit 0
END
expect_success 'each is an artifact of its machine and step' '[ "$(sql "select count(*) from artifacts where step = '"'three'"' and kind = '"'stdout'"' and machine in ('"'a', 'p0', 'p1'"')")" = 3 ]'
expect_success 'a metric has the samples of all' '[ "$(sql "select samples from run_values where metric = '"'one'"'")" = 2 ]'
expect_success 'log prints all of them' '[ "$(trialbed log 1 three | grep -c ^v=3)" = 3 ]'
expect_success 'the phase is there for all and for each' '[ "$(sql "select count(*), count(machine) from phase_times where phase = '"'step:three'"'")" = "4 3" ]'

scenario repeats <<'END'
steps:
  - name: again
    on: [a, p0]
    repeat: 10
    run: "echo v=1; echo v=2"
    measure: [{metric: v, regex: 'v=(.)', aggregate: sum}]
END
expect_success 'a step can be repeated within a run' 'run repeats'
expect_success 'every iteration has its files' '[ "$(ls $(folder repeats) | grep -c "01-again.*stdout")" = 20 ] && ls $(folder repeats)/01-again.p0.07.stdout'
expect_output 'every sample knows its iteration' 'sql "select iteration, count(*) from sample join metric using (metric_id) where name = '"'v'"' group by iteration having iteration in (1, 10)"' <<'END'
1 4
10 4
exit 0
END

scenario frame <<'END'
setup: [{name: before, on: a, run: write /started yes}]
steps: [{name: work, on: a, run: fail 3}]
teardown: [{name: after, on: a, run: write /after yes}, {name: broken, on: a, run: fail 4}]
collect: [{from: a, path: /started}, {from: a, path: /after}]
END
expect_status 1 'a failing step fails the run' 'run frame'
expect_output 'setup came first, teardown nevertheless' 'steps frame' <<'END'
before a 0
work a 3
after a 0
broken a 4
exit 0
END
expect_output 'the first failure is the reason' 'facts frame' <<'END'
failed step step 'work': ended with status 3 on machine 'a'
exit 0
END
expect_success 'the one of the teardown is told' "events frame | grep -q \"problem.*step 'broken': ended with status 4\""
expect_success 'what the teardown wrote is collected' 'ls $(folder frame)/files/02-a-after'

scenario late <<'END'
timeout: 1s
steps: [{name: work, on: a, run: hang}]
teardown: [{name: after, on: a, run: write /after yes}]
END
expect_status 1 'an attempt can run out of time' 'run late'
expect_success 'its teardown is done all the same' '[ "$(steps late | tail -1)" = "after a 0" ] && facts late | grep -q "^failed timeout step .work."'
scenario torn <<'END'
steps: [{name: work, on: a, run: echo}]
teardown: [{name: after, on: a, run: fail 5}]
END
expect_status 1 'a teardown that fails alone fails the run' 'run torn'
expect_success 'and is its reason' 'facts torn | grep -q "^failed step step .after.: ended with status 5"'
scenario unset <<'END'
setup: [{name: before, on: a, run: fail 6}]
steps: [{name: work, on: a, run: echo}]
teardown: [{name: after, on: a, run: echo}]
END
expect_status 1 'a setup that fails fails the run' 'run unset'
expect_success 'and is followed by the teardown only' '[ "$(steps unset | cut -d" " -f1 | paste -sd" ")" = "before after" ]'

scenario ready <<'END'
steps:
  - {name: port, on: a, run: "listen 80; hang", background: true, ready: {port: 80}}
  - {name: file, on: a, run: "write /x y; hang", background: true, ready: {file: /x}}
  - {name: output, on: a, run: "echo starting; echo server ready; hang", background: true, ready: {output: 'ready$'}}
  - {name: delay, on: a, run: hang, background: true, ready: {delay: 300ms}}
  - {name: done, on: a, run: echo}
END
expect_success 'steps in the background become ready in four ways' 'run ready'
expect_success 'a delay is waited for' '[ "$(sql "select sum(duration_ns) between 300e6 and 5e9 from phase_times where phase = '"'step:delay'"'")" = 1 ]'
not_ready() { # not_ready NAME COMMAND READY
    scenario "$1" <<END
steps: [{name: serve, on: a, run: "$2", background: true, ready: {$3}, timeout: 300ms}]
END
    run "$1"
}
expect_status 1 'a port may stay closed' 'not_ready closed "listen 81; echo one; echo bind failed; hang" "port: 80"'
expect_output 'which is said, with what it printed' 'events closed' <<'END'
failure step 'serve': was not ready within 300 ms on machine 'a': nothing listened on its port 80
hint: the last line of its stdout is 'bind failed'.
exit 0
END
expect_status 1 'a file may never come' 'not_ready fileless hang "file: /x"'
expect_success 'which is said' 'facts fileless | grep -q "was not ready within 300 ms on machine .a.: there was no file ./x."'
expect_status 1 'an output may never come' 'not_ready mute "echo almost; hang" "output: ^ready"'
expect_success 'which is said' 'facts mute | grep -q "^failed timeout.*nothing in its output matched"'
expect_status 1 'a server may end too early' 'not_ready dead "echo port is taken; fail 3" "port: 80"'
expect_output 'which is said at once' 'facts dead' <<'END'
failed step step 'serve': ended with status 3 on machine 'a' before it was ready: nothing listened on its port 80
exit 0
END

scenario expects <<'END'
steps:
  - {name: three, on: a, run: fail 3, expect: {status: 3}}
  - {name: says, on: a, run: "echo one; echo two", expect: {output: '^two$'}}
  - {name: may, on: a, run: fail 7, allow_failure: true, measure: [{metric: m, regex: '(.)'}]}
  - {name: slow, on: a, run: hang, allow_failure: true, timeout: 100ms}
END
expect_success 'what is expected or allowed is no failure' 'run expects'
expect_output 'what was allowed is an event' 'events expects | grep -v hint' <<'END'
allowed step 'may': ended with status 7 on machine 'a'
allowed step 'slow': did not end within 100 ms on machine 'a'
exit 0
END
expect_output 'and the step says what came of it' 'steps expects' <<'END'
three a 3
says a 0
may a 7
slow a 143
exit 0
END
scenario wrong <<'END'
matrix: {factors: {how: [status, output]}}
order: sequential
steps:
  - {name: status, on: a, run: "echo ${how}", expect: {output: output}, allow_failure: false}
  - {name: zero, on: a, run: echo, expect: {status: 3}}
END
expect_status 1 'what is not as expected fails the run' 'run wrong'
expect_output 'and says how it is' 'facts wrong' <<'END'
failed step step 'status': printed nothing that matches 'output' on machine 'a'
failed step step 'zero': ended with status 0 instead of 3 on machine 'a'
exit 0
END

scenario beside <<'END'
steps:
  - {name: first, on: a, run: echo}
  - {name: left, on: a, run: sleep 700, after: [first]}
  - {name: right, on: p0, run: sleep 700, after: [first]}
  - {name: g1, on: a, run: sleep 700, parallel: g}
  - {name: g2, on: a, run: sleep 700, parallel: g}
  - {name: last, on: a, run: echo}
END
expect_success 'steps can run side by side' 'run beside'
overlap() { sql "select count(*) from step x join step y using (run_id, attempt) join run_facts using (run_id) where experiment = 'beside' and x.name = '$1' and y.name = '$2' and x.start_ns < y.start_ns + y.duration_ns and y.start_ns < x.start_ns + x.duration_ns"; }
expect_success 'those that wait for the same one do' '[ "$(overlap left right)" = 1 ]'
expect_success 'those of a group do' '[ "$(overlap g1 g2)" = 1 ]'
expect_success 'nothing else does' '[ "$(overlap first left)$(overlap left g1)$(overlap right g2)$(overlap g1 last)$(overlap g2 last)" = 00000 ]'

scenario host <<'END'
steps:
  - {name: serve, on: host, run: "listen 80; hang", background: true, ready: {port: 80}}
  - {name: here, on: host, run: "echo v=1", measure: [{metric: here, regex: 'v=(.)'}]}
  - {name: there, on: a, run: "echo v=2"}
END
expect_success 'a step can be on the host, which is a fake among fakes' 'run host'
expect_output 'and its machine is the host' 'steps host' <<'END'
serve host 143
here host 0
there a 0
exit 0
END

done_testing

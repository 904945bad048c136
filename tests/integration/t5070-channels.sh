#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Guests without our agent: the QEMU guest agent and ssh do the same, each in its way; without being told, whichever is there is found.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
in_run() { cat lab/runs/1/0000"$1"/1/*"$2"; } # in_run RUN SUFFIX
event() { sql "select text from event where run_id = $1 and kind = '$2'"; } # event RUN KIND

expect_success 'the image builds' 'trialbed image build tiny-access'
ssh-keygen -q -t ed25519 -N '' -f key
head -c 3000000 /dev/urandom >big
cat >s.yaml <<END
name: channels
machines:
  - name: a
    image: tiny-access
    memory_mb: 160
    channel: "\${channel}"
    cmdline: "access.key=$(cut -d' ' -f2 key.pub) rdinit=/bin/sh -- /etc/access"
    ssh_key: "$work/key"
    interfaces: [{bridge: br0, address: 10.0.0.1/24}]
bridges: [{name: br0}]
matrix: {factors: {channel: [qemu-ga, ssh]}}
order: sequential
boot_timeout: 100s
timeout: 300s
files:
  - {source: big, on: a, path: "/tmp/new folder/its big", mode: "0640"}
  - {source: "it's \"\u00f6dd\" \\\\ \nname", on: a, path: "/tmp/it's \"\u00f6dd\" \\\\ \nname"}
captures: [{bridge: br0, filter: tcp}]
steps:
  - {name: hello, on: a, run: "echo out; echo err >&2; hostname; ip -4 addr show dev eth0; echo \$TRIALBED_FACTOR_CHANNEL; stat -c %a /tmp/new*/*"}
  - {name: status, on: a, run: "exit 255", expect: {status: 255}}
  - {name: signal, on: a, run: "kill -TERM \$\$", expect: {status: 143}}
  - {name: input, on: a, run: "cat; echo \"\$WORDS\" \"\$2\"; ls -a /tmp | grep -c stdin", stdin: "one \${channel}\n", environment: ["WORDS=a  'b"], arguments: [x, "c  %d"], expect: {status: 1}}
  - {name: told, on: a, run: "trap 'echo bye; exit 4' TERM; sleep 78 & wait", timeout: 1s, grace: 20s, allow_failure: true}
  - {name: deaf, on: a, run: "trap '' TERM; sleep 79; echo never", timeout: 1s, grace: 500ms, allow_failure: true}
  - {name: back, on: a, run: "echo started; sleep 0.5; echo more; exit 3", background: true, ready: {output: started}}
  - {name: late, on: a, run: "sleep 77; echo never", timeout: 1s, allow_failure: true}
  - {name: gone, on: a, run: "ps | grep -c [s]leep.7", expect: {status: 1}}
  - {name: serve, on: a, run: "sleep 1000", background: true}
  - {name: dump, on: a, run: "trap 'echo last words; exit 0' INT; while :; do sleep 0.1; done", background: true, signal: INT, ready: {delay: 1s}}
collect: [{from: a, path: "/tmp/new folder/its big"}, {from: a, path: "/tmp/it's \"\u00f6dd\" \\\\ \nname"}]
END
odd=$(printf 'it'"'"'s "\303\266dd" \\ \nname')
: >"$odd"
expect_success 'both channels complete their runs' 'trialbed run -j 2 s.yaml'
cat >ends-qemu-ga <<'END'
told 4  15 1
deaf 137 9 9 1
late 143 15 15 1
serve 143 15 15 0
dump 0  2 0
END
cp ends-qemu-ga ends-ssh
for run in 1 2; do
    channel=$([ "$run" = 1 ] && echo qemu-ga || echo ssh)
    export run channel
    expect_success "$channel is what was used" '[ "$(event $run channel)" = "machine '"'a'"' is reached by $channel" ] && [ "$(sql "select channel from machine where run_id = $run")" = $channel ]'
    expect_success 'outputs, name, address, environment and mode arrive' \
        '[ "$(in_run $run hello.stderr)" = err ] && in_run $run hello.stdout | tr "\n" " " | tee /dev/stderr | grep -q "^out a 2: eth0.* 10.0.0.1/24 .* $channel 640 $"'
    expect_success 'a program in the background tells its output and its end' \
        '[ "$(in_run $run back.stdout | tr "\n" " ")" = "started more " ] && [ "$(sql "select exit_status from step where run_id = $run and name = '"'back'"'")" = 3 ]'
    expect_success 'input, variables and arguments are as they are written, and nothing of it is left' \
        '[ "$(in_run $run input.stdout | tr "\n" ,)" = "one $channel,a  '"'b c  %d"',0," ]'
    expect_success 'ends are told apart: status, signal, and what was sent' \
        'sql "select name, exit_status, signal, stop_signal, timed_out from step where run_id = $run and name in ('"'told', 'deaf', 'late', 'serve', 'dump'"')" | tee /dev/stderr | diff - ends-$channel'
    expect_success 'what ends by a signal has said its last words' '[ "$(in_run $run told.stdout) $(in_run $run dump.stdout)" = "bye last words" ]'
    expect_success 'files are the same after both ways' 'cmp big lab/runs/1/0000$run/1/files/01-*'
    expect_success 'so is an empty one with an odd name' '[ -f lab/runs/1/0000$run/1/files/02-* ] && [ ! -s lab/runs/1/0000$run/1/files/02-* ]'
    expect_success 'and nothing of it is on the network of the scenario' '[ "$(sql "select packets from capture where run_id = $run")" = 0 ]'
done
expect_success 'no end that we made is told as an event' '! sql "select text from event where kind <> '"'allowed'"'" | grep -E "serve|dump"'

initrd=$(sed -n '/"initrd"/,/}/s/.*"sha256" : "\([0-9a-f]*\)".*/\1/p' "$TRIALBED_IMAGES/names/tiny-access.json")
cat >auto.yaml <<END
name: auto
machines: [{name: a, image: tiny-access, initrd: "$TRIALBED_IMAGES/objects/$initrd", memory_mb: 160, cmdline: "rdinit=/bin/sh -- /etc/access"}]
boot_timeout: 100s
steps: [{name: s, on: a, run: "true"}]
END
expect_success 'of an unknown system the agent that answers is found' 'trialbed run auto.yaml && [ "$(event 3 channel)" = "machine '"'a'"' is reached by qemu-ga" ]'
cat >mute.yaml <<'END'
name: mute
machines: [{name: a, image: tiny-access, memory_mb: 160, cmdline: "rdinit=/bin/sleep -- 1000", channel: "${channel}"}]
matrix: {factors: {channel: [agent, qemu-ga, ssh]}}
boot_timeout: 3s
steps: [{name: s, on: a, run: "true"}]
END
expect_status 1 'an image in which nobody answers fails its run, in time' 'timeout 90 trialbed run mute.yaml'
expect_success 'with class boot, and says who was expected' '[ "$(sql "select count(*) from run_facts where experiment = '"'mute'"' and class = '"'boot'"' and reason like '"'%did not answer within%'"'")" = 3 ] && sql "select text from event where kind = '"'failure'"'" | grep -q "expected by qemu-ga"'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Real machines that misbehave: a guest that panics, a step that hangs, a machine that powers itself off.
. "$(dirname "$0")/real-lib.sh"

cat >s.yaml <<'END'
name: luck
machines: [{name: a, image: tiny, memory_mb: 128}]
matrix: {factors: {what: ["echo fine", "sleep 100", "exit 3", "echo c >/proc/sysrq-trigger", "poweroff -f"]}}
order: sequential
steps:
  - {name: work, on: a, run: "${what}", timeout: 2s}
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
reason() { sql "select status, class, reason from run_facts where cell = 'what=$1'"; }

expect_status 1 'a sweep with trouble ends with 1' 'trialbed run s.yaml'
expect_success 'the good run is completed' 'reason "echo fine" | grep -q ^completed'
expect_success 'a hanging step is a timeout' 'reason "sleep 100" | tee /dev/stderr | grep -q "^failed timeout step .work.: did not end within 2000 ms"'
expect_success 'a failing step says its status' 'reason "exit 3" | tee /dev/stderr | grep -q "^failed step step .work.: ended with status 3"'
expect_success 'a panic is told' 'reason "echo c >/proc/sysrq-trigger" | tee /dev/stderr | grep -q "^failed host"'
expect_success 'a machine that goes away is told' 'reason "poweroff -f" | tee /dev/stderr | grep -q "^failed host"'
expect_success 'the console of the panic is kept' 'trialbed log 4 a | grep -qi "panic"'

boot() { # boot NAME IMAGE TIMEOUT
    cat >"$1.yaml" <<END
name: $1
machines: [{name: a, image: $2}]
boot_timeout: $3
steps: [{name: work, on: a, run: "true"}]
END
}
boot absent absent 10s
expect_status 4 'an image that is not there is found before anything starts' 'trialbed run absent.yaml'
boot slow tiny 300ms
expect_status 1 'a guest that does not answer in time fails its run' 'trialbed run slow.yaml'
expect_success 'with class boot and a hint' \
    'sql "select class, reason from run_facts where experiment = '"'slow'"'" | tee /dev/stderr | grep -q "^boot machine .a. did not answer within" && trialbed show 6 | grep -q boot_timeout'

# The same kernel without a system: it panics.
mkdir -p images/names && cp -r "$TRIALBED_IMAGES/objects" images/ && head -c 4096 /dev/zero >empty
empty=$(sha256sum empty | cut -d' ' -f1) && cp empty "images/objects/$empty"
sed -e "/\"initrd\"/,/}/s/[0-9a-f]\{64\}/$empty/" -e '/"initrd"/,/}/s/\("size_bytes" : \)[0-9]*/\14096/' \
    "$TRIALBED_IMAGES"/names/tiny.json >images/names/mute.json
kernel=$(sed -n '/"kernel"/,/}/s/.*"sha256" : "\([0-9a-f]*\)".*/\1/p' images/names/mute.json) # the digest follows from the parts
digest=$(printf 'kernel %s\ninitrd %s\n' "$kernel" "$empty" | sha256sum | cut -d' ' -f1)
sed -i "s/\(\"digest\" : \"\)[0-9a-f]*/\1$digest/" images/names/mute.json
# One from before agents had a revision: its description has none.
sed '/"agent_revision"/d' "$TRIALBED_IMAGES"/names/tiny.json >images/names/old.json
boot old old 60s
expect_status 4 'an image with an older agent is found before anything starts' 'TRIALBED_IMAGES=$work/images trialbed run old.yaml 2>old.err'
expect_success 'with the way to have it built anew' \
    'grep -q "image .old. was built by an older trialbed" old.err && grep -q "trialbed image build old" old.err && ! grep -q agent_revision images/names/old.json && grep -q agent_revision "$TRIALBED_IMAGES"/names/tiny.json'
boot mute mute 60s
expect_status 1 'a guest that panics at boot fails its run, at once' 'TRIALBED_IMAGES=$work/images timeout 30 trialbed run mute.yaml'
expect_success 'with class boot, and its console is kept' \
    'sql "select class, reason from run_facts where experiment = '"'mute'"'" | tee /dev/stderr | grep -q "^boot" && trialbed log 7 a | grep -qi panic'

# A machine that bridges two of its cards, both on one network: frames circle for as long as it lives, which is not for ever.
cat >loop.yaml <<'END'
name: loop
platform: bare
defaults: {machines: {image: tiny}}
machines:
  - {name: a, interfaces: [{bridge: br0}, {bridge: br0}, {bridge: br0, address: 10.0.0.1/24}]}
  - {name: b, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0}]
timeout: 20s
steps:
  - {name: loop, on: a, run: "ip link add loop type bridge; for l in eth0 eth1; do ip link set $l master loop; ip link set $l up; done; ip link set loop up; ping -c 1 -W 1 10.0.0.2; cat /sys/class/net/eth0/statistics/rx_packets"}
  - {name: work, on: b, run: "sleep 100", timeout: 1s}
END
expect_status 1 'a loop in a network ends with its run' 'timeout 60 trialbed run loop.yaml'
expect_success 'in which frames circled, and which a timeout ended' '[ "$(tail -1 lab/runs/*/*/1/*loop.stdout)" -gt 1000 ] &&
    sql "select class, reason from run_facts where experiment = '"'loop'"'" | tee /dev/stderr | grep -q "^timeout step .work."'

# Only on a disk of our own: an ordinary user cannot mount one.
mkdir small && { mount -t tmpfs -o size=300m none small 2>mount-error || { sed 's/^/# not tried: /' mount-error; done_testing; }; }
trap 'umount -l "$work/small" 2>/dev/null' EXIT
cat >full.yaml <<'END'
name: full
machines: [{name: a, image: tiny, memory_mb: 128}]
steps: [{name: work, on: a, run: "dd if=/dev/zero bs=1M count=40 2>/dev/null; echo"}]
END
expect_success 'a lab that fits runs' 'trialbed --lab small/lab run full.yaml'
fallocate -l "$(($(df --output=avail -B1 small | tail -1) - 10000000))" small/ballast
expect_status 4 'a full disk is found before anything starts' 'trialbed --lab small/lab run full.yaml'
expect_success 'and nothing is lost' '[ "$(sqlite3 small/lab/trialbed.db "pragma integrity_check")" = ok ] && trialbed --lab small/lab status full | grep -q completed'
umount small

# A machine's own disk grows in the lab: its programs see I/O errors, and the run says why.
truncate -s 400M blank.raw && mount -t tmpfs -o size=215m none small
cat >over.yaml <<END
name: over
machines: [{name: a, image: tiny, disk: $work/blank.raw, channel: agent}]
boot_timeout: 60s
steps: [{name: work, on: a, run: "dd if=/dev/zero of=/dev/vda bs=1M count=390 conv=fsync", timeout: 60s}]
END
expect_status 1 'a disk that is full under an overlay fails the run' 'trialbed --lab small/lab run over.yaml'
expect_success 'which says so' 'sqlite3 -separator " " small/lab/trialbed.db "select class, reason from run_facts" | tee /dev/stderr | grep -q "^host the lab.s disk has no space left"'
umount small

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What a scenario brings into real machines: files beside it, programs of the host, and factors that reach the number of machines,
# their emulator, kernel and platform. And what the machines cost.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
mkdir s
printf '#!/bin/sh\necho "script $1 of $(hostname)"\n' >s/script.sh
echo 'for two' >s/2.txt && echo 'for three' >s/3.txt
head -c 3000000 /dev/urandom >s/big

cat >s/s.yaml <<'END'
name: files
platform: ${platform}
machines:
  - {name: hub, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: peer, image: tiny, count: "${n}", interfaces: [{bridge: br0, address: 10.0.0.10/24}]}
bridges: [{name: br0}]
matrix: {factors: {platform: [vm, bare], n: [2, 3]}, exclude: [{platform: vm, n: 3}]}
order: sequential
files:
  - {source: script.sh, on: all, path: /usr/bin/script, mode: 0755}
  - {source: "${n}.txt", on: peer, path: /tmp/level.txt, mode: 0600}
  - {source: big, on: hub, path: /tmp/big}
steps:
  - {name: script, on: all, run: "script ${n}"}
  - {name: level, on: peer, run: "cat /tmp/level.txt; stat -c %a /tmp/level.txt"}
  - {name: big, on: hub, run: "sha256sum </tmp/big"}
  - {name: ping, on: hub, run: "ping -c 1 -w 5 10.0.0.1${n} >/dev/null || ping -c 1 -w 5 10.0.0.11"}
  - name: host
    on: host
    run: |
      echo "$TRIALBED_FACTOR_PLATFORM $TRIALBED_FACTOR_N $(ls /sys/class/net | grep -c br0)" | tee note
collect: [{from: hub, path: /tmp/big}]
END
expect_success 'files are pushed to virtual and to bare machines' 'trialbed run -j 1 s/s.yaml'
of() { cat lab/runs/1/"$(printf %05d "$1")"/1/$2; } # of RUN FILES
expect_output 'as many machines as the factor says run the script' 'for run in 1 2 3; do of $run "*-script.*.stdout" | sort; done' <<'END'
script 2 of hub
script 2 of peer0
script 2 of peer1
script 2 of hub
script 2 of peer0
script 2 of peer1
script 3 of hub
script 3 of peer0
script 3 of peer1
script 3 of peer2
exit 0
END
expect_output 'a file goes by the level, with its mode' 'for run in 1 2 3; do of $run "*-level.peer1.stdout"; done' <<'END'
for two
600
for two
600
for three
600
exit 0
END
expect_success 'megabytes arrive as they are, and come back' \
    'for run in 1 2 3; do [ "$(of $run "*-big.stdout")" = "$(sha256sum <s/big)" ] && cmp s/big lab/runs/1/0000$run/1/files/*big || exit 1; done'
expect_output 'a step on the host sees the run, on either platform' 'for run in 1 2 3; do of $run "*-host.stdout"; of $run host/note; done' <<'END'
vm 2 1
vm 2 1
bare 2 1
bare 2 1
bare 3 1
bare 3 1
exit 0
END
expect_success 'the files are part of the fingerprint' 'trialbed plan --explain s/s.yaml | grep -c "done: run" | grep -qx 3 &&
    echo "for 2" >s/2.txt && trialbed plan --explain s/s.yaml | grep -c "file .2.txt. was" | grep -qx 2'

# A kernel and an emulator under other names, and what a busy machine costs.
mkdir bin && ln -s "$(command -v qemu-system-x86_64)" bin/other-qemu
kernel=$TRIALBED_IMAGES/objects/$(sed -n '/"kernel"/,/}/s/.*"sha256" : "\([0-9a-f]*\)".*/\1/p' "$TRIALBED_IMAGES/names/tiny.json")
cp "$kernel" kernel
cat >cost.yaml <<END
name: cost
machines:
  - {name: busy, image: tiny, kernel: "\${kernel}", emulator: "\${emulator}"}
  - {name: idle, image: tiny}
matrix: {factors: {kernel: [$work/kernel], emulator: [$work/bin/other-qemu]}}
steps: [{name: burn, on: busy, run: "timeout 2 sh -c 'while :; do :; done'; uname -r", timeout: 30s}]
END
expect_success 'kernel and emulator are factors' 'trialbed run -j 1 cost.yaml'
expect_success 'the definition names them' 'grep -q "<emulator>$work/bin/other-qemu<" lab/runs/2/00004/1/busy*xml && grep -q "<kernel>.*kernel<" lab/runs/2/00004/1/busy*xml'
cost() { sql "select s.value from sample_values s join run_facts r using (run_id) where s.metric = '$1' and s.run_id = $2 and s.machine = '$3'"; }
expect_success 'a busy machine costs processor time, an idle one hardly any' \
    'awk -v busy="$(cost cpu.time 4 busy)" -v idle="$(cost cpu.time 4 idle)" "BEGIN { print busy, idle; exit !(busy > 0.2 && busy > 2 * idle && idle > 0) }"'
expect_success 'and both hold memory' '[ "$(sql "select count(*) from run_values where metric = '"'memory.resident'"' and run_id = 4 and value > 2 * 20 and value < 2 * 1000")" = 1 ]'

# An image that is built anew while an experiment waits: the same system, with other bytes.
store() { # store SOURCE-INITRD: an image store of our own whose tiny has this initramfs
    local sum
    sum=$(sha256sum <"$1" | cut -d' ' -f1)
    mkdir -p images/names images/objects && cp "$kernel" images/objects/ && cp "$1" "images/objects/$sum"
    sed -e "/\"initrd\"/,/}/s/[0-9a-f]\{64\}/$sum/" -e "/\"initrd\"/,/}/s/\(\"size_bytes\" : \)[0-9]*/\1$(stat -c %s "$1")/" \
        -e "s/\(\"digest\" : \"\)[0-9a-f]*/\1$(printf 'kernel %s\ninitrd %s\n' "${kernel##*/}" "$sum" | sha256sum | cut -d' ' -f1)/" \
        "$TRIALBED_IMAGES/names/tiny.json" >images/names/tiny.json
}
initrd=$TRIALBED_IMAGES/objects/$(sed -n '/"initrd"/,/}/s/.*"sha256" : "\([0-9a-f]*\)".*/\1/p' "$TRIALBED_IMAGES/names/tiny.json")
cp "$initrd" other && head -c 512 /dev/zero >>other
cat >moved.yaml <<END
name: moved
platform: bare
machines: [{name: a, image: tiny}]
matrix: {factors: {x: [1, 2]}}
order: sequential
steps: [{name: wait, on: host, run: "test \${x} = 1 || test -e $work/ready"}]
END
store "$initrd"
expect_status 1 'an experiment begins on one image' 'TRIALBED_IMAGES=$work/images trialbed run -j 1 moved.yaml'
store other && touch ready
expect_success 'and is resumed on another' 'TRIALBED_IMAGES=$work/images trialbed resume --failed moved'
expect_output 'which is no run to count' 'sql "select cell, status, substr(reason, 1, 16), reason like '"'%but the experiment began with%'"' from run_facts where experiment = '"'moved'"'"' <<'END'
x=1 completed  
x=2 tainted image 'tiny' is  1
exit 0
END
expect_success 'and both are to be done again, and why' \
    'TRIALBED_IMAGES=$work/images trialbed plan --explain moved.yaml | tee said && grep -q "x=1 .*image .tiny. was" said && grep -q "x=2 .*is tainted" said'

done_testing

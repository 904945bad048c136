#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A machine of another architecture beside one of the host's: its image is built from that architecture's packages, it boots, runs a step,
# and they reach each other. What cannot be is refused before anything starts.
. "$(dirname "$0")/real-lib.sh"
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
skip() { echo "ok 1 # SKIP $1"; echo 1..1; cd / && rm -rf "$work"; exit 0; }
command -v qemu-system-aarch64 >/dev/null || skip 'there is no qemu-system-aarch64'

cat >arch.yaml <<'END'
name: arch
machines:
  - {name: near, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: far, image: tiny, arch: "${arch}", interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0}]
matrix: {factors: {arch: [aarch64]}}
clock: instructions
boot_timeout: 100s
steps:
  - {name: look, on: far, run: "uname -m; i=0; while [ $i -lt 100 ]; do i=$((i + 1)); done; echo $i; hostname"}
  - {name: ping, on: near, run: "ping -c 3 -i 0.2 far"}
captures: [{bridge: br0, filter: icmp}]
END
# Only where it is not of this program: the packages are those of another architecture, and stay in the store.
[ "$TRIALBED_IMAGES/names/tiny-aarch64.json" -nt "$TRIALBED" ] || expect_success 'its image is built' 'trialbed image build tiny-aarch64'
expect_success 'the architecture is a factor, and names the image' 'trialbed run arch.yaml'
expect_success 'the machine is one of it, and runs programs' '[ "$(cat lab/runs/1/*/1/*look.stdout | paste -sd,)" = aarch64,100,far ]'
expect_success 'it is reached over the network' '[ "$(sql "select packets from capture")" = 6 ]'
expect_success 'it is recorded' '[ "$(sql "select name, image, arch, accelerator, emulator like '"'%/qemu-system-aarch64'"' from machine order by name")" = "far tiny-aarch64 aarch64 tcg 1
near tiny x86_64 tcg 0" ] && sql "select value from environment where key = '"'version.qemu-system-aarch64'"'" | grep -q "QEMU emulator version"'

one() { printf 'name: one\n%s\nmachines: [{name: a, %s}]\nsteps: [{name: s, on: a, run: "true"}]\n' "$2" "$1" >one.yaml && trialbed run one.yaml 2>err; }
expect_status 3 'KVM is refused' 'one "image: tiny, arch: aarch64" "accel: kvm"'
expect_status 4 'an image of another architecture is refused' 'one "image: tiny-aarch64" ""'
expect_success 'with the way out' 'grep -q "image .tiny-aarch64. is for aarch64, the machine is x86_64" err && grep -q "hint: .arch: aarch64." err'
expect_status 4 'so is an emulator that is not there, with its package' 'ln -s "$(command -v qemu-system-x86_64)" "$(command -v env)" . && PATH=$work:$(dirname "$TRIALBED") one "image: tiny, arch: aarch64" ""'
expect_success 'by name' 'grep -q "program .qemu-system-aarch64. is not installed" err && grep -q "apt-get install -y qemu-system-arm" err'

done_testing

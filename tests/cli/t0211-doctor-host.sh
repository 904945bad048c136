#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `doctor SCENARIO` looks for what just this scenario needs, and says how to get it; a run is refused for the same reasons.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
machines:
  - {name: a, image: debian-12, interfaces: [{bridge: lan, address: 10.0.0.1/24}]}
  - {name: b, disk: /nowhere/disk.raw, channel: ssh, interfaces: [{bridge: lan, address: dhcp}]}
  - {name: c, image: tiny, arch: aarch64, interfaces: [{bridge: wan, address: 10.1.0.2/24}]}
bridges: [{name: lan, dhcp: 10.0.0.3/24}, {name: wan, type: ovs}]
routers: [{name: gate, nat: wan, interfaces: [{bridge: lan, address: 10.0.0.254/24}, {bridge: wan, address: 10.1.0.254/24}]}]
steps: [{name: s, on: a, run: "true"}]
END
mkdir bin && ln -s "$TRIALBED" bin/trialbed
expect_status 4 'a host without these programs is found wanting' 'PATH=$work/bin trialbed doctor s.yaml >out'
expect_output 'each is named' 'sed -n "s/ is not installed, which/:/p" out | grep ^program | tr -s " "' <<'END'
program dnsmasq missing program 'dnsmasq': serves a network with 'dhcp'
program nft missing program 'nft': does a router's 'nat'
program ovs-vswitchd missing program 'ovs-vswitchd': is the switch of a network of 'type: ovs'
program qemu-img missing program 'qemu-img': makes the overlay of a machine with a disk
program qemu-system-aarch64 missing program 'qemu-system-aarch64': emulates a machine with 'arch: aarch64'
program ssh missing program 'ssh': reaches a machine with 'channel: ssh'
exit 0
END
expect_output 'with the command that mends it' 'sed -n "s/^program .*apt-get install -y \([a-z-]*\).*/\1/p" out | sort | paste -sd" "' <<'END'
dnsmasq-base nftables openssh-client openvswitch-switch qemu-system-arm qemu-utils
exit 0
END
expect_success 'an image that is not there says what building it takes' 'grep "^image debian-12:" out | tee said && grep -q "image build debian-12" said && grep -q "install -y mmdebstrap" said && grep -q "install -y genext2fs" said'
expect_status 4 'a run is refused before it starts' 'PATH=$work/bin trialbed run s.yaml 2>err'
expect_success 'for one of them' 'grep -q "^trialbed: program .* is not installed, which" err && [ ! -e lab/runs ]'
sed -i -e '/- {name: [bc]/d' -e 's/bridges:.*/bridges: [{name: lan}]/' -e '/routers/d' s.yaml
expect_success 'what is not needed is not looked for' 'PATH=$work/bin trialbed doctor s.yaml | grep -c "^program" | grep -qx 0'

done_testing

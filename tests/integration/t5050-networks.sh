#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# Every kind of network and every means of impairment, with real machines: what is declared is what the machines find.
. "$(dirname "$0")/real-lib.sh"

sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
# Samples of a metric in the newest experiment, one a line.
samples() { sql "select value from sample s join metric m using (metric_id) where m.name = '$1' and m.experiment_id = (select max(experiment_id) from experiment) order by s.run_id, sequence"; }
events() { sql "select text from event where run_id = (select max(run_id) from run) and kind = '$1'"; }
# What a run leaves: no process, no namespace of ours, no interface.
leaks() { pgrep -f "^(/proc/self/exe|[^ ]*trialbed) w(ire|orker)|ovs-vswitchd .*$work|dnsmasq .*$work|ovsdb-server .*$work"; ip -o link | grep -E ' (i?(tap|r)[0-9]+-[0-9]+|br0|lan|wan)[@:]'; }

# The wire: both ways of a link apart, a change and an interruption in between.
cat >wire.yaml <<'EOF'
name: wire
seed: 11
defaults: {machines: {image: tiny}}
machines:
  - {name: near, interfaces: [{bridge: br0, address: 10.0.0.1/24, address6: "fd00::1/64"}]}
  - {name: far, interfaces: [{bridge: br0, address: 10.0.0.2/24, address6: "fd00::2/64"}]}
bridges: [{name: br0, impair: wire, delay: 10ms, mtu: 1400}]
links:
  - {link: br0/far, direction: to, delay: 20ms}
  - {link: br0/near, loss: 25%}
events:
  - {at: 12s, link: br0/near, direction: both, set: {loss: 0%, delay: 100ms}}
  - {at: 40s, link: br0, state: down}
repetitions: 1
timeout: 180s
boot_timeout: 120s
steps:
  - {name: neighbours, on: near, run: "until ping -c 1 -W 1 10.0.0.2; do :; done"}
  - name: before
    on: near
    run: ping -n -c 40 -i 0.05 -W 1 10.0.0.2; true
    measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)', aggregate: min}, {metric: got, regex: 'seq=([0-9]+)'}]
  - {name: wait, on: near, run: "sleep 12"}
  - name: after
    on: near
    run: ping -6 -n -c 3 -i 0.2 fd00::2
    measure: [{metric: slow, unit: ms, regex: 'time=([0-9.]+)', aggregate: min}]
  - {name: mtu, on: near, run: "cat /sys/class/net/eth0/mtu", measure: [{metric: mtu, regex: '^([0-9]+)'}]}
  - {name: later, on: near, run: "sleep 25; ping -n -c 2 -W 1 10.0.0.2 | grep -c time=; true", measure: [{metric: down, regex: '^([0-9]+)'}]}
captures: [{bridge: br0, filter: icmp, snaplen: 96}]
EOF
expect_success 'the wire carries and impairs' 'trialbed run -j 1 wire.yaml'
expect_success 'each way of each link has its own delay: 10 + 20 there, 10 back' '[ "$(samples rtt | sort -n | head -1 | awk "{print (\$1 >= 40 && \$1 < 60)}")" = 1 ]'
expect_success 'a quarter is lost, more or less' '[ "$(samples got | wc -l)" -ge 18 ] && [ "$(samples got | wc -l)" -le 39 ]'
expect_success 'the link changed while the steps ran, IPv6 is there too' '[ "$(samples slow | sort -n | head -1 | awk "{print (\$1 >= 230 && \$1 < 900)}")" = 1 ]'
expect_success 'the MTU is set' '[ "$(samples mtu)" = 1400.0 ]'
expect_success 'a link that is down carries nothing' '[ "$(samples down)" = 0.0 ]'
expect_success 'what was used, each change and what passed are events' \
    '[ "$(events network)" = "bridge '"'br0'"': carried by wire, impaired by wire: the scenario says so" ] && [ "$(events link | wc -l)" = 3 ] && [ "$(events traffic | wc -l)" = 2 ]'
expect_success 'everything that entered was captured, in nanoseconds' '[ "$(sql "select dropped from capture")" = 0 ] && [ "$(sql "select packets from capture")" -gt 60 ] &&
    [ "$(head -c 4 lab/runs/1/00001/1/br0-0.pcap | od -An -tx4 | tr -d " ")" = a1b23c4d ]'

# Means that the scenario chooses.
means() { sed -e "s/impair: wire/impair: $1/" -e '/^links:/,/^repetitions:/{/^repetitions:/!d}' -e '/name: after/,$d' wire.yaml; }
means guest >guest.yaml
expect_success 'guests impair what they send' 'trialbed run -j 1 guest.yaml && [ "$(samples rtt | sort -n | head -1 | awk "{print (\$1 >= 20 && \$1 < 40)}")" = 1 ]'
expect_success 'which is said' 'events network | grep -q "carried by kernel, impaired by guest"'
means netem >netem.yaml
if unshare -rn bash -c 'ip link add a type veth peer name b && tc qdisc add dev a root netem delay 1ms && tc qdisc add dev b ingress &&
    ip link add f type ifb && tc filter add dev b ingress matchall action mirred egress redirect dev f' 2>/dev/null; then
    expect_success 'netem of the host impairs' 'trialbed run -j 1 netem.yaml && [ "$(samples rtt | sort -n | head -1 | awk "{print (\$1 >= 20 && \$1 < 40)}")" = 1 ]'
else
    expect_status 1 'without netem in the kernel that is said' 'trialbed run -j 1 netem.yaml'
    expect_success 'as a failure of provisioning, with the reason' \
        '[ "$(sql "select class, reason from attempt order by run_id desc limit 1")" = "provision bridge '"'br0'"': '"'impair: netem'"' is impossible: this host'"'"'s kernel has no netem" ]'
fi

# Two networks, a router that hides one behind the other, a server of addresses and names, a cable.
cat >routed.yaml <<'EOF'
name: routed
defaults: {machines: {image: tiny}}
machines:
  - {name: client, interfaces: [{bridge: lan, address: dhcp}, {bridge: cable, address: 10.9.0.1/24}]}
  - {name: server, interfaces: [{bridge: wan, address: 10.1.0.2/24}, {bridge: cable, address: 10.9.0.2/24}]}
bridges:
  - {name: lan, dhcp: 10.0.0.3/24}
  - {name: wan, delay: 5ms}
  - {name: cable, type: link}
routers:
  - {name: gate, nat: wan, interfaces: [{bridge: lan, address: 10.0.0.1/24}, {bridge: wan, address: 10.1.0.1/24}]}
timeout: 180s
boot_timeout: 120s
steps:
  - {name: address, on: client, run: "ip -4 addr show eth0", measure: [{metric: address, regex: 'inet 10[.]0[.]0[.]([0-9]+)'}]}
  - {name: routed, on: client, run: "ping -n -c 3 10.1.0.2", measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)', aggregate: min}]}
  - {name: named, on: client, run: "nslookup client && ping -c 1 server"}
  - {name: cable, on: client, run: "ping -n -c 1 10.9.0.2"}
captures: [{bridge: wan, filter: "icmp and src 10.1.0.1"}]
EOF
expect_success 'a router, NAT, DHCP, DNS and a cable' 'trialbed run -j 1 routed.yaml || { cat lab/runs/*/*/1/lan-dhcp.log; false; }'
expect_success 'the address is the same in every run' '[ "$(samples address)" = 100.0 ]'
expect_success 'the link behind the router delays' '[ "$(samples rtt | sort -n | head -1 | awk "{print (\$1 >= 5)}")" = 1 ]'
expect_success 'the client hides behind the router' '[ "$(sql "select packets > 0 from capture where bridge = '"'wan'"'")" = 1 ]'

# Open vSwitch, with VLANs, plain and with the wire before its ports.
cat >ovs.yaml <<'EOF'
name: ovs
defaults: {machines: {image: tiny}}
machines:
  - {name: a, interfaces: [{bridge: br0, address: 10.0.0.1/24, vlan: "${vlan}"}]}
  - {name: b, interfaces: [{bridge: br0, address: 10.0.0.2/24, vlan: 10}]}
bridges: [{name: br0, type: "${type}", delay: 3ms}]
matrix:
  factors: {type: [ovs, bridge], vlan: [10, 20]}
  exclude: [{type: bridge, vlan: 20}]
timeout: 180s
boot_timeout: 120s
steps:
  - {name: ping, on: a, run: "ping -n -c 5 -W 1 10.0.0.2; echo time=999", measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)', aggregate: min}]}
  - {name: count, on: a, run: "ping -n -c 2 -W 1 10.0.0.2 | grep -c time=; true", measure: [{metric: answers, regex: '^([0-9]+)'}]}
captures: [{bridge: br0, filter: "icmp or (vlan and icmp)"}]
EOF
if command -v ovs-vswitchd >/dev/null; then
    expect_success 'Open vSwitch and VLANs' 'trialbed run -j 1 ovs.yaml || cat lab/runs/*/*/1/worker.log'
    expect_success 'the same VLAN reaches the other, another one does not' \
        '[ "$(sql "select cast(value as integer) from run_values where metric = '"'answers'"' and experiment_id = (select max(experiment_id) from experiment) order by cell")" = "2
2
0" ]'
    expect_success 'captures see both ways of 7 pings on either kind of bridge' \
        '[ "$(sql "select min(packets), max(packets) from capture c join run r using (run_id) join cell using (cell_id) where label not like '"'%vlan=20%'"' and r.experiment_id = (select max(experiment_id) from experiment)")" = "14 14" ]'
    cat >controlled.yaml <<'EOF'
name: controlled
platform: bare
defaults: {machines: {image: tiny}}
machines:
  - {name: a, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: b, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0, type: ovs, controller: "ptcp:6653:127.0.0.1", protocol: OpenFlow13}]
steps:
  - {name: before, on: a, run: "ping -n -c 1 -W 1 10.0.0.2 | grep -c time=; true"}
  - {name: other, on: host, run: "ovs-ofctl -O OpenFlow10 show tcp:127.0.0.1:6653", expect: {status: 1}}
  - {name: flow, on: host, run: "ovs-ofctl -O OpenFlow13 add-flow tcp:127.0.0.1:6653 actions=NORMAL"}
  - {name: behind, on: a, run: "ping -n -c 2 -W 2 10.0.0.2 | grep -c time="}
EOF
    expect_success 'and is delayed' '[ "$(samples rtt | sort -n | head -1 | awk "{print (\$1 >= 6)}")" = 1 ]'
    expect_success 'with a controller nothing passes but by its flows, in the version that was said' 'trialbed run controlled.yaml &&
        (cd lab/runs/$(ls lab/runs | sort -n | tail -1)/*/1 && [ "$(cat *before.stdout *behind.stdout | paste -sd,)" = 0,2 ] && grep -q "version negotiation failed" *other.stderr)'
fi

expect_success 'nothing is left' '! leaks'
done_testing

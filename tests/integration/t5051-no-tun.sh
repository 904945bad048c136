#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A user who is nobody in particular, on a host without /dev/net/tun: networks of every kind, carried in user space.
. "$(dirname "$0")/real-lib.sh"
user=64321

skip() { echo "ok 1 # SKIP $1"; echo 1..1; cd / && rm -rf "$work"; exit 0; }
[ "$(id -u)" -eq 0 ] || skip 'no root here, which could become such a user and hide the device'
mkdir -p bin home none && cp "$TRIALBED" bin/ && cp -r "$TRIALBED_IMAGES" home/images
cat >one.yaml <<'EOF'
name: one
defaults: {machines: {image: tiny}}
machines:
  - {name: near, interfaces: [{bridge: lan, address: 10.0.0.2/24, gateway: 10.0.0.1}, {bridge: tagged, address: 10.2.0.1/24, vlan: 7}]}
  - {name: far, interfaces: [{bridge: wan, address: 10.1.0.2/24, gateway: 10.1.0.1}, {bridge: tagged, address: 10.2.0.2/24, vlan: 7}]}
bridges: [{name: lan}, {name: wan, delay: 8ms, loss: 0%}, {name: tagged}]
routers:
  - {name: gate, interfaces: [{bridge: lan, address: 10.0.0.1/24}, {bridge: wan, address: 10.1.0.1/24}]}
timeout: 180s
boot_timeout: 120s
steps:
  - name: routed
    on: near
    run: ping -n -c 10 -i 0.1 10.1.0.2
    measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)', aggregate: min}]
  - {name: tagged, on: near, run: "ping -n -c 1 -W 5 10.2.0.2"}
captures: [{bridge: wan, filter: icmp}]
EOF
chmod -R a+rX . && chown -R "$user:$user" home
as_user() {
    unshare --mount bash -c '
        user=$1 work=$2 && shift 2
        mount --bind "$work/none" /dev/net && cd "$work/home" &&
            exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all --bounding-set=-all \
                env -i PATH="$work/bin:/usr/bin:/bin:/usr/sbin:/sbin" HOME="$work/home" TMPDIR="$work/home" LC_ALL=C \
                TRIALBED_IMAGES="$work/home/images" "$@"
    ' as_user "$user" "$work" "$@"
}
as_user unshare --user true 2>why || skip "this host gives an ordinary user no user namespace: $(head -1 why)"
sql() { sqlite3 -separator ' ' home/lab/trialbed.db "$1"; }

expect_success 'there is no tun device' '! as_user test -e /dev/net/tun'
expect_success 'doctor says what works without it' 'as_user trialbed doctor >out; grep -q "carried in user space" out'
expect_success 'two networks, a router and VLANs' 'as_user trialbed run -j 1 "$work/one.yaml"'
expect_success 'the delay is there: 8 ms both into and out of the second network' \
    '[ "$(sql "select value >= 16 and value < 60 from run_values where metric = '"'rtt'"'")" = 1 ]'
expect_success 'the wire carried, and says why' \
    '[ "$(sql "select count(*) from event where kind = '"'network'"' and text like '"'%carried by wire%'"'")" = 3 ] && [ "$(sql "select count(*) from event where text like '"'%there is no tun device'"'")" = 2 ]'
expect_success 'every packet was captured' '[ "$(sql "select packets, dropped from capture")" = "20 0" ]'
expect_success 'no process of the user is left' '! pgrep -u "$user"'

done_testing

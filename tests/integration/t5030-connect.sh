#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# --connect: machines on a libvirt daemon that others use, too. A private one, with the domains and bridges of a stranger beside ours.
if [ "${1-}" != inside ]; then
    missing=
    [ "$(id -u)" -eq 0 ] || missing='a daemon for all needs root'
    for program in libvirtd virtlogd virsh; do command -v "$program" >/dev/null || missing="$program is not installed"; done
    [ -z "$missing" ] || { echo "ok 1 - machines on an external libvirt # skip $missing"; echo 1..1; exit 0; }
    unshare --mount true 2>/dev/null || chroot='--propagation unchanged' # there "/" is no mount that could be made private
    # shellcheck disable=SC2086
    exec unshare --mount --net --pid --fork --kill-child --mount-proc ${chroot-} "$0" inside
fi
. "$(dirname "$0")/real-lib.sh"
. "$top/tests/cli/kill-lib.sh"
own_leak_check=yes
. "$top/tests/integration/connect-lib.sh"
uri=qemu:///system

scenario() { # scenario NAME SECONDS LEVELS
    cat >"$1.yaml" <<END
name: $1
machines:
  - {name: a, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: b, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0}]
matrix: {factors: {x: [$3]}}
retries: 1
steps:
  - {name: host, on: host, run: "echo host \$TRIALBED_FACTOR_X | tee note"}
  - {name: ping, on: a, run: "ping -c 3 -i 0.1 \${b.address}; sleep $2; echo \${x}", measure: [{metric: rtt, unit: ms, regex: 'time=([0-9.]+)'}]}
captures: [{bridge: br0, filter: icmp}]
END
}
stranger() { # stranger NAME METADATA: a domain that is not ours
    echo "<domain type='qemu'><name>$1</name><metadata>$2</metadata><memory unit='MiB'>32</memory>
<os><type arch='x86_64' machine='pc'>hvm</type></os></domain>" >"$1.xml" && virsh -q -c "$uri" create --paused "$1.xml"
}
domains() { virsh -c "$uri" list --name | sort | xargs; }
links() { ip -o link show type bridge | sed 's/^[0-9]*: \([^:@]*\).*/\1/' | sort | xargs; }
folders() { for uuid in $(sql 'select uuid from experiment'); do ls -d "/tmp/trialbed-$(printf '%s %s' "$uuid" "$work/lab" | sha256sum | cut -c1-16)"-* 2>/dev/null; done; }
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
works_on() { [ "$(virsh -c "$uri" list --state-running --name | grep -c "^trialbed-.*-$1-")" -eq 2 ]; }


expect_success 'a libvirt of our own starts' 'private_places && { virtlogd -p /run/virtlogd.pid & } && daemon_start || { cat /run/libvirtd.log; false; }'
daemon_answers || done_testing # all else would only wait
stranger trialbed-deadbeef-1-a '' >/dev/null
stranger foreign "<trialbed:run xmlns:trialbed='https://trialbed.org/xmlns/run/1' uuid='x' owner='0123456789abcdef' run='1'/>" >/dev/null
ip link add tb0 type bridge && ip link add tbabcd1b0 type bridge
before="$(domains) $(links)"
there() { [ "$(domains) $(links)" = "$before" ] || { echo "now: $(domains) $(links)"; echo "before: $before"; false; }; }
expect_success 'a stranger is there' '[ "$before" = "foreign trialbed-deadbeef-1-a tb0 tbabcd1b0" ] || { echo "$before"; false; }'

scenario pair 0 1,2
expect_success 'two runs at once on the system libvirt' 'trialbed run --connect $uri -j 2 pair.yaml'
expect_success 'their machines reached each other' '[ "$(sql "select count(*) from run_values where metric = '"'rtt'"'")" = 2 ]'
expect_success 'the captures saw it' '[ "$(sql "select packets from capture" | xargs)" = "6 6" ]'
expect_success 'steps on the host ran beside them, and left their files' '[ "$(cat lab/runs/1/*/1/*host.stdout lab/runs/1/*/1/host/note | sort | xargs)" = "host 1 host 1 host 2 host 2" ]'
expect_success 'consoles are kept' 'trialbed log 1 a | grep -q .'
expect_success 'the stranger is there, and nothing of ours' 'there && [ -z "$(folders)" ]'

expect_status 4 'a libvirt elsewhere is refused before anything starts' 'trialbed --lab none run --connect qemu+ssh://elsewhere/system pair.yaml'
expect_status 4 'so is one that does not answer' 'trialbed --lab none run --connect "qemu+unix:///system?socket=/run/nobody" pair.yaml'

scenario killed 2 1,2,3
trialbed run --connect $uri -j 1 killed.yaml >out 2>&1 &
coordinator=$!
expect_success 'a run has its machines' 'wait_until 60 works_on 3'
kill -KILL "$(inits_of $coordinator)"
expect_success 'a killed worker is replaced, and its machines are gone' 'wait_until 60 works_on 4 && ! works_on 3 && grep -q "it will be tried again" out || { cat out; false; }'
# A daemon that is killed cannot end what its clients leave; the machines go on, and so they do with the next daemon.
kill -KILL $daemon && wait $daemon 2>/dev/null
kill -KILL $coordinator && wait $coordinator 2>/dev/null
expect_success 'the daemon comes back' daemon_start
expect_success 'the database knew before they were made' '[ "$(sql "select kind, place like '"'/tmp/trialbed-%'"' or place = '"'$uri'"' from outside where run_id = 4 order by kind" | xargs)" = "folder 1 libvirt 1" ] || { sql "select * from outside"; false; }'
expect_success 'machines, bridge and folder of the killed run are there' 'works_on 4 && [ "$(links | wc -w)" -eq 3 ] && [ -n "$(folders)" ] || { domains; links; folders; false; }'
trialbed --lab other run --connect $uri pair.yaml >other.out 2>&1 &
other=$!
expect_success 'another lab works, too' 'wait_until 60 works_on 1 || cat other.out'
expect_status 5 'and may not be cleaned meanwhile' 'trialbed --lab other clean --connect $uri'
expect_success 'clean says what it would remove' \
    'trialbed clean --dry-run | tee /dev/stderr | cut -d" " -f1-3 | sort | uniq -c | xargs | grep -q "2 would remove domain 1 would remove folder 1 would remove link 1 would remove note" && works_on 4'
expect_success 'clean removes it, and knows by itself where to look' 'trialbed clean && ! works_on 4'
expect_success 'and forgets it' '[ "$(sql "select count(*) from outside")" = 0 ]'
expect_success 'and nothing of the other lab, which finishes' 'wait $other || { cat other.out; false; }'
expect_success 'nor of the stranger' 'there && [ -z "$(folders)" ]'
expect_success 'a second time there is nothing' 'trialbed clean --connect $uri | grep -q "nothing to clean"'
expect_success 'resume finishes' 'trialbed resume killed'
expect_success 'every run is completed once' '[ "$(sql "select count(*) from run_facts where experiment = '"'killed'"' and status = '"'completed'"'")" = 3 ] && [ "$(sql "select count(*) from attempt where status = '"'completed'"'")" = 5 ]'
expect_success 'the stranger is still alone' 'there && [ -z "$(folders)" ]'

# Killed just between the note and what it is for, between making and using, between removing and forgetting.
sed 's/^name: .*/name: moments/; s/^retries: .*/boot_timeout: 200ms/' pair.yaml >moments.yaml
moment() { # moment NAME KINDS: what clean lists then, as words
    TRIALBED_STOP_AT=$1 trialbed run --connect $uri -j 1 --only x=1 moments.yaml >out 2>&1 & coordinator=$!
    expect_success "$1: it comes there" 'wait_until 60 "stopped_of \$coordinator | grep -q ." || { cat out; false; }'
    kill -KILL $coordinator; wait $coordinator 2>/dev/null
    expect_success "$1: clean --dry-run lists what is there" '[ "$(trialbed clean --dry-run | tee dry | awk "{ print \$3 == 1 ? \$4 : \$3 }" | sort | xargs)" = "'"$2"'" ] || { cat dry; false; }'
    expect_success "$1: clean removes that, and nothing of the stranger" 'trialbed clean | sed "s/^removed/would remove/" | diff dry - && there && [ -z "$(folders)" ] && [ "$(sql "select count(*) from outside")" = 0 ]'
}
moment outside-noted 'note unfinished'
moment network-made 'folder link note unfinished'
moment outside-over 'folder note'

done_testing

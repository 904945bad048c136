#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A user who is nobody in particular, with no right but /dev/net/tun (as ordinary hosts give it to everybody), builds the
# image, runs an experiment on real machines and reads it. Where root does not run the tests, all others are this one.
. "$(dirname "$0")/real-lib.sh"
. "$top/tests/cli/kill-lib.sh"
user=64321 reader=64322

skip() { echo "ok 1 # SKIP $1"; echo 1..1; cd / && rm -rf "$work"; exit 0; }
[ "$(id -u)" -eq 0 ] || skip 'no root here: the other tests are those of a plain user'

# The program, the scenario and the user's home, where this user may read them; packages that were downloaded before.
mkdir -p bin dev home/images home/open && cp "$TRIALBED" bin/ && cp "$top/scenarios/quickstart/scenario.yaml" .
[ ! -d "$TRIALBED_IMAGES/packages" ] || cp -r "$TRIALBED_IMAGES/packages" home/images/
chmod -R a+rX . && chown -R "$user:$user" home && chmod 1777 home/open
# as UID COMMAND...: without capabilities and groups, in the home; with a tun device for everybody where the host's is not.
as() {
    unshare --mount bash -c '
        user=$1 work=$2 && shift 2
        if [ $(($(stat -c 0%a /dev/net/tun) & 6)) -ne 6 ]; then
            mount -t tmpfs -o mode=755 none "$work/dev" && mknod -m 666 "$work/dev/tun" c 10 200 &&
                mount --bind "$work/dev/tun" /dev/net/tun || exit 99
        fi
        cd "$work/home" &&
            exec setpriv --reuid "$user" --regid "$user" --clear-groups --inh-caps=-all --bounding-set=-all \
                env -i PATH="$work/bin:/usr/bin:/bin" HOME="$work/home" TMPDIR="$work/home/open" LC_ALL=C \
                TRIALBED_IMAGES="$work/home/images" "$@"
    ' as "$1" "$work" "${@:2}"
}
as "$user" unshare --user true 2>why || skip "this host gives an ordinary user no user namespace: $(head -1 why)"
sql() { sqlite3 -separator ' ' home/lab/trialbed.db "$1"; }

expect_success 'the user has no capability' '[ "$(as $user grep -c "^Cap.*:.*[1-9a-f]" /proc/self/status)" = 0 ]'
expect_success 'the image is made of packages' 'as $user trialbed image build tiny'
expect_success 'doctor finds nothing missing' 'as $user trialbed doctor'
expect_success 'real machines run' 'as $user trialbed run -j 1 "$work/scenario.yaml" --repetitions 1 --only delay=10ms'
expect_success 'both runs are completed, by an unprivileged user' \
    '[ "$(sql "select count(*), min(status), max(status) from run_facts")" = "2 completed completed" ] && [ "$(sql "select value from environment where key = '"'host.user'"'")" = unprivileged ]'
expect_success 'the link delays both ways' '[ "$(sql "select count(*) from run_values where metric = '"'rtt'"' and value >= 20")" = 2 ]'
expect_success 'every packet was captured' '[ "$(sql "select distinct packets, dropped from capture")" = "40 0" ]'
expect_success 'all that is left belongs to the user' '[ -z "$(find home -not -user $user)" ] || { find home -not -user $user -ls; false; }'
expect_success 'report and bundle can be made' 'as $user trialbed report && as $user trialbed export -o q.tar.zst && as $user trialbed verify q.tar.zst'

as "$user" trialbed run -j 1 "$work/scenario.yaml" --repetitions 1 --only delay=0ms --only size=64 >out 2>&1 &
shell=$!
machine_runs() { pgrep -u "$user" qemu-system >/dev/null && [ "$(sql "select count(*) from attempt where status = 'running'")" = 1 ]; }
expect_success 'a machine runs' 'wait_until 60 machine_runs'
kill -KILL "$(pgrep -u "$user" -o -x trialbed)"
wait "$shell" 2>/dev/null
expect_success 'a killed coordinator leaves no process' 'wait_until 5 "! pgrep -u $user >/dev/null" || { pgrep -u $user -a; false; }'
expect_success 'resume finishes' 'as $user trialbed resume && [ "$(sql "select count(*) from run_facts where status = '"'completed'"'")" = 3 ]'

cat >policies.yaml <<'END'
name: policies
platform: ${platform}
start: ${start}
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {platform: [vm, bare], start: [cold, restore, pool]}, exclude: [{platform: vm, start: cold}, {platform: bare, start: restore}]}
order: sequential
steps:
  - {name: look, on: a, run: "hostname; ip addr show eth0"}
  - {name: host, on: host, run: "echo host $TRIALBED_FACTOR_PLATFORM $(ls /sys/class/net | grep -c br0) | tee note"}
END
expect_success 'every policy and platform works for the user' 'as $user trialbed run -j 1 "$work/policies.yaml" && [ "$(cat home/lab/runs/*/*/1/*look.stdout | grep -c "inet 10.0.0.1/24")" = 4 ]'

expect_success 'a step on the host sees the bridge of its run' \
    '[ "$(cat home/lab/runs/*/*/1/*host.stdout | sort | uniq -c | xargs)" = "2 host bare 1 2 host vm 1" ] && [ "$(find home/lab/runs -path "*/host/note" | wc -l)" = 4 ]'

expect_success 'somebody else may read the lab' \
    '[ "$(as $reader trialbed --lab "$work/home/lab" summary 1 --csv)" = "$(as $user trialbed summary 1 --csv)" ] && [ "$(as $user trialbed summary 1 --csv | wc -l)" = 5 ]'
expect_success 'all of it' 'cd "$work" && as $reader trialbed --lab "$work/home/lab" export 1 -o "$work/home/open/q.tar.zst"'
expect_status 5 'but not write it' 'as $reader trialbed --lab "$work/home/lab" resume 1'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `make bench-bundle`: export of 1 GiB of captures and logs against `tar | zstd -T2` at the same level, alone and with both digests
# of every file as export computes them (sha256sum and sha512sum beside it, all three at once, which is the best a shell can
# do), and verify, which checks both digests, against `zstd -d | sha256sum`. All five take turns N times (default 5); printed are
# median, smallest and largest time, the rate, and the largest resident memory of ours. MIB=1024 says how much data.
set -eu
: "${TRIALBED:?set TRIALBED to the program}"
N=${N:-5} MIB=${MIB:-1024}
export LC_ALL=C TZ=UTC
work=$(mktemp -d "${TMPDIR:-/var/tmp}/trialbed-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
cd "$work"

# A capture: addresses and counters that come again between payloads that hardly do. A log: lines of words with numbers.
# Both take zstd about as long, and come out about as small (0.4), as captures and logs of real runs.
random() { openssl enc -aes-128-ctr -nosalt -K "$(printf %032x "$1")" -iv 0 -in /dev/zero 2>/dev/null; }
capture() { random "$1" | base64 -w 76 | sed 's/^/10.0.0.1 10.0.0.2 0800 /' | head -c "$2"; }
log() { random "$1" | od -An -tu4 -w8 | sed 's/^/12:00:00 eth0: frame received, queue /' | head -c "$2"; }

cat >s.yaml <<'YAML'
name: bench
machines: [{name: a, image: tiny}]
steps: [{name: say, on: a, run: echo value=1, measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]}]
YAML
"$TRIALBED" -q run --machines fake s.yaml >/dev/null 2>&1
bytes=$((MIB * 1024 * 1024 / 32))
for i in $(seq 1 16); do
    for kind in pcap log; do
        path=runs/1/00001/1/$i.$kind
        { [ $kind = pcap ] && capture "$i" $bytes || log "$i" $bytes; } >lab/$path || true
        sum=$(sha256sum lab/$path)
        sqlite3 lab/trialbed.db "INSERT INTO artifact (run_id, attempt, sequence, kind, path, size, sha256, media_type)
            VALUES (1, 1, 1000 + (SELECT count(*) FROM artifact), '$kind', '$path', $bytes, '${sum%% *}', 'text/plain')"
    done
done

peak=0
timed() { # timed NAME COMMAND: append wall and CPU time to NAME.times, and note the peak memory of the command
    local rss child
    { TIMEFORMAT='%R %U %S'; time bash -c "$2"; } 2>time.out &
    while [ -e /proc/$! ]; do
        child=$(pgrep -P $! | head -1)
        rss=$(sed -n 's/^VmHWM:[[:space:]]*\([0-9]*\) kB/\1/p' "/proc/${child:-0}/status" 2>/dev/null) || rss=0
        [ "$1" != export ] && [ "$1" != verify ] || [ "${rss:-0}" -le "$peak" ] || peak=$rss
        sleep 0.1
    done
    wait $!
    awk '{ printf "%.2f %.2f\n", $1, $2 + $3 }' time.out >>"$1.times"
}

sync
for _ in $(seq "$N"); do
    timed tar 'tar -C lab -cf - runs | zstd -q -3 -T2 -f -o tar.zst'
    timed hashes 'tar -C lab -cf - runs | zstd -q -3 -T2 -f -o tar.zst & (cd lab && find runs -type f -exec sha256sum {} + >../256) & (cd lab && find runs -type f -exec sha512sum {} + >../512) & wait'
    timed export "exec '$TRIALBED' export bench -o e.tar.zst >/dev/null"
    timed zstd 'zstd -q -d -c tar.zst | sha256sum >/dev/null'
    timed verify "exec '$TRIALBED' verify e.tar.zst >/dev/null"
done

median() { awk -v c="$2" '{ print $c }' "$1.times" | sort -n | awk '{ t[NR] = $1 } END { print NR % 2 ? t[(NR + 1) / 2] : (t[NR / 2] + t[NR / 2 + 1]) / 2 }'; }
show() {
    sort -n "$1.times" | awk -v name="$2" -v median="$(median "$1" 1)" -v cpu="$(median "$1" 2)" -v mib="$MIB" \
        'NR == 1 { low = $1 } { high = $1 }
         END { printf "%-22s %6.2f s  (%.2f .. %.2f, n=%d)  %4.0f MiB/s, %.2f s of CPU\n", name, median, low, high, NR, mib / median, cpu }'
}
show tar 'tar | zstd -3 -T2'
show hashes '... and both digests'
show export 'trialbed export'
show zstd 'zstd -d | sha256sum'
show verify 'trialbed verify'
awk -v t="$(median tar 1)" -v h="$(median hashes 1)" -v e="$(median export 1)" -v z="$(median zstd 1)" -v v="$(median verify 1)" -v p="$peak" \
    'BEGIN { printf "export at %.2f x the speed of tar | zstd with both digests (%.2f x without any), verify at %.2f x that of zstd -d | sha256sum; %.0f MiB of memory at most\n", h / e, t / e, z / v, p / 1024 }'
du -m tar.zst e.tar.zst | awk '{ printf "%s MiB %s\n", $1, $2 }'

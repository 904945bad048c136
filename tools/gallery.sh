#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tools/gallery.sh TRIALBED FOLDER: draw one example of every kind of figure into FOLDER, from the data of
# tests/data/gallery. They are always the same, so docs/gallery is the golden copy that a test compares with.
set -eu
trialbed=$(realpath "$1")
mkdir -p "$2"
folder=$(realpath "$2")
data=$(realpath "$(dirname "$0")/../tests/data/gallery")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

"$trialbed" run --machines fake --jobs 1 "$data/scenario.yaml" >run.log 2>&1 || { cat run.log; exit 1; }
sqlite3 -bail -cmd ".load $(dirname "$trialbed")/trialbed_stats" lab/trialbed.db <"$data/values.sql" >/dev/null

# draw NAME OPTION...
draw() {
    name=$1
    shift
    "$trialbed" report -o out "$@" >/dev/null
    for ending in tsv svg; do
        mv out/*."$ending" "$folder/$name.$ending"
    done
    rm -rf out
}
for kind in errorbars lines bars box violin cdf ccdf histogram scatter heatmap order convergence; do
    draw "$kind" --figure "$kind" --metric rtt
done
draw bars-relative --figure bars --metric rtt --x delay --normalize-to size=64
draw heatmap-panels --figure heatmap --metric rtt --x delay --facet size
draw facets --figure lines --metric rtt --x delay --facet size
draw expected-vs-measured --figure expected-vs-measured --metric rtt --x delay \
    --expected '1ms = rtt[0ms] + 2; 2ms = rtt[0ms] + 4; 5ms = rtt[0ms] + 10'
draw timeseries --figure timeseries --metric rtt --run 15
draw phases --figure phases
draw gantt --figure gantt

# From here on with values that somebody else published.
sqlite3 -bail lab/trialbed.db <"$data/published.sql"
draw published-bars --figure bars --metric rtt --x delay
draw published-cdf --figure cdf --metric rtt --facet delay

# Several benchmarks, as its scenario wishes them.
mkdir benchmarks
cd benchmarks
"$trialbed" run --machines fake --jobs 1 "$data/benchmarks.yaml" >run.log 2>&1 || { cat run.log; exit 1; }
sqlite3 -bail -cmd ".load $(dirname "$trialbed")/trialbed_stats" lab/trialbed.db <"$data/benchmarks.sql" >/dev/null
draw benchmarks

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `report` with its default set over 1,000 cells and 100,000 runs. A gnuplot in front of the real one notes when it is
# started and when it ends: outside is the time of the report in which none runs. The floor is gnuplot alone, as many at
# a time as there are processors, over the scripts that the report left. Per repetition: report, gnuplot alone, and a
# second report, which draws nothing. Prints median and range of N=5.
set -eu
top=$(realpath "$(dirname "$0")/../..")
trialbed=$(realpath "${TRIALBED:-$top/build/release/trialbed}")
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"
export LC_ALL=C

mkdir lab front
cat "$top"/db/migrations/*.sql | sqlite3 -bail lab/trialbed.db
sqlite3 -bail lab/trialbed.db "PRAGMA user_version = $(ls "$top"/db/migrations/*.sql | wc -l)"
sqlite3 -bail -cmd ".load $(dirname "$trialbed")/trialbed_stats" lab/trialbed.db <"$top/tests/bench/bench-report.sql"

cat >front/gnuplot <<FRONT
#!/bin/bash
from=\$EPOCHREALTIME
$(command -v gnuplot) "\$@"
status=\$?
echo "\$from \$EPOCHREALTIME" >>$work/spans
exit \$status
FRONT
chmod +x front/gnuplot

seconds() { # seconds COMMAND...
    local from=$EPOCHREALTIME
    "$@" >/dev/null
    awk -v a="$from" -v b="$EPOCHREALTIME" 'BEGIN { printf "%.3f\n", b - a }'
}
# The time that the spans of standard input cover together.
covered() {
    sort -n | awk '$1 > end { total += end - start; start = $1; end = $2 } $2 > end { end = $2 } END { printf "%.3f\n", total + end - start }'
}
draw_alone() { (cd out && ls -- *.gp | LC_ALL=C.UTF-8 xargs -P "$(nproc)" -I {} gnuplot --default-settings -e "format = 'svg'" {}); }
report() { PATH=$work/front:$PATH "$trialbed" report -o out; }
figures() { # figures NAME UNIT FILE
    sort -n "$3" | awk -v name="$1" -v unit="$2" '{ v[NR] = $1 } END { printf "%-30s n = %d  median %.3f%s  [%.3f .. %.3f]\n", name, NR,
        NR % 2 ? v[(NR + 1) / 2] : (v[NR / 2] + v[NR / 2 + 1]) / 2, unit, v[1], v[NR] }'
}

for _ in $(seq "${N:-5}"); do
    rm -rf out spans
    seconds report >>total
    covered <spans >>inside
    seconds draw_alone >>floor
    seconds report >>again
done
paste total inside | awk '{ printf "%.3f\n", $1 - $2 }' >outside
paste inside floor | awk '{ printf "%.3f\n", $1 / $2 }' >ratio_inside
paste total floor | awk '{ printf "%.3f\n", $1 / $2 }' >ratio
echo "figures: $(ls out/*.svg | wc -l), processors: $(nproc), load average: $(cut -d' ' -f1 /proc/loadavg)"
figures 'report' ' s' total
figures '  of it with gnuplot' ' s' inside
figures '  of it outside (target: < 2)' ' s' outside
figures 'gnuplot alone, same files' ' s' floor
figures 'report again, nothing drawn' ' s' again
figures 'report / gnuplot alone' '' ratio
figures 'with gnuplot / gnuplot alone' '' ratio_inside

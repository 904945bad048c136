#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A bundle of the quickstart (one cell, few runs) is reproduced in another lab on real machines. How alike two runs of a busy host are
# is not for a test to say; that the verdict follows from the numbers is.
. "$(dirname "$0")/real-lib.sh"
quickstart=$top/scenarios/quickstart/scenario.yaml
there() { sqlite3 -batch far/lab/trialbed.db "$1"; }
json() { sqlite3 -batch :memory: "select json_extract(readfile('$1'), '\$.$2')"; }

expect_success 'the quickstart runs' 'trialbed run "$quickstart" --repetitions 6 --only delay=10ms --only size=64'
expect_success 'its bundle is moved elsewhere' 'trialbed export quickstart -o q.tar.zst && mkdir far && mv q.tar.zst far/moved && mv lab gone'
trialbed --lab far/lab --json reproduce far/moved --quick >j 2>log
status=$?
expect_success 'reproduced from there it says how it went' \
    'cat log j; case $(json j verdict) in reproduced) [ $status = 0 ] ;; "not reproduced" | inconclusive) [ $status = 1 ] ;; *) false ;; esac'
expect_success 'both metrics of the cell were compared, 6 runs there and 5 here' \
    '[ "$(json j "cells[#-1].n_original") $(json j "cells[0].n") $(json j "cells[1].metric")" = "6 5 throughput" ]'
expect_success 'five runs were completed on real machines' \
    '[ "$(there "select count(*), min(platform) from run_facts where experiment_id = 2 and counted")" = "5|vm" ]'
expect_success 'the round trip is two delays here, too' \
    'there "select mean from cell_summary where experiment_id = 2 and metric = '"'rtt'"'" | awk "{ exit !(\$1 >= 20 && \$1 < 60) }"'
expect_success 'on the same host with the same image nothing of the machines differs' \
    '! json j environment | grep -qE "\"(host.kernel|image[.]tiny|cpu.model|version.qemu)\""'
expect_status 1 'a margin of a microsecond is too narrow to be shown' 'trialbed --lab far/lab reproduce 1 --with 2 --margin rtt=0.001 >out'
expect_success 'and it is not called reproduced' 'grep -qE "^rtt +ms +0.001 ms +1 +0 " out'
expect_success 'a margin of half a second is wide enough' \
    'trialbed --lab far/lab reproduce 1 --with 2 --margin rtt=500 >out; grep -qE "^rtt +ms +500 ms +1 +1 +0 +0 +reproduced$" out'
expect_success 'the report has its figure' '[ -s far/lab/reports/quickstart-reproduced-2/reproduction.svg ] && grep -q "data:image/svg" far/lab/reports/quickstart-reproduced-2/index.html'

done_testing

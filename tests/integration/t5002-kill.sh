#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# kill -9 on worker and coordinator while real machines run: nothing is left, nothing is lost.
. "$(dirname "$0")/real-lib.sh"
. "$top/tests/cli/kill-lib.sh"

cat >s.yaml <<'END'
name: kill
machines:
  - {name: a, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
bridges: [{name: br0}]
matrix: {factors: {x: [1, 2, 3]}}
retries: 1
steps:
  - {name: work, on: a, run: "sleep 1; echo value=${x}", measure: [{metric: value, regex: 'value=([0-9]+)'}]}
captures: [{bridge: br0}]
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }
# Some QEMU lives in the namespaces of an init.
qemu_of() { namespace_of "$1" | while read -r process; do grep -qs qemu-system "/proc/$process/cmdline" && echo "$process"; done; }
qemu_runs() { for init in $(inits_of "$1"); do [ -n "$(qemu_of "$init")" ] && return 0; done; return 1; }

trialbed run -j 1 s.yaml >out 2>&1 &
coordinator=$!
expect_success 'a machine runs' 'wait_until 60 qemu_runs $coordinator'
for init in $(inits_of "$coordinator"); do remember_namespaces "$init"; kill -KILL "$init"; done
expect_success 'another worker takes over' 'wait_until 60 "[ -n \"\$(inits_of $coordinator)\" ] && qemu_runs $coordinator"'
expect_success 'nothing is left of the killed one' '[ -z "$(leftovers)" ] || { leftovers; false; }'
remember_family "$coordinator"
kill -KILL "$coordinator"
wait "$coordinator" 2>/dev/null
expect_success 'a killed coordinator leaves no process, namespace, tap or mount' 'wait_until 5 "[ -z \"\$(leftovers)\" ]" || { leftovers; false; }'
expect_success 'the database is sound' '[ "$(sql "pragma integrity_check")" = ok ]'
expect_success 'resume finishes the experiment' 'trialbed resume kill || { cat out; false; }'
expect_success 'every run is completed exactly once' '[ "$(sql "select count(*) from run_facts where status = '"'completed'"'")" = 3 ] && [ "$(sql "select count(*) from attempt where status = '"'completed'"'")" = 3 ]'
expect_success 'the killed attempts are kept with their reason' '[ "$(sql "select count(*) from attempt where class = '"'host'"'")" = 2 ] || { sql "select * from attempt"; false; }'
expect_success 'clean has nothing to remove' 'trialbed clean && [ -z "$(leftovers)" ]'

done_testing

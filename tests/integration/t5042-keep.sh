#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# `start: keep`: real machines serve one run of their cell after the other, each with its own captures and console; a run that fails gives its
# machines up, and nothing of them stays.
. "$(dirname "$0")/real-lib.sh"

cat >s.yaml <<'END'
name: kept
machines:
  - {name: alpha, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}
  - {name: beta, image: tiny, memory_mb: 128, interfaces: [{bridge: br0, address: 10.0.0.2/24}]}
bridges: [{name: br0, delay: 5ms}]
start: keep
repetitions: 4
order: sequential
timeout: 300s
boot_timeout: 200s
captures: [{bridge: br0, filter: icmp}]
events: [{at: 0s, link: br0/alpha, set: {delay: 40ms}}]
steps:
  - {name: serve, on: alpha, run: "trap : TERM; echo up; while :; do sleep 987; done", background: true, grace: 300ms, ready: {output: up}}
  - name: look
    on: alpha
    run: |
      echo run >>/tmp/mark
      echo "marks=$(wc -l </tmp/mark)"
      echo "serving=$(ps | grep -c '[t]rap : TERM')"
      echo "said in mark $(wc -l </tmp/mark)" >/dev/console
      sleep 0.3
      ping -c 2 -i 0.2 -W 5 beta | grep -o 'time=.*'
      [ "$(wc -l </tmp/mark)" != 3 ]
    measure: [{metric: marks, regex: 'marks=([0-9]+)'}]
END
sql() { sqlite3 -separator ' ' lab/trialbed.db "$1"; }

expect_status 1 'runs end, and the third fails' 'trialbed run -j 1 s.yaml'
expect_output 'a run finds the marks of those before it, until one failed' \
    'sql "select run_id, r.status, (select value from sample_values s where s.run_id = r.run_id and metric = '"'marks'"'), (select count(*) from event e where e.run_id = r.run_id and kind = '"'kept'"'), (select count(*) from phase_times p where p.run_id = r.run_id and phase = '"'boot'"') from run_facts r order by 1"' <<'END'
1 completed 1.0 0 1
2 completed 2.0 1 0
3 failed  1 0
4 completed 1.0 0 1
exit 0
END
expect_output 'what runs in the background is of its own run' 'grep -h serving lab/runs/1/*/1/*look.stdout' <<'END'
serving=1
serving=1
serving=1
serving=1
exit 0
END
expect_output 'every run captured its own packets' 'sql "select run_id, packets from capture where run_id <> 3 order by 1"' <<'END'
1 4
2 4
4 4
exit 0
END
said() { grep -h "said in mark" lab/runs/1/0000$1/1/alpha.console.log | tr -d '\r'; }
expect_output 'and has its part of the console' 'said 1; said 2; said 4' <<'END'
said in mark 1
said in mark 2
said in mark 1
exit 0
END
expect_output 'what happens to links happens in every run' 'sql "select run_id, count(*) from event where kind = '"'link'"' group by 1"' <<'END'
1 1
2 1
3 1
4 1
exit 0
END
expect_success 'the kept run has machines, definitions and usage of its own' \
    '[ "$(sql "select (select count(*) from machine where run_id = 2), (select count(*) from artifacts where run_id = 2 and kind = '"'definition'"'), (select count(*) from run_values where run_id = 2 and metric = '"'cpu.time'"')")" = "2 3 1" ]'
expect_success 'the files are what the database says' 'trialbed doctor --lab'

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A whole experiment on fake machines: run, status, show, log, query, summary, report, export, verify.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'END'
name: echo
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {x: [1, 2], y: [u, v]}}
repetitions: 3
warmup: 1
seed: 7
steps:
  - name: say
    on: a
    run: |
      echo value=${x}
      echo level=${y}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
report: [{figure: errorbars, metric: value, x: x, by: y}]
published: [{metric: value, where: {x: 2}, mean: 2.5, n: 5, source: a paper}]
END

expect_output 'check says what it found' 'trialbed check s.yaml' <<'END'
s.yaml: scenario 'echo' is fine: 4 cells, 16 runs
exit 0
END
expect_success 'plan is the same twice with a seed' 'trialbed plan s.yaml --csv >p1 && trialbed plan s.yaml --csv >p2 && cmp p1 p2 && [ "$(wc -l <p1)" -eq 17 ]'
expect_success 'run finishes' 'trialbed run --machines fake s.yaml'
expect_success 'every run is completed' '[ "$(sqlite3 lab/trialbed.db "select count(*) from run_facts where status = '"'completed'"'")" = 16 ]'
expect_success 'the planned order is the order of the plan' \
    'sqlite3 -csv lab/trialbed.db "select position, cell, repetition, block, warmup from run_facts order by position" | tr -d "\r\"" >db && tail -n +2 p1 | tr -d "\r\"" | diff - db'
expect_output 'what it was measured on is known' 'sqlite3 lab/trialbed.db "select group_concat(key) from environment where experiment_id = 1
    and key in ('"'host.kernel', 'cpu.model', 'memory.total', 'version.trialbed', 'version.build', 'command', 'sysctl.vm.swappiness'"') and value <> '"''"'"' <<'END'
command,cpu.model,host.kernel,memory.total,sysctl.vm.swappiness,version.build,version.trialbed
exit 0
END
expect_success 'warm-ups are not counted' '[ "$(sqlite3 lab/trialbed.db "select group_concat(distinct n) from cell_summary where metric = '"'value'"'")" = 3 ]'
expect_success 'the summary and the plain view agree' \
    'trialbed summary echo --metric value --csv | tail -n +2 | tr -d "\r\"" >a && sqlite3 -csv lab/trialbed.db "select cell, metric, unit, n, mean from cell_summary where metric = '"'value'"' order by cell_id" | tr -d "\r\"" >b && cut -d, -f1-4 a | diff - <(cut -d, -f1-4 b)'
expect_success 'query knows the statistics functions' '[ "$(trialbed query "select stddev(value), t_quantile(0.975, 4) from run_values where metric = '"'value'"'" --csv | tail -1 | cut -c1-4)" = 0.51 ]'
expect_status 2 'query writes nothing' 'trialbed query "delete from run"'
expect_status 2 'a query is stopped in time, also while it makes one value' 'trialbed query --timeout 1 "select printf('"'%.*c', 900000000, 'x'"')" 2>err'
expect_success 'and says so' 'grep -q "^trialbed: query: stopped because it took longer" err'
expect_success 'show tells of a run' 'trialbed show 1 | grep -q "step:say"'
expect_success 'show is JSON on demand' 'trialbed --json show 1 >json && [ "$(sqlite3 :memory: "select json_extract(readfile('"'json'"'), '"'\$.attempts[0].status'"')")" = completed ]'
expect_success 'log prints what a step printed' 'trialbed log 1 say | grep -q "^value="'
expect_success 'status lists the experiment' 'trialbed status | grep -q echo'
expect_success 'the report is written' 'trialbed report echo -o r1 && [ -s r1/index.html ] && ls r1/*.svg r1/*.gp r1/*.tsv'
grep -A1 'of Results</span>' r1/index.html | sed -n 's,^<pre[^>]*>\(.*\)</pre></details>$,\1,p' |
    sed 's,&quot;,",g; s,&lt;,<,g; s,&gt;,>,g; s,&amp;,\&,g' >query # all the others: t0322-page-queries
expect_success 'the query of the results gives the rows of the results' 'bash -c "$(cat query) --csv" | cut -d, -f1-4 | diff - <(cut -d, -f1-4 r1/summary.csv)'
expect_success 'the summary on a terminal is that of the report' 'trialbed summary echo | grep -v ": [0-9]" | diff - r1/summary.txt'
expect_success 'a run can be shown alone, as a PDF that says no time' 'trialbed report echo -o r3 --figure gantt --run 5 --format pdf && grep -aq "CreationDate (D:20000101000000Z" r3/gantt-run-5.pdf'
expect_success 'a second report in the same folder draws nothing' 'ls -i r1/*.svg >before; trialbed -v report echo -o r1 2>log; ls -i r1/*.svg | diff before - && grep -q "has not changed" log && ! grep -q ": drawn" log'
expect_success 'a picture that is not whole is drawn again, and the same' 'cp r1/*.svg whole.svg && head -c 2000 whole.svg >cut && for f in r1/*.svg; do cp cut $f; done && trialbed -v report echo -o r1 2>log; grep -q ": drawn" log && cmp whole.svg r1/*.svg'
expect_success 'whoever wants may have all drawn again' 'trialbed -v report echo -o r1 --redraw 2>log; grep -q ": drawn" log && ! grep -q "has not changed" log'
expect_status 1 'a reviewer would ask about few runs' 'trialbed report echo --check >advice && grep -q "^few-runs (sufficient number of trials)" advice'
expect_status 2 'what is no format is refused' 'trialbed report echo -o r3 --format svg,gif'
expect_success 'a second report is the same to the byte' 'cd / && TZ=Asia/Tokyo LC_ALL=C.UTF-8 trialbed --lab '"$work"'/lab report echo -o '"$work"'/r2; cd '"$work"' && diff -r r1 r2'
expect_success 'export and verify' 'trialbed export echo -o e.tar.zst && trialbed verify e.tar.zst'
expect_success 'sha256sum agrees with the manifest' 'mkdir bag && tar --zstd -xf e.tar.zst -C bag && cd bag/echo && sha256sum -c --quiet --strict manifest-sha256.txt tagmanifest-sha256.txt; r=$?; cd '"$work"'; [ $r -eq 0 ]'
expect_success 'the bundled database holds the same summary' 'sqlite3 lab/trialbed.db "select cell, metric, n, mean from cell_summary order by 1, 2" >a; sqlite3 bag/echo/data/trialbed.db "select cell, metric, n, mean from cell_summary order by 1, 2" | diff a -'
expect_output "the experiment's own view has the factors as columns, here and in the bundle" \
    'for db in lab/trialbed.db bag/echo/data/trialbed.db; do sqlite3 $db "select x, y, count(*) from experiment_1_runs where counted group by x, y"; done' <<'END'
1.0|u|3
1.0|v|3
2.0|u|3
2.0|v|3
1.0|u|3
1.0|v|3
2.0|u|3
2.0|v|3
exit 0
END
expect_output 'published values stand beside the measured ones' \
    'sqlite3 lab/trialbed.db "select cell, metric, published_mean, published_n, source, n, mean from published_values"' <<'END'
x=2 y=u|value|2.5|5|a paper|3|2.0
x=2 y=v|value|2.5|5|a paper|3|2.0
exit 0
END
expect_output 'the environment knows the command line' \
    'sqlite3 lab/trialbed.db "select value from environment where key = '"'command'"'" | sed "s/.*trialbed //"' <<'END'
run --machines fake s.yaml
exit 0
END
expect_success 'the environment knows versions and kernel settings' \
    '[ "$(sqlite3 lab/trialbed.db "select count(*) from environment where value <> '"''"' and key in ('"'version.libvirt', 'memory.total', 'sysctl.vm.swappiness', 'sysctl.net.core.rmem_max'"')")" = 4 ]'
cp e.tar.zst bad.tar.zst && printf X | dd of=bad.tar.zst bs=1 seek=$(($(stat -c %s e.tar.zst) / 2)) conv=notrunc status=none
expect_status 5 'a flipped byte in a bundle is noticed' 'trialbed verify bad.tar.zst'

done_testing

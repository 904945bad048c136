#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# A bundle's way on fake machines: export, move, verify, look inside, import into a fresh lab, draw again; and what is refused.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'YAML'
name: echo
description: A "quoted" text, with commas
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {x: [1, 2], y: [u, v]}}
repetitions: 3
warmup: 1
seed: 7
steps:
  - name: say
    on: a
    run: echo value=${x}${y}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
captures: [{bridge: br0}]
report: [{figure: errorbars, metric: value, x: x, by: y}]
YAML
trialbed -q run --machines fake s.yaml >/dev/null 2>&1
trialbed -q run --machines fake s.yaml >/dev/null 2>&1 # the second experiment has other numbers than a fresh lab would give
sqlite() { sqlite3 -batch -noheader "$@"; }

expect_success 'export' 'trialbed export 2 -o e.tar.zst && trialbed verify e.tar.zst'
expect_success 'the same bytes again, from a copy elsewhere, in another locale, time zone and umask' \
    'mkdir -p else/where && cp -r lab else/where/ && (cd / && umask 077 && TZ=Asia/Tokyo LC_ALL=C.UTF-8 trialbed --lab "$work/else/where/lab" export 2 -o "$work/e2.tar.zst") && cmp e.tar.zst e2.tar.zst'
mkdir bag && tar --zstd -xf e.tar.zst -C bag
expect_success 'sha256sum agrees' '(cd bag/echo && sha256sum -c --quiet --strict manifest-sha256.txt tagmanifest-sha256.txt)'
expect_success 'sha512sum agrees' '(cd bag/echo && sha512sum -c --quiet --strict manifest-sha512.txt tagmanifest-sha512.txt)'
expect_success 'the manifests name all files' \
    '(cd bag/echo && find data -type f | sort >../files && cut -c67- manifest-sha256.txt | sort | diff ../files - && cut -c131- manifest-sha512.txt | sort | diff ../files -)'
expect_success 'Payload-Oxum counts them' \
    'grep -qx "Payload-Oxum: $(find bag/echo/data -type f -printf "%s\n" | awk "{ s += \$1 } END { print s \".\" NR }")" bag/echo/bag-info.txt'
expect_success 'the metadata is JSON, and every file is in the crate' \
    'for f in ro-crate-metadata datapackage environment; do sqlite :memory: "select json_valid(readfile('"'"'bag/echo/data/$f.json'"'"'))" | grep -qx 1 || exit 1; done;
     sqlite :memory: "select json_extract(value, '"'"'$.@id'"'"') from json_each(readfile('"'"'bag/echo/data/ro-crate-metadata.json'"'"'), '"'"'$.@graph'"'"') where json_extract(value, '"'"'$.@type'"'"') = '"'"'File'"'"'" | sort >described; (cd bag/echo/data && find . -type f ! -name ro-crate-metadata.json -printf "%P\n" | sort) | diff - described'
expect_success 'an action a run' \
    '[ "$(grep -c CreateAction bag/echo/data/ro-crate-metadata.json)" = 16 ]'
expect_success 'a table as CSV has the rows of the database' \
    'sqlite :memory: ".import --csv bag/echo/data/tables/run.csv run" "select count(*), sum(warmup) from run" | grep -qx "16|4"'
expect_success 'README names a command for the result' "grep -q \"summary 'echo' --metric 'value'\" bag/echo/data/README.md"
expect_success 'ls and cat read without importing' \
    'trialbed bundle ls e.tar.zst | grep -q " data/trialbed.db$" && trialbed bundle cat e.tar.zst scenario/scenario.yaml | cmp - s.yaml'
expect_status 2 'cat of a file that is not there' 'trialbed bundle cat e.tar.zst nothing'
expect_status 2 'a bundle that would be where a folder is' 'trialbed export 2 -o bag'
expect_success 'is refused before anything is packed' 'grep -q "there is a folder of this name" said'
expect_status 2 'a report where a file is' 'trialbed report 2 -o s.yaml'
expect_success 'is, too, and the file stays' 'grep -qx "trialbed: .s.yaml. is a file, and a report needs a folder" said && [ "$(wc -l <said)" = 1 ] && grep -q "^name: echo" s.yaml'
expect_status 2 'something else cannot be left out' 'trialbed export --without logs -o x.tar.zst'

# Import
mkdir far && mv e2.tar.zst far/moved
expect_success 'import into a fresh lab' 'trialbed --lab new import far/moved'
expect_success 'the summary is the same' 'trialbed summary 2 --all >a && trialbed --lab new summary --all | diff a -'
expect_success 'the report is the same' 'trialbed report 2 -o ra && trialbed --lab new report -o rb && diff -r ra rb'
expect_success 'it is the report in the bundle' 'diff -r ra bag/echo/data/report'
expect_success 'the files are there' \
    'sqlite new/trialbed.db "select sha256 || '"'  new/'"' || path from artifact" | sha256sum -c --quiet --strict'
expect_success 'the logs can be read' 'diff <(trialbed --lab new log 5 say | tail -n +2) <(trialbed log 21 say | tail -n +2)'
expect_success 'nothing else is left' '[ "$(cd new && find . -maxdepth 1 -name ".*" ! -name . | wc -l)" = 0 ] && [ -z "$(find new -name .merging)" ]'
expect_success 'again changes nothing' \
    'sqlite new/trialbed.db .dump >d1 && trialbed --lab new import e.tar.zst && sqlite new/trialbed.db .dump | cmp d1 -'
expect_success 'exported from there it is the same bundle' 'trialbed --lab new export -o again.tar.zst && cmp e.tar.zst again.tar.zst'
expect_success 'the first one comes beside it, with numbers of its own' \
    'trialbed export 1 -o one.tar.zst && trialbed --lab new import one.tar.zst && [ "$(sqlite new/trialbed.db "select count(*), max(run_id) from run")" = "32|32" ]'
sqlite new/trialbed.db "update event set text = 'x'; update run set block = 5 where run_id = 3"
expect_status 5 'what differs is not overwritten' 'trialbed --lab new import e.tar.zst'
expect_success 'and said' "grep -q \"table 'run'\" said && [ \$(sqlite new/trialbed.db 'select block from run where run_id = 3') = 5 ]"

# Less
expect_success 'without captures, one cell' 'trialbed export 2 --without pcaps --only "x=1 y=v" -o part.tar.zst && trialbed verify part.tar.zst'
expect_success 'only that is in it' \
    '! trialbed bundle ls part.tar.zst | grep -q "pcap$" && trialbed bundle cat part.tar.zst tables/cell.csv | wc -l | grep -qx 2 && trialbed bundle cat part.tar.zst bag-info.txt | grep -q "^Left-Out: all cells but"'
expect_success 'it can be imported' 'trialbed --lab part import part.tar.zst && trialbed --lab part summary --csv | wc -l | grep -qx 2'
expect_status 2 'a cell that is not there' 'trialbed export 2 --only x=9 -o x.tar.zst'
echo >>"lab/$(sqlite lab/trialbed.db "select path from artifact where run_id = 1 limit 1")"
expect_status 5 'a file that changed behind our back is not packed' 'trialbed export 1 -o x.tar.zst'
expect_success 'and nothing is left of it' '! ls x.tar.zst* lab/.export* 2>/dev/null'

# The scenario's files
mkdir conf && echo 'a: 1' >conf/server.conf && printf '#!/bin/sh\n' >go && chmod +x go
cat s.yaml - >f.yaml <<'YAML'
files: [{source: conf/server.conf, on: a, path: /tmp/server.conf}, {source: go, on: a, path: /tmp/go, mode: "0755"}]
YAML
sed -i 's/^name:.*/name: files/' f.yaml
trialbed -q run --machines fake f.yaml --only x=1 --repetitions 2 >/dev/null 2>&1
mkdir gone && mv conf go gone
expect_success 'files of the scenario are beside it' 'trialbed export files -o files.tar.zst && trialbed bundle cat files.tar.zst scenario/conf/server.conf | cmp - gone/conf/server.conf && trialbed verify files.tar.zst'
expect_success 'and come along' 'trialbed --lab files import files.tar.zst && cmp files/runs/1/conf/server.conf gone/conf/server.conf && trialbed --lab files export -o files2.tar.zst && cmp files.tar.zst files2.tar.zst'
expect_success 'also when labs are merged' 'trialbed --lab merged merge files && cmp merged/runs/1/conf/server.conf gone/conf/server.conf'
expect_success 'so that it can be run again' 'trialbed --lab files reproduce 1 && cmp files/runs/2/conf/server.conf gone/conf/server.conf'
mkdir fbag && tar --zstd -xf files.tar.zst -C fbag

# In parts
expect_success 'in parts' 'trialbed export 2 --split 64KiB -o parts.tar.zst && [ -s parts.tar.zst.001 ] && [ -s parts.tar.zst.002 ] && [ ! -e parts.tar.zst ] && [ "$(stat -c %s parts.tar.zst.001)" = 65536 ]'
expect_success 'which one behind the other are the bundle' 'cat parts.tar.zst.* | cmp - e.tar.zst'
expect_success 'verified and looked into by the first' 'trialbed verify parts.tar.zst.001 && trialbed bundle ls parts.tar.zst | diff - <(trialbed bundle ls e.tar.zst)'
expect_success 'imported together' 'trialbed --lab parts import parts.tar.zst.001 && trialbed --lab parts summary --all | diff a -'
expect_status 2 'a later part is none' 'trialbed verify parts.tar.zst.002'
cp parts.tar.zst.001 cut.tar.zst.001
expect_status 5 'when the last is missing it is said' 'trialbed verify cut.tar.zst.001'
expect_success 'with a hint' 'grep -q "hint: 1 part" said'
cp parts.tar.zst.001 hole.tar.zst.001 && cp parts.tar.zst.002 hole.tar.zst.003
expect_status 5 'one between' 'trialbed verify hole.tar.zst.001'
expect_success 'is named' 'grep -q "part .hole.tar.zst.002. is missing" said'
last=$(ls parts.tar.zst.* | wc -l) && cp parts.tar.zst.001 "parts.tar.zst.$(printf %03d $((last + 1)))"
expect_status 5 'one too many is no part of it' 'trialbed --lab parts import parts.tar.zst.001'
expect_success 'exported again, shorter, none of the old ones is left' 'trialbed export 2 --split 1MiB -o parts.tar.zst && [ "$(ls parts.tar.zst.*)" = parts.tar.zst.001 ]'
expect_status 2 'a part of nothing' 'trialbed export 2 --split 1 -o x.tar.zst'

# Signed
openssl genpkey -algorithm ed25519 -out key 2>/dev/null && openssl pkey -in key -pubout -out key.pub
openssl genpkey -algorithm ed25519 -out other 2>/dev/null && openssl pkey -in other -pubout -out other.pub
expect_success 'signed and verified' 'trialbed export 2 --sign key -o signed.tar.zst && trialbed verify signed.tar.zst --key key.pub'
expect_status 5 'signed by somebody else' 'trialbed verify signed.tar.zst --key other.pub'
expect_status 5 'not signed at all' 'trialbed verify e.tar.zst --key key.pub'
expect_status 5 'nor imported' 'trialbed --lab strict import e.tar.zst --key key.pub'

# Hostile: packed as a stranger would, with manifests that are right
pack() { # pack FOLDER FILE: data/ of a bag becomes a bundle
    (cd "$1" && rm -f *manifest* && for h in 256 512; do find data -type f -print0 | sort -z | xargs -0 sha${h}sum >manifest-sha$h.txt; done &&
        sed -i "s/^Payload-Oxum:.*/Payload-Oxum: $(find data -type f -printf '%s\n' | awk '{ s += $1 } END { print s "." NR }')/" bag-info.txt &&
        sha256sum bag*.txt manifest-* >tagmanifest-sha256.txt)
    tar --zstd -cf "$2" -C "$(dirname "$1")" "$(basename "$1")"
}
poison() { # poison SQL: the bundle with its database changed becomes bad.tar.zst
    rm -rf bad && cp -r bag bad && sqlite bad/echo/data/trialbed.db "$1" && pack bad/echo bad.tar.zst
}
refused() { # refused TITLE REASON: bad.tar.zst is not imported, and no lab is changed
    rm -rf fresh && mkdir fresh
    expect_status 5 "$1" 'trialbed --lab fresh import bad.tar.zst'
    expect_success '... for its reason' "grep -q \"$2\" said"
    expect_success '... and leaves nothing' '[ -z "$(find fresh -type f ! -name "trialbed.*")" ] && [ "$(sqlite fresh/trialbed.db "select count(*) from experiment")" = 0 ]'
}
poison 'select 1'
expect_success 'a bundle that somebody packed anew is as good' 'trialbed --lab packed import bad.tar.zst'
poison 'create trigger t after insert on run begin delete from run; end'
refused 'a trigger' "no such trigger 't'"
poison "update experiment set name = '../../evil'"
refused 'a name that leads out of the lab' 'is no name of an experiment'
poison "update artifact set path = 'runs/../../evil' where run_id = 1 and sequence = 0"
refused 'a path that leads out of the lab' 'leads out of its folder'
poison "update artifact set sha256 = printf('%064d', 0) where run_id = 1 and sequence = 0"
refused 'a file that is not what its row says' 'SHA-256'
rm -rf bad && cp -r bag bad && ln -s /etc/passwd bad/echo/data/link && tar --zstd -cf bad.tar.zst -C bad echo
refused 'a link' 'is a link'
rm -rf bad && cp -r bag bad && echo x >bad/echo/data/more && tar --zstd -cf bad.tar.zst -C bad echo
refused 'a file more' 'data/more: is in no manifest'

rm -rf bad && cp -r fbag bad && echo 'a: 2' >bad/files/data/scenario/conf/server.conf && pack bad/files bad.tar.zst
refused 'a file of the scenario that its row does not know' 'is not what the experiment was run with'
echo 'a: 2' >lab/runs/3/conf/server.conf
expect_status 5 'one that changed in the lab is not packed' 'trialbed export files -o x.tar.zst'

# Interrupted
cp -r bag slow && head -c 150000000 /dev/urandom >slow/echo/data/noise && pack slow/echo slow.tar.zst && rm -r slow
mkdir cut
trialbed --lab cut import slow.tar.zst >cut.log 2>&1 &
importer=$!
for _ in $(seq 600); do [ -e cut/.import ] && break; sleep 0.05; done
kill -INT $importer 2>/dev/null
wait $importer
echo "exit $?" >>cut.log
expect_success 'an interrupted import says so and leaves nothing' 'cat cut.log; grep -q "exit 130" cut.log && [ -z "$(find cut -type f ! -name "trialbed.*")" ]'

# Killed at any moment: what it leaves is no experiment, and the next import does it all
for delay in 0.1 0.3 0.6 1 2; do
    rm -rf killed && mkdir killed
    trialbed --lab killed import slow.tar.zst >/dev/null 2>&1 &
    importer=$!
    sleep $delay
    kill -KILL $importer 2>/dev/null
    wait $importer 2>/dev/null
    # A database may be there that has no tables yet.
    runs=0
    [ ! -e killed/trialbed.db ] || [ "$(sqlite killed/trialbed.db "select count(*) from sqlite_schema where name = 'run'")" = 0 ] \
        || runs=$(sqlite killed/trialbed.db "select count(*) from run")
    [ "$runs" = 0 ] || [ "$runs" = 16 ] || echo "$delay: $runs runs" >>halves
done 2>/dev/null
expect_success 'a killed import leaves no half experiment' '! cat halves 2>/dev/null'
expect_success 'and the next one brings it, and leaves nothing of the other' \
    'trialbed --lab killed import slow.tar.zst && trialbed --lab killed summary --all | diff a - && [ ! -e killed/.import ] && [ ! -e killed/.merge ] && sqlite killed/trialbed.db "select sha256 || '"'  killed/'"' || path from artifact" | sha256sum -c --quiet --strict'

done_testing

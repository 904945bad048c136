#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The page of an experiment of 50 cells stays under 1 MiB.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'YAML'
name: fifty
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {size: [1, 2, 3, 4, 5, 6, 7, 8, 9, 10], kind: [u, v, w, x, y]}}
steps:
  - name: say
    on: a
    run: echo value=${size}.5 ${kind}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
YAML
expect_success 'there is a report' 'trialbed run --machines fake s.yaml && trialbed report -o out'
expect_success 'it has 50 cells' 'test "$(grep -c "<li data-levels=" out/index.html)" = 50'
expect_success 'the page is under 1 MiB' 'test "$(stat -c %s out/index.html | tee /dev/stderr)" -lt 1048576'

# Ten thousand runs, two thousand of them failed, also in figures that have a mark for each.
cat >many.yaml <<'YAML'
name: many
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {size: [1, 2, 3, 4, 5], kind: [u, v]}}
steps:
  - name: say
    on: a
    run: echo value=${size}.5 ${kind}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
report:
  - {figure: errorbars}
  - {figure: box}
  - {figure: scatter}
  - {figure: order}
YAML
expect_success 'another experiment runs' 'trialbed run --machines fake many.yaml'
sqlite3 -bail -cmd ".load $(dirname "$TRIALBED")/trialbed_stats" lab/trialbed.db <"$top/tests/data/many-runs.sql"
expect_success 'it has ten thousand runs' 'trialbed status many | tee /dev/stderr | grep -q 8000'
expect_success 'there is a report' 'trialbed report many -o many'
expect_success 'its page is under 1 MiB, too' 'test "$(stat -c %s many/index.html | tee /dev/stderr)" -lt 1048576'
expect_success 'it says how many attempts it does not list' 'grep -q "The first 200 of 2000" many/index.html'
done_testing

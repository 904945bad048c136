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
done_testing

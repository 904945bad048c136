#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What was published elsewhere on every kind of figure: each can be drawn, and those that show it have its source and value.
. "$(dirname "$0")/test-lib.sh"

cat >s.yaml <<'YAML'
name: overlay
machines: [{name: a, image: tiny, interfaces: [{bridge: br0, address: 10.0.0.1/24}]}]
bridges: [{name: br0}]
matrix: {factors: {size: [1, 2, 3], kind: [u, v]}}
repetitions: 3
steps:
  - name: say
    on: a
    run: echo value=${size}.5 ${kind}
    measure: [{metric: value, unit: ms, regex: 'value=([0-9.]+)'}]
published:
  - {metric: value, where: {size: 2, kind: u}, mean: 2468.5, stddev: 1.5, n: 9, source: Roe 2021}
YAML
expect_success 'it runs' 'trialbed run --machines fake s.yaml'
for kind in errorbars lines bars box violin scatter order cdf ccdf histogram; do
    case $kind in
        lines | bars) bar='2467.34\d*\t2469.65\d*' ;; # Student's t of n = 9: 2468.5 -+ 2.306 * 1.5 / 3
        *) bar='2467\t2470' ;;
    esac
    expect_success "$kind is drawn" "trialbed report -o $kind --figure $kind --metric value"
    expect_success "$kind names the source" "grep -q 'Roe 2021' $kind/*.svg"
    expect_success "$kind has the published mean and its bar" "grep -P '\t2468.5\t$bar\t1$' $kind/*.gp"
done
for kind in heatmap convergence phases gantt; do
    expect_success "$kind is drawn" "trialbed report -o $kind --figure $kind $(case $kind in phases | gantt) ;; *) echo --metric value ;; esac)"
    expect_success "$kind does not show it" "! grep -q 'Roe 2021' $kind/*.svg"
done

done_testing

#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# The scenario in README.md is valid, and so are the options of the commands below it.
. "$(dirname "$0")/test-lib.sh"

block() { awk -v kind="$1" -v number="$2" '/^```/ { if (inside) exit; if ($0 == "```" kind && ++seen == number) { inside = 1; next } } inside' "$top/README.md"; }
mkdir here && cd here || exit 1
block yaml 1 >rtt.yaml
expect_output 'the scenario is fine' 'trialbed check rtt.yaml' <<'END'
rtt.yaml: scenario 'rtt' is fine: 3 cells, 30 runs
exit 0
END
# Fake machines have no ping, but they can say what one would say.
sed -i -e 's/run: ping.*/run: "echo time=${delay}"/' rtt.yaml
expect_success 'it runs' 'trialbed run --machines fake rtt.yaml && trialbed --lab ../other-lab run --machines fake rtt.yaml'
block sh 3 | sed -e 's/ *#.*//' -e '/trialbed run/d' -e '/trialbed doctor$/d' >commands
while IFS= read -r line; do
    expect_success "$line" "$line"
done <commands
expect_success 'there were such commands' '[ "$(wc -l <commands)" -ge 8 ]'

done_testing

#!/bin/sh
# SPDX-License-Identifier: GPL-3.0-or-later
# tools/demo.sh TRIALBED: the quickstart from nothing to a report, on real virtual machines.
set -eu
trialbed=$1
"$trialbed" image build tiny # also when there is one: it may be of an older program, which would be refused
"$trialbed" run scenarios/quickstart/scenario.yaml
echo
"$trialbed" summary quickstart
echo
report=$("$trialbed" report quickstart -o lab/reports/quickstart)
echo "report: $report"

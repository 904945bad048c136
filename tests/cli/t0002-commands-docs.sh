#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# docs/commands.md says of every command what its help says, and every help is complete.
. "$(dirname "$0")/test-lib.sh"

expect_success 'docs/commands.md is what the program says (tools/commands-docs.sh build/release/trialbed >docs/commands.md)' \
    '"$top/tools/commands-docs.sh" "$TRIALBED" | diff "$top/docs/commands.md" -'
for command in $(trialbed help | sed -n 's/^  \([a-z]*\) .*/\1/p'); do
    expect_success "the help of $command says what --json prints" "trialbed $command --help | grep -q '^With --json: [[{]'"
done
expect_success 'no line of help is wider than 110 columns' '! { trialbed help; for c in $(trialbed help | sed -n "s/^  \([a-z]*\) .*/\1/p"); do trialbed $c --help; done; } | grep -E "^.{111}"'

done_testing

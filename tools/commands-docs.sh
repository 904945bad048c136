#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# tools/commands-docs.sh TRIALBED: print docs/commands.md anew, from what the program says of itself. To update the file:
# tools/commands-docs.sh build/release/trialbed >new && mv new docs/commands.md
set -eu
trialbed=$1
fence='```'

cat <<END
<!-- Made by tools/commands-docs.sh out of the commands' own help; change it in runner/cmd/. -->
# Commands

$fence
$("$trialbed" help)
$fence

Every command takes these options, too:

$fence
$("$trialbed" version --help | sed -n 's/^  -/  -/p')
$fence

- Colours are not used, and a bar is drawn only on a terminal.
- \`--json\` makes every command print one JSON value on stdout; its shape stays what is said below, though objects may
  get more members. Numbers have all their digits.
- An error is \`trialbed: [where: ]what: why\` on stderr; lines that begin with \`hint:\` say what to do about it.
- Environment: \`TRIALBED_LAB\` is the lab when \`--lab\` does not name one; \`TRIALBED_IMAGES\` is the image store,
  instead of \`LAB/images\`.
END
"$trialbed" help | sed -n 's/^  \([a-z]*\) .*/\1/p' | while read -r command; do
    printf '\n## %s\n\n%s\n%s\n%s\n' "$command" "$fence" "$("$trialbed" "$command" --help |
        grep -vE '^  (--lab=DIR|--json|-v, --verbose|-q, --quiet|-h, --help) ' | sed -z 's/\nOptions:\n\n/\n/')" "$fence"
done

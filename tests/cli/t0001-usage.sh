#!/bin/bash
# SPDX-License-Identifier: GPL-3.0-or-later
# What the program says when the command line is wrong, and its help.
. "$(dirname "$0")/test-lib.sh"

expect_output 'an unknown command names itself and offers help' 'trialbed rnu' <<'END'
trialbed: there is no command 'rnu'
hint: did you mean 'run'?
hint: 'trialbed help' lists the commands.
exit 2
END

expect_output 'no command at all' 'trialbed' <<'END'
trialbed: no command given
hint: 'trialbed help' lists the commands.
exit 2
END

expect_output 'an unknown option names the command' 'trialbed check --nonsense x.yaml' <<'END'
trialbed: command 'check': unknown option --nonsense
hint: 'trialbed check --help' lists the options.
exit 2
END

expect_output 'a misspelt one is recognised' 'trialbed report x --fromat=svg' <<'END'
trialbed: command 'report': unknown option --fromat=svg
hint: did you mean '--format'?
hint: 'trialbed report --help' lists the options.
exit 2
END

expect_output 'too few arguments show the usage' 'trialbed check' <<'END'
trialbed: command 'check' got 0 arguments
hint: usage: trialbed check SCENARIO [--set KEY=VALUE]...
exit 2
END

expect_output 'a lab that is not there' 'trialbed status' <<'END'
trialbed: there is no lab at 'lab'
hint: 'trialbed run SCENARIO' makes one, --lab DIR names another.
exit 2
END

for command in check plan run resume status show log query summary compare report export verify import bundle merge image doctor clean version; do
    expect_success "help lists $command" "trialbed help | grep -q '^  $command '"
    expect_success "$command has a help of its own" "trialbed $command --help | grep -q '^usage: trialbed $command'"
done

mkdir lab && sqlite3 lab/trialbed.db 'PRAGMA user_version = 99; CREATE TABLE x (y)' && cp lab/trialbed.db before
expect_status 5 'a database of a newer trialbed is refused' 'trialbed status'
expect_success 'and is left as it was' 'cmp lab/trialbed.db before'

done_testing

# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# Sourced by every tests/cli/tNNNN-*.sh and tests/integration/tNNNN-*.sh. Prints TAP; keeps the work folder when a test fails.
: "${TRIALBED:?set TRIALBED to the program under test}"
top=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
PATH=$(dirname "$TRIALBED"):$PATH LC_ALL=C TZ=UTC
export PATH LC_ALL TZ
work=$(mktemp -d "${TMPDIR:-/tmp}/trialbed-test.XXXXXX") && cd "$work" || exit 1
count=0 failures=0

# Volatile parts of outputs get names: the work folder, UUIDs, durations, times of day.
sanitize() {
    sed -E -e "s,$work,WORK,g" -e 's/[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}/UUID/g' \
        -e 's/in [0-9]+(\.[0-9])? s/in TIME s/g' -e 's/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:.]+Z/WHEN/g'
}

report() { # report TITLE STATUS DETAILS-FILE
    count=$((count + 1))
    if [ "$2" -eq 0 ]; then
        echo "ok $count - $1"
    else
        failures=$((failures + 1))
        echo "not ok $count - $1"
        sed 's/^/# /' "$3"
    fi
}

# expect_output TITLE COMMAND <<EXPECTED: stdout and stderr together and the exit status must be as written.
expect_output() {
    cat >expected
    { eval "$2" 2>&1; echo "exit $?"; } | sanitize >actual
    { echo "command: $2"; diff -u expected actual; } >diff
    cmp -s expected actual
    report "$1" $? diff
}

# expect_success TITLE COMMAND: exit status 0; all output is shown otherwise.
expect_success() {
    { echo "command: $2"; eval "$2"; } >output 2>&1
    report "$1" $? output
}

# expect_status STATUS TITLE COMMAND: exactly this exit status. What it printed is in the file `said` for the next test.
expect_status() {
    eval "$3" >said 2>&1
    status=$?
    { echo "command: $3"; cat said; echo "exit $status, expected $1"; } >output
    [ "$status" -eq "$1" ]
    report "$2" $? output
}

# Workers have no exit status that shows: in a sanitized build their logs do.
check_workers() {
    grep -rs --include=worker.log -e 'Sanitizer' -e 'runtime error' "$work" >sanitizer-says || return 0
    report 'no sanitizer complains of a worker' 1 sanitizer-says
}

done_testing() {
    check_workers
    echo "1..$count"
    [ "$failures" -eq 0 ] && [ "$count" -gt 0 ] && cd / && rm -rf "$work" && exit 0
    echo "# work folder kept: $work"
    exit 1
}

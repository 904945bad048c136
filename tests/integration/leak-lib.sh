# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash disable=SC2154
# Sourced by real-lib.sh: leaks_before at a test's beginning, leaks_after (shows what is there too much) at its end. Others may be at
# work on this host, so only what can be ours counts: processes of our program or below our work folder, and what they hold.
leaks_list() {
    pgrep -af -- "$work" | grep -v -e pgrep -e "t5[0-9]*-" | sed 's/^/process /'
    for process in /proc/[0-9]*; do # workers, and the agents that are machines, have no path of ours on their command line
        [ "$(readlink "$process/exe" 2>/dev/null)" = "$TRIALBED" ] && [ "$(readlink "$process/cwd" 2>/dev/null)" = "$work" ] &&
            echo "process ${process#/proc/} $(tr '\0' ' ' <"$process/cmdline")"
    done 2>/dev/null
    ip -o link show | grep -E " (tap[0-9]+-[0-9]+|m[0-9]+-[0-9]+|br[0-9]+)[:@]" | cut -d: -f2 | sed 's/^/link/'
    grep -F "$work" /proc/mounts | sed 's/^/mount /'
    find /run/tb /tmp/trialbed-guest-* -maxdepth 0 2>/dev/null | sed 's/^/file /'
    find "$work" \( -name '*.new' -o -name '*.sock' -o -name '*.agent' \) | sed 's/^/file /'
}
leaks_before() { leaks_list >leaks.before; }
leaks_after() {
    for _ in 1 2 3 4 5 6 7 8 9 10; do # the kernel takes namespaces apart behind the worker's back
        leaks_list >leaks.after
        diff leaks.before leaks.after >leaks.diff && return 0
        sleep 0.2
    done
    cat leaks.diff
    return 1
}

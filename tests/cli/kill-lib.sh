# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests that kill: who belongs to a coordinator, and is anything of it left?

# The init processes of a coordinator's workers.
inits_of() { ps -o pid= --ppid "$1" | tr -d ' '; }

# wait_until SECONDS COMMAND: poll every 50 ms.
wait_until() {
    local left=$(($1 * 20))
    shift
    until eval "$*"; do
        left=$((left - 1))
        [ "$left" -gt 0 ] || return 1
        sleep 0.05
    done
}

# Whether a coordinator has a worker on a stored attempt (before that its children are probes).
works() { [ -n "$(inits_of "$1")" ] && [ "$(sqlite3 lab/trialbed.db "select count(*) from attempt where status = 'running'" 2>/dev/null || echo 0)" -gt 0 ]; }

# Remember the namespaces of a worker, by its init.
remember_namespaces() { readlink "/proc/$1/ns/net" "/proc/$1/ns/pid" "/proc/$1/ns/mnt" 2>/dev/null | sort -u >>namespaces; }

# Processes that live in a remembered namespace, or name the work folder on their command line.
leftovers() {
    local process
    for process in /proc/[0-9]*; do
        if readlink "$process"/ns/{net,pid,mnt} 2>/dev/null | grep -qxFf namespaces; then
            echo "${process#/proc/} $(tr '\0' ' ' <"$process/cmdline")"
        fi
    done
    grep -F "$work" /proc/mounts
    ip -o link show 2>/dev/null | grep -E ' (tap[0-9]+-[0-9]+|br0|tb[0-9a-f]+b[0-9]+):'
}

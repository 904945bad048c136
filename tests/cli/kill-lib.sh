# SPDX-License-Identifier: GPL-3.0-or-later
# shellcheck shell=bash
# For tests that kill: who belongs to a coordinator, and is anything of it left?

# A coordinator's children are the nursery, which makes the sandboxes, and the init processes of the sandboxes. One of these waits for a job,
# the others have a worker that is at work.
family_of() { # family_of PID WHAT
    ps -eo pid=,ppid=,comm= | awk -v of="$1" -v what="$2" '$3 == "tb-init" && $2 == of { sandbox[$1] } $3 == "tb-worker" { parent[$1] = $2 }
        END { if (what == "sandboxes") for (s in sandbox) print s
              for (w in parent) if (parent[w] in sandbox && what != "sandboxes") print what == "workers" ? w : parent[w] }'
}
sandboxes_of() { family_of "$1" sandboxes; }
workers_of() { family_of "$1" workers; }
inits_of() { family_of "$1" inits; }

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

# Whether a coordinator has a worker on a stored attempt.
works() { [ -n "$(inits_of "$1")" ] && [ "$(sqlite3 lab/trialbed.db "select count(*) from attempt where status = 'running'" 2>/dev/null || echo 0)" -gt 0 ]; }

# "PID START-TIME" of a process: the kernel uses numbers again, of processes and of namespaces, but not both together.
identity() { local stat; stat=$(cat "/proc/$1/stat" 2>/dev/null) && set -- "$1" ${stat##*) } && [ "$2" != Z ] && echo "$1 ${21}"; }

# The coordinator and those of its workers that are stopped, as by TRIALBED_STOP_AT (runner/base/fault.h).
stopped_of() {
    for process in "$1" $(workers_of "$1"); do ps -o pid=,stat= -p "$process" | awk '$2 ~ /^T/ { print $1 }'; done
}

# Every process in the PID namespace of a worker, by its init. A coordinator has other children, too, which are in ours: nobody is
# in theirs, or else all the host would be.
namespace_of() {
    local space
    space=$(readlink "/proc/$1/ns/pid_for_children") || return 0 # it ended by itself
    [ "$space" != "$(readlink /proc/self/ns/pid)" ] || return 0
    find /proc/[0-9]*/ns/pid -maxdepth 0 -printf '%l %p\n' 2>/dev/null | awk -v space="$space" -F'[ /]' '$1 == space { print $4 }'
}

# Remember them.
remember_namespaces() { namespace_of "$1" | while read -r process; do identity "$process"; done >>remembered; }

# Remember all that a coordinator has: its nursery and its sandboxes.
remember_family() {
    ps -o pid=,comm= --ppid "$1" | awk '$2 == "tb-nursery" { print $1 }' | while read -r process; do identity "$process"; done >>remembered
    for sandbox in $(sandboxes_of "$1"); do remember_namespaces "$sandbox"; done
}

# Remembered processes that still live, and links and mounts of ours in the host's namespaces. A network or mount namespace lives as
# long as a process is in it: none of ours is bound to a file.
leftovers() {
    local pid start
    while read -r pid start; do
        [ "$(identity "$pid")" = "$pid $start" ] && echo "$pid $(tr '\0' ' ' <"/proc/$pid/cmdline" | cut -c1-120)"
    done <remembered
    grep -F "$work" /proc/mounts
    ip -o link show 2>/dev/null | grep -E ' (tap[0-9]+-[0-9]+|br0|tb[0-9a-f]+b[0-9]+):'
}

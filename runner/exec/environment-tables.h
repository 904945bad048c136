// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_ENVIRONMENT_TABLES_H
#define RUNNER_EXEC_ENVIRONMENT_TABLES_H

/* What of the host can change a measurement and is one line of a file. For environment.c only. */

/* Kept as "sysctl.NAME"; those that this kernel does not have are left out. */
static const char *const environment_sysctls[] = {
    /* scheduling and memory */
    "kernel.randomize_va_space", "kernel.perf_event_paranoid", "kernel.nmi_watchdog", "kernel.watchdog",
    "kernel.numa_balancing", "kernel.timer_migration", "kernel.sched_autogroup_enabled", "kernel.sched_rt_runtime_us",
    "kernel.sched_schedstats", "kernel.sched_energy_aware", "kernel.unprivileged_userns_clone",
    "user.max_user_namespaces", "vm.swappiness", "vm.overcommit_memory", "vm.overcommit_ratio", "vm.dirty_ratio", "vm.dirty_background_ratio",
    "vm.dirty_expire_centisecs", "vm.dirty_writeback_centisecs", "vm.nr_hugepages", "vm.zone_reclaim_mode",
    "vm.min_free_kbytes", "vm.compaction_proactiveness", "vm.stat_interval",
    /* network */
    "net.core.bpf_jit_enable", "net.core.busy_poll", "net.core.busy_read", "net.core.default_qdisc",
    "net.core.dev_weight", "net.core.netdev_budget", "net.core.netdev_budget_usecs", "net.core.netdev_max_backlog",
    "net.core.rmem_default", "net.core.rmem_max", "net.core.somaxconn", "net.core.wmem_default", "net.core.wmem_max",
    "net.ipv4.ip_forward", "net.ipv4.ip_local_port_range", "net.ipv4.tcp_adv_win_scale",
    "net.ipv4.tcp_congestion_control", "net.ipv4.tcp_ecn", "net.ipv4.tcp_fastopen", "net.ipv4.tcp_mem",
    "net.ipv4.tcp_mtu_probing", "net.ipv4.tcp_no_metrics_save", "net.ipv4.tcp_rmem", "net.ipv4.tcp_sack",
    "net.ipv4.tcp_slow_start_after_idle", "net.ipv4.tcp_timestamps", "net.ipv4.tcp_window_scaling", "net.ipv4.tcp_wmem",
    "net.bridge.bridge-nf-call-arptables", "net.bridge.bridge-nf-call-ip6tables", "net.bridge.bridge-nf-call-iptables",
};

static const struct {
    const char *key, *path;
} environment_files[] = {
    { "cpu.boost", "/sys/devices/system/cpu/cpufreq/boost" },
    { "cpu.driver", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_driver" },
    { "cpu.governor", "/sys/devices/system/cpu/cpu0/cpufreq/scaling_governor" },
    { "cpu.no_turbo", "/sys/devices/system/cpu/intel_pstate/no_turbo" },
    { "cpu.smt", "/sys/devices/system/cpu/smt/control" },
    { "host.boot_arguments", "/proc/cmdline" },
    { "host.clocksource", "/sys/devices/system/clocksource/clocksource0/current_clocksource" },
    { "memory.ksm", "/sys/kernel/mm/ksm/run" },
    { "memory.transparent_hugepage", "/sys/kernel/mm/transparent_hugepage/enabled" },
};

#endif

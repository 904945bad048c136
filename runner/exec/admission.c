// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/admission.h"

#include "runner/base/cpus.h"

void demand_clear(Demand *demand)
{
    g_strfreev(demand->exclusive);
    *demand = (Demand) { 0 };
}

static bool is_held(const Admission *admission, const Demand *demand)
{
    for (char **name = demand->exclusive; admission->held != NULL && name != NULL && *name != NULL; name++)
        if (g_hash_table_contains(admission->held, *name))
            return true;
    return false;
}

static void free_pins(const Admission *admission, const Demand *demand, cpu_set_t *ret_free)
{
    CPU_AND(ret_free, &demand->pin_from, &admission->pinned);
    CPU_XOR(ret_free, &demand->pin_from, ret_free);
}

static bool has_pins(const Admission *admission, const Demand *demand)
{
    cpu_set_t free;

    free_pins(admission, demand, &free);
    return !demand->pinned || CPU_COUNT(&free) >= (int) demand->cpus;
}

bool admission_allows(const Admission *admission, const Demand *demand)
{
    if (admission->running == 0)
        return true;
    if (demand->alone || admission->alone > 0 || admission->running >= ADMISSION_RUNS_MAX)
        return false;
    if (admission->jobs > 0 ? admission->running >= admission->jobs
                            : admission->cpus_used + demand->cpus > admission->cpus)
        return false;
    return admission->memory_used_mb + demand->memory_mb <= admission->memory_mb && !is_held(admission, demand)
           && has_pins(admission, demand);
}

static void take_pins(Admission *admission, Demand *demand)
{
    cpu_set_t free;

    free_pins(admission, demand, &free);
    CPU_ZERO(&demand->pins);
    for (int cpu = 0; cpu < CPU_SETSIZE && CPU_COUNT(&demand->pins) < (int) demand->cpus; cpu++)
        if (CPU_ISSET(cpu, &free))
            CPU_SET(cpu, &demand->pins);
    CPU_OR(&admission->pinned, &admission->pinned, &demand->pins);
}

void admission_take(Admission *admission, Demand *demand)
{
    if (admission->held == NULL)
        admission->held = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    for (char **name = demand->exclusive; name != NULL && *name != NULL; name++)
        g_hash_table_add(admission->held, g_strdup(*name));
    if (demand->pinned)
        take_pins(admission, demand);
    admission->cpus_used += demand->cpus;
    admission->memory_used_mb += demand->memory_mb;
    admission->alone += demand->alone;
    admission->running++;
}

void admission_give(Admission *admission, const Demand *demand)
{
    for (char **name = demand->exclusive; name != NULL && *name != NULL; name++)
        g_hash_table_remove(admission->held, *name);
    if (demand->pinned)
        CPU_XOR(&admission->pinned, &admission->pinned, &demand->pins);
    admission->cpus_used -= demand->cpus;
    admission->memory_used_mb -= demand->memory_mb;
    admission->alone -= demand->alone;
    admission->running--;
}

void admission_clear(Admission *admission)
{
    g_clear_pointer(&admission->held, g_hash_table_unref);
}

char *admission_refuses(const Demand *demand, unsigned memory_mb, const cpu_set_t *allowed)
{
    cpu_set_t usable;
    g_autofree char *wanted = NULL, *have = NULL;

    if (memory_mb > 0 && demand->memory_mb > memory_mb)
        return g_strdup_printf("it needs %u MiB of memory, this host has %u MiB free", demand->memory_mb, memory_mb);
    if (!demand->pinned)
        return NULL;
    CPU_AND(&usable, &demand->pin_from, allowed);
    wanted = cpus_text(&demand->pin_from);
    have = cpus_text(allowed);
    if (!CPU_EQUAL(&usable, &demand->pin_from))
        return g_strdup_printf("it is pinned to CPUs %s, this host has %s", wanted, have);
    if (CPU_COUNT(&usable) < (int) demand->cpus)
        return g_strdup_printf("it has %u virtual CPUs, and is pinned to only %d (%s)", demand->cpus, CPU_COUNT(&usable),
                               wanted);
    return NULL;
}

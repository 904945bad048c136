// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/admission.h"

bool admission_allows(const Admission *admission, const Demand *demand)
{
    if (admission->running == 0)
        return true;
    if (admission->running >= ADMISSION_RUNS_MAX)
        return false;
    if (admission->jobs > 0)
        return admission->running < admission->jobs;
    return admission->cpus_used + demand->cpus <= admission->cpus
           && admission->memory_used_mb + demand->memory_mb <= admission->memory_mb;
}

void admission_take(Admission *admission, const Demand *demand)
{
    admission->cpus_used += demand->cpus;
    admission->memory_used_mb += demand->memory_mb;
    admission->running++;
}

void admission_give(Admission *admission, const Demand *demand)
{
    admission->cpus_used -= demand->cpus;
    admission->memory_used_mb -= demand->memory_mb;
    admission->running--;
}

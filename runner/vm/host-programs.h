// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_HOST_PROGRAMS_H
#define RUNNER_VM_HOST_PROGRAMS_H

#include "runner/vm/machine.h"

/* Programs of the host, run as a machine runs its own: the guest agent serves them here, below the caller and in its
 * namespaces. */
typedef struct HostPrograms HostPrograms;

/* `scratch` is a folder from which programs can be started. Only from a process's main thread: the agent ends with it. */
HostPrograms *host_programs_open(const char *scratch, GError **error);

/* As in MachineBackend. The environment is only what the request has; any number of threads may call it. */
bool host_programs_exec(HostPrograms *programs, const ExecRequest *request, ExecResult *ret_result, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

bool host_programs_signal(HostPrograms *programs, const void *data, int number, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether programs can still be run, and their ends heard of. */
bool host_programs_work(HostPrograms *programs);

/* End all that still runs, and free. No callback comes after it. */
void host_programs_close(HostPrograms *programs);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_HOST_H
#define RUNNER_VM_LIBVIRT_HOST_H

#include <libvirt/libvirt.h>

#include "runner/vm/machine.h"

/* One connection to libvirt: what machines need of it. For libvirt*.c only. */
struct MachineHost {
    virConnectPtr connection;
    MachineHostFacts facts;
    char *scratch;
    bool embedded;
    bool relabels; /* gives the machines' files to the emulator's user; a user's own daemon cannot */
    struct HostPrograms *programs; /* who run ssh; NULL when nobody needs it */
    gint channels; /* how many were made: their names; atomic */
};

/* As in MachineBackend. The embedded driver lives below SCRATCH/lv, and a process can open only one in its life. */
MachineHost *libvirt_host_open(const MachineHostConfig *config, GError **error);
void libvirt_host_ahead(const MachineHostConfig *config);
void libvirt_host_close(MachineHost *host);

/* Set *error to "<what>: <what libvirt said last>" and return false. */
bool libvirt_error(GError **error, const char *format, ...) G_GNUC_PRINTF(2, 3);

#endif

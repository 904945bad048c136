// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_EMULATOR_H
#define RUNNER_VM_LIBVIRT_EMULATOR_H

#include <libvirt/libvirt.h>
#include <stdbool.h>

/* End the emulator of a machine of the embedded driver below SCRATCH/lv at once, and wait until it is gone (a few milliseconds).
 * libvirt itself would look for its end only every 200 ms. False: libvirt must do it. Nothing of the machine's disks is worth a
 * gentler end: they are thrown away. */
bool libvirt_emulator_end(virDomainPtr domain, const char *scratch);

#endif

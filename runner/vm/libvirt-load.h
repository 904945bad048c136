// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LIBVIRT_LOAD_H
#define RUNNER_VM_LIBVIRT_LOAD_H

#include <glib.h>
#include <stdbool.h>

/* libvirt and libvirt-qemu are loaded when somebody first needs machines of theirs, and not with the program: they bring 33 libraries that nobody else needs, whose
 * loading took longer than most commands, and whose mappings every worker of a fake or bare machine had to copy. Their functions that we call are
 * those of the table in libvirt-load.c, under their own names and with their own prototypes; one that is not there is told by the linker. */

/* Load them, if nobody has. Whoever calls any of their functions has called this before. They stay. Thread-safe. */
bool libvirt_load(GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

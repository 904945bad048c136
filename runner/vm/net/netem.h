// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_NET_NETEM_H
#define RUNNER_VM_NET_NETEM_H

#include <glib.h>
#include <stdbool.h>

#include "runner/base/impairment.h"

/* The kernel's netem, by the program `tc`: the same words for the host and for guests. (libnl's netem knows no rate.) */

/* "tc qdisc replace dev DEVICE root netem limit 1000 delay 10000us 0us ...": what makes a device impair what it sends.
 * NULL-terminated; free with g_strfreev(). */
char **netem_command(const char *device, const Impairment *impairment);

/* Impair what the host sends into `tap` (to the machine) or gets from it, in the namespace of the calling thread. The second needs
 * an intermediate device named `ifb`, made here when it is not there yet. */
bool netem_set(const char *tap, const char *ifb, Way way, const Impairment *impairment, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether this kernel has all of it: tries it in the calling thread's namespace, which should be one to throw away. */
bool netem_probe(void);

#endif

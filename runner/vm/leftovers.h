// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_LEFTOVERS_H
#define RUNNER_VM_LEFTOVERS_H

#include <glib.h>
#include <stdbool.h>

/* What a killed worker leaves where the kernel does not clean up for us: on a libvirt that is not our embedded one. */

/* Find the domains on `uri` whose metadata names one of `uuids` (NULL-terminated), and end them unless `dry_run`. Their names are added to
 * `found` (GPtrArray of char*). Domains of others are not touched. */
bool leftovers_domains(const char *uri, const char *const *uuids, bool dry_run, GPtrArray *found, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same for the links of runs in this network namespace: one of `prefixes`, then the numbers of run and bridge. */
bool leftovers_links(const char *const *prefixes, bool dry_run, GPtrArray *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

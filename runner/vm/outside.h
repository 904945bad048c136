// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_OUTSIDE_H
#define RUNNER_VM_OUTSIDE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* On a libvirt that is not embedded, our machines and links stand beside those of others, and nobody removes them when we are
 * killed. So their names say whose they are. An owner is one experiment of one lab: a copied lab is another owner. */

/* 16 hex digits. Caller frees; so below. */
char *outside_owner(const char *experiment_uuid, const char *lab);

/* "tb", 4 digits of the owner, the run, "b", the bridge: at most 15 bytes for every run below 2^28 with 10 bridges. */
char *outside_link_name(const char *owner, int64_t run_id, size_t bridge);

/* Where an attempt's sockets will be: a short path, because a socket's has at most 107 bytes; of nobody so far. Caller frees. */
char *outside_scratch_name(const char *owner);

/* Make such a folder, for us alone. */
bool outside_scratch_make(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether this libvirt can be used: it answers, it is on this host, and links (when they are wanted) can be made here. */
bool outside_check(const char *uri, bool wants_links, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Find what `owner` left: domains on `uri` whose metadata names it, and links of this network namespace whose name and MAC are
 * made of it. End and remove them unless `dry_run`. `run_id` 0: of all its runs. `found` (of char *) gets a line for each. */
bool outside_remove(const char *uri, const char *owner, int64_t run_id, bool dry_run, GPtrArray *found, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The same for one folder of outside_scratch_make(), and for all of an owner. */
bool outside_folder_remove(const char *path, bool dry_run, GPtrArray *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool outside_scratch_remove(const char *owner, bool dry_run, GPtrArray *found, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

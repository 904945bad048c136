// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>

#include "runner/cmd/cmd.h"
#include "runner/vm/outside.h"

extern const Command cmd_sweep;

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    bool ok = outside_remove(argv[0], argv[1], g_ascii_strtoll(argv[2], NULL, 10), false, found, error);

    (void) context, (void) argc;
    for (guint i = 0; i < found->len; i++)
        puts(g_ptr_array_index(found, i));
    return ok;
}

/* Not for people: the coordinator lets another process ask a libvirt that may never answer. */
const Command cmd_sweep = { .name = "sweep", .usage = "URI OWNER RUN", .min_args = 3, .max_args = 3, .run = run };

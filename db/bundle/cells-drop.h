// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_CELLS_DROP_H
#define DB_BUNDLE_CELLS_DROP_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

/* Forget cells of a bundle's database, a copy of its own, with their runs and all that belongs to them. */
bool store_cells_drop(const char *path, const int64_t *cells, size_t count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif

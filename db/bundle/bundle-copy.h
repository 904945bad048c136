// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_COPY_H
#define DB_BUNDLE_BUNDLE_COPY_H

#include "db/store.h"

/* Write one experiment's rows into a new database file, numbered from 1 whatever their numbers in the lab are, so that
 * the file is the same from every lab that has the experiment. *ret_sources: path of an artifact there -> its path in
 * the lab. ERROR_DATA for an experiment that is being run. */
bool bundle_copy(Store *store, int64_t experiment_id, const char *path, GHashTable **ret_sources, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Forget cells of such a file, with their runs and all that belongs to them. */
bool bundle_copy_drop_cells(const char *path, const int64_t *cells, size_t count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif

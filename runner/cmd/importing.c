// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/importing.h"

#include <signal.h>
#include <stdio.h>

#include "db/bundle/bundle-database.h"
#include "db/bundle/bundle.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

/* So that an interrupted import takes its staging folder along. */
static volatile sig_atomic_t interrupted;

static void note_interrupt(int number)
{
    (void) number;
    interrupted = 1;
}

static bool verify(const char *path, const char *key, GError **error)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    bool ok = bundle_verify(path, key, problems, NULL, error);

    for (guint i = 0; i < problems->len; i++)
        fprintf(stderr, "%s: %s\n", path, (const char *) g_ptr_array_index(problems, i));
    return ok;
}

/* The one experiment of `other`, by its UUID, in our lab. */
static bool find_here(const Context *context, Store *other, int64_t *ret_experiment, GError **error)
{
    g_autoptr(Table) all = NULL;

    return store_read(other, "experiments", &all, error, PARAM_END)
           && store_experiment_find(context->store, table_text(all, 0, "uuid"), ret_experiment, error);
}

/* What lies in `stage` then is what a lab looks like. */
static bool import_by(const Context *context, const char *path, const char *stage, Merged *merged,
                      int64_t *ret_experiment, GError **error)
{
    g_autofree char *database = g_build_filename(stage, "trialbed.db", NULL);
    g_autoptr(Store) other = NULL;

    if (!folder_make(stage, error)
        || !bundle_unpack(path, stage, folder_free_bytes(context->lab), &interrupted, error))
        return false;
    other = bundle_database_open(database, error);
    if (other == NULL) {
        g_prefix_error(error, "bundle '%s': ", path);
        return false;
    }
    if (interrupted)
        return error_set(error, ERROR_INTERRUPTED, "interrupted; nothing was imported");
    return merge_lab(context, other, stage, MERGE_LEFT_OUT, merged, error)
           && find_here(context, other, ret_experiment, error);
}

static bool import_watched(const Context *context, const char *path, const char *key, Merged *merged,
                           int64_t *ret_experiment, GError **error)
{
    g_autofree char *stage = g_build_filename(context->lab, ".import", NULL);
    bool ok;

    if (!folder_remove(stage, error) || !verify(path, key, error)) /* we are the only writer: what is there was cut off */
        return false;
    ok = import_by(context, path, stage, merged, ret_experiment, error);
    return folder_remove(stage, ok ? error : NULL) && ok;
}

bool import_bundle(const Context *context, const char *path, const char *key, Merged *ret_merged,
                   int64_t *ret_experiment, GError **error)
{
    struct sigaction action = { .sa_handler = note_interrupt, .sa_flags = SA_RESTART }, on_int, on_term;
    bool ok;

    sigaction(SIGINT, &action, &on_int);
    sigaction(SIGTERM, &action, &on_term);
    ok = import_watched(context, path, key, ret_merged, ret_experiment, error);
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGTERM, &on_term, NULL);
    return ok;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/importing.h"

#include <signal.h>
#include <stdio.h>

#include "db/bundle/bundle-database.h"
#include "db/bundle/bundle.h"
#include "images/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/exec/lab.h"

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

static bool bring_image(ImageStore *from, ImageStore *to, const char *name, GError **error)
{
    ImageCopy what;

    if (!image_store_copy(from, to, name, &what, error))
        return false;
    if (what == IMAGE_COPIED)
        log_info("image '%s' is in the image store now", name);
    else if (what == IMAGE_ANOTHER_THERE)
        log_warning("image '%s' of the bundle is another than the one here, which is kept", name);
    return true;
}

static bool bring_images(const Context *context, const char *stage, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autofree char *folder = g_build_filename(stage, IMPORT_IMAGES, NULL);
    g_autoptr(ImageStore) from = NULL, to = NULL;
    g_autoptr(GPtrArray) images = NULL;

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        log_warning("there are no images in the bundle; it was exported without '--images'");
        return true;
    }
    if (!lab_open(context->lab, &lab, error) || (from = image_store_open(folder, error)) == NULL
        || (to = image_store_open(lab.images, error)) == NULL || !image_store_list(from, &images, error))
        return false;
    for (guint i = 0; i < images->len; i++)
        if (!bring_image(from, to, ((const Image *) images->pdata[i])->name, error))
            return false;
    return true;
}

/* What lies in `stage` then is what a lab looks like. */
static bool import_by(const Context *context, const char *path, const char *stage, bool images, Merged *merged,
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
    if (images && !bring_images(context, stage, error))
        return false;
    return merge_lab(context, other, stage, MERGE_LEFT_OUT, merged, error)
           && find_here(context, other, ret_experiment, error);
}

static bool import_watched(const Context *context, const char *path, const ImportOptions *options, Merged *merged,
                           int64_t *ret_experiment, GError **error)
{
    g_autofree char *stage = g_build_filename(context->lab, ".import", NULL);
    bool ok;

    if (!folder_remove(stage, error) || !verify(path, options->key, error)) /* we are the only writer: what is there was cut off */
        return false;
    ok = import_by(context, path, stage, options->images, merged, ret_experiment, error);
    return folder_remove(stage, ok ? error : NULL) && ok;
}

bool import_bundle(const Context *context, const char *path, const ImportOptions *options, Merged *ret_merged,
                   int64_t *ret_experiment, GError **error)
{
    struct sigaction action = { .sa_handler = note_interrupt, .sa_flags = SA_RESTART }, on_int, on_term;
    bool ok;

    sigaction(SIGINT, &action, &on_int);
    sigaction(SIGTERM, &action, &on_term);
    ok = import_watched(context, path, options, ret_merged, ret_experiment, error);
    sigaction(SIGINT, &on_int, NULL);
    sigaction(SIGTERM, &on_term, NULL);
    return ok;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "images/prune.h"
#include "images/store.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/cmd.h"
#include "runner/exec/lab.h"

extern const Command cmd_image;

static gboolean dry_run, shared;

static const GOptionEntry options[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "prune: only say what would be removed", NULL },
    { "shared", 0, 0, G_OPTION_ARG_NONE, &shared, "prune: from a store that other labs may use, too, remove what this one does not", NULL },
    G_OPTION_ENTRY_NULL,
};

static const char *const columns[] = { "name", "kernel", "size_mib", "packages", "digest", "experiments", "runs", "last_used", NULL };

enum { DIGEST_WIDTH = 12, TIME_WIDTH = 19 };

static const PrintColumn shown[] = {
    { .name = "name" }, { .name = "kernel" }, { .name = "size_mib", .decimals = 1 }, { .name = "packages" },
    { .name = "digest", .width = DIGEST_WIDTH }, { .name = "experiments" }, { .name = "runs" },
    { .name = "last_used", .width = TIME_WIDTH }, { 0 },
};

/* What the lab's database says of images: nothing where there is none yet. */
static bool read_uses(const Lab *lab, Table **ret_uses, GError **error)
{
    g_autoptr(Store) store = NULL;

    if (!g_file_test(lab->database, G_FILE_TEST_EXISTS)) {
        *ret_uses = g_new0(Table, 1);
        return true;
    }
    store = store_open_readonly(lab->database, error);
    return store != NULL && store_read(store, "image-uses", ret_uses, error, PARAM_END);
}

/* The row of an image; -1: nobody uses it. */
static ssize_t find_use(const Table *uses, const char *image)
{
    for (size_t row = 0; row < uses->row_count; row++)
        if (g_strcmp0(table_text(uses, row, "image"), image) == 0)
            return (ssize_t) row;
    return -1;
}

static Value use_value(const Table *uses, ssize_t use, const char *column)
{
    const char *text = use >= 0 ? table_text(uses, (size_t) use, column) : NULL;

    return text != NULL ? (Value) { .type = VALUE_TEXT, .text = g_strdup(text) } : (Value) { .type = VALUE_NULL };
}

static Value use_count(const Table *uses, ssize_t use, const char *column)
{
    return (Value) { .type = VALUE_INTEGER, .integer = use >= 0 ? table_integer(uses, (size_t) use, column) : 0 };
}

static Table *image_table(const GPtrArray *images, const Table *uses)
{
    Table *table = g_new0(Table, 1);

    table->columns = g_strdupv((char **) columns);
    table->column_count = G_N_ELEMENTS(columns) - 1;
    table->row_count = images->len;
    table->values = g_new0(Value, images->len * table->column_count);
    for (guint i = 0; i < images->len; i++) {
        const Image *image = g_ptr_array_index(images, i);
        Value *row = &table->values[i * table->column_count];

        row[0] = (Value) { .type = VALUE_TEXT, .text = g_strdup(image->name) };
        row[1] = (Value) { .type = VALUE_TEXT, .text = g_strdup(image->kernel_version) };
        row[2] = (Value) { .type = VALUE_REAL, .real = (double) image->size_bytes / (1 << 20) };
        row[3] = (Value) { .type = VALUE_INTEGER, .integer = g_strv_length(image->packages) };
        row[4] = (Value) { .type = VALUE_TEXT, .text = g_strdup(image->digest) };
        row[5] = use_count(uses, find_use(uses, image->name), "experiments");
        row[6] = use_count(uses, find_use(uses, image->name), "runs");
        row[7] = use_value(uses, find_use(uses, image->name), "last_used");
    }
    return table;
}

static bool list(const Context *context, const Lab *lab, ImageStore *store, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(Table) table = NULL, uses = NULL;

    if (!image_store_list(store, &images, error) || !read_uses(lab, &uses, error))
        return false;
    table = image_table(images, uses);
    if (images->len == 0 && !context->json) {
        log_info("no images yet; 'trialbed image build tiny' makes the first");
        return true;
    }
    if (context->json)
        print_table(table, PRINT_JSON, stdout);
    else
        print_columns(table, shown, stdout);
    return true;
}

static bool build(const Context *context, const Lab *lab, ImageStore *store, const char *name, GError **error)
{
    if (!image_build(store, name, error))
        return false;
    return !context->json || list(context, lab, store, error);
}

/* Images that no experiment of this lab has used, nor will. A store that is not in the lab may be other labs', too. */
static bool list_unused(const Lab *lab, ImageStore *store, GPtrArray **ret_names, GError **error)
{
    g_autoptr(GPtrArray) images = NULL, names = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Table) uses = NULL;
    g_autofree char *own = g_build_filename(lab->folder, "images", NULL);
    bool may_remove = shared || g_str_equal(own, lab->images);

    if (!image_store_list(store, &images, error) || !read_uses(lab, &uses, error))
        return false;
    for (guint i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];

        if (find_use(uses, image->name) >= 0)
            continue;
        if (may_remove)
            g_ptr_array_add(names, g_strdup(image->name));
        else
            log_info("image '%s' is not used by this lab; it stays, since the store is not this lab's own (--shared removes it)", image->name);
    }
    *ret_names = g_steal_pointer(&names);
    return true;
}

static bool prune(const Context *context, const Lab *lab, ImageStore *store, GError **error)
{
    g_autoptr(GPtrArray) names = NULL;
    g_auto(Pruned) pruned = { 0 };

    if (!list_unused(lab, store, &names, error) || !image_store_prune(store, names, lab->cache, dry_run, &pruned, error))
        return false;
    if (context->json && !dry_run)
        return list(context, lab, store, error);
    for (guint i = 0; i < pruned.what->len && !context->json; i++)
        printf("%s\n", (char *) pruned.what->pdata[i]);
    log_info("%u things, %.1f MiB%s", pruned.what->len, (double) pruned.size_bytes / (1 << 20), dry_run ? ", would be removed" : " removed");
    return !context->json || list(context, lab, store, error);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(ImageStore) store = NULL;

    if (!lab_open(context->lab, &lab, error))
        return false;
    store = image_store_open(lab.images, error);
    if (store == NULL)
        return false;
    if (strcmp(argv[0], "list") == 0 && argc == 1)
        return list(context, &lab, store, error);
    if (strcmp(argv[0], "build") == 0 && argc == 2)
        return build(context, &lab, store, argv[1], error);
    if (strcmp(argv[0], "remove") == 0 && argc == 2)
        return image_store_remove(store, argv[1], error) && (!context->json || list(context, &lab, store, error));
    if (strcmp(argv[0], "prune") == 0 && argc == 1)
        return prune(context, &lab, store, error);
    if (strcmp(argv[0], "build") == 0 || strcmp(argv[0], "remove") == 0)
        error_set(error, ERROR_USAGE, "command 'image %s' wants the name of an image", argv[0]);
    else if (strcmp(argv[0], "list") == 0 || strcmp(argv[0], "prune") == 0)
        error_set(error, ERROR_USAGE, "command 'image %s' takes no name", argv[0]);
    else
        error_set(error, ERROR_USAGE, "there is no command 'image %s'", argv[0]);
    error_hint(error, "usage: trialbed image %s", context->command->usage);
    return false;
}

const Command cmd_image = {
    .name = "image", .usage = "list|build NAME|remove NAME|prune [--dry-run] [--shared]", .summary = "the image store",
    .details = "'build tiny' makes a small guest (kernel, initramfs, trialbed's agent) from the distribution's\n"
               "packages, without root; 'build tiny-aarch64' the same for machines with 'arch: aarch64'; 'build debian-12'\n"
               "a disk with Debian, which takes minutes. The store is\n"
               "LAB/images, or the folder that TRIALBED_IMAGES names. 'list' says how many experiments and runs of this\n"
               "lab use an image. 'prune' removes images that none of them uses, parts that belong to no image, and\n"
               "what builds left over.",
    .json = "[{\"name\", \"kernel\", \"size_mib\", \"packages\", \"digest\", \"experiments\", \"runs\", \"last_used\"}]",
    .exits = "4 when an image is not there or cannot be made",
    .options = options, .min_args = 1, .max_args = 2, .run = run,
};

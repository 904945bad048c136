// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "images/store.h"
#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/cmd.h"
#include "runner/exec/lab.h"

extern const Command cmd_image;

static const char *const columns[] = { "name", "kernel", "size_mib", "packages", "digest", NULL };

enum { DIGEST_WIDTH = 12 };

static const PrintColumn shown[] = {
    { .name = "name" }, { .name = "kernel" }, { .name = "size_mib", .decimals = 1 }, { .name = "packages" },
    { .name = "digest", .width = DIGEST_WIDTH }, { 0 },
};

static Table *image_table(const GPtrArray *images)
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
    }
    return table;
}

static bool list(const Context *context, ImageStore *store, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(Table) table = NULL;

    if (!image_store_list(store, &images, error))
        return false;
    table = image_table(images);
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

static bool build(const Context *context, ImageStore *store, const char *name, GError **error)
{
    if (!image_build(store, name, error))
        return false;
    return !context->json || list(context, store, error);
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
        return list(context, store, error);
    if (strcmp(argv[0], "build") == 0 && argc == 2)
        return build(context, store, argv[1], error);
    if (strcmp(argv[0], "remove") == 0 && argc == 2)
        return image_store_remove(store, argv[1], error) && (!context->json || list(context, store, error));
    if (strcmp(argv[0], "build") == 0 || strcmp(argv[0], "remove") == 0)
        error_set(error, ERROR_USAGE, "command 'image %s' wants the name of an image", argv[0]);
    else if (strcmp(argv[0], "list") == 0)
        error_set(error, ERROR_USAGE, "command 'image list' takes no name");
    else
        error_set(error, ERROR_USAGE, "there is no command 'image %s'", argv[0]);
    error_hint(error, "usage: trialbed image %s", context->command->usage);
    return false;
}

const Command cmd_image = {
    .name = "image", .usage = "list|build NAME|remove NAME", .summary = "the image store",
    .details = "'build tiny' makes a small guest (kernel, initramfs, trialbed's agent) from the distribution's\n"
               "packages, without root. The store is LAB/images, or the folder that TRIALBED_IMAGES names.",
    .json = "[{\"name\", \"kernel\", \"size_mib\", \"packages\", \"digest\"}], also after build and remove",
    .exits = "4 when an image is not there or cannot be made",
    .min_args = 1, .max_args = 2, .run = run,
};

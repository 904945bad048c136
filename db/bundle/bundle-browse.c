// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "db/bundle/bag.h"
#include "db/bundle/bundle-read.h"
#include "db/bundle/bundle.h"
#include "runner/base/error.h"

typedef struct Browse {
    FILE *out;
    const char *wanted;
    bool is_wanted, found;
} Browse;

static bool write_bad(GError **error)
{
    return error_set_errno(error, ERROR_HOST, "could not write the result");
}

static bool print_name(void *data, const BundleFile *file, GError **error)
{
    Browse *browse = data;
    g_autofree char *shown = bag_path_show(file->path);

    return fprintf(browse->out, "%12" G_GINT64_FORMAT "  %s\n", file->size_bytes, shown) > 0 || write_bad(error);
}

bool bundle_list(const char *path, FILE *out, GError **error)
{
    static const BundleSink sink = { .begin = print_name, .skip_content = true };
    Browse browse = { .out = out };

    return bundle_read(path, &sink, &browse, NULL, error);
}

static bool is_wanted(void *data, const BundleFile *file, GError **error)
{
    Browse *browse = data;

    (void) error;
    browse->is_wanted = strcmp(file->path, browse->wanted) == 0
                        || (g_str_has_prefix(file->path, "data/") && strcmp(file->path + 5, browse->wanted) == 0);
    return true;
}

static bool write_bytes(void *data, const void *bytes, size_t size, GError **error)
{
    Browse *browse = data;

    return !browse->is_wanted || fwrite(bytes, 1, size, browse->out) == size || write_bad(error);
}

static bool note_found(void *data, const BundleFile *file, GError **error)
{
    Browse *browse = data;

    (void) file, (void) error;
    browse->found = browse->is_wanted;
    return true;
}

bool bundle_cat(const char *path, const char *wanted, FILE *out, GError **error)
{
    static const BundleSink sink = { .begin = is_wanted, .bytes = write_bytes, .end = note_found };
    Browse browse = { .out = out, .wanted = wanted };

    if (!bundle_read(path, &sink, &browse, &browse.found, error))
        return false;
    if (browse.found)
        return true;
    error_set(error, ERROR_USAGE, "bundle '%s' has no file '%s'", path, wanted);
    error_hint(error, "'trialbed bundle ls %s' lists its files.", path);
    return false;
}

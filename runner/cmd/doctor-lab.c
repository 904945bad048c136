// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/doctor-lab.h"

#include <stdio.h>
#include <string.h>
#include <sys/stat.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/lab.h"

typedef struct Examination {
    const char *folder;
    GHashTable *known; /* paths, and folders with a slash at the end */
    GPtrArray *problems;
    int64_t files, bytes;
    bool cut; /* there are attempts without an end, and nobody works on them */
} Examination;

static void add(Examination *examination, const char *path, const char *what)
{
    g_ptr_array_add(examination->problems, g_strdup_printf("%s: %s", path, what));
}

static bool leads_out(const char *path)
{
    g_autofree char *closed = g_strconcat("/", path, "/", NULL);

    return path[0] == '/' || strstr(closed, "/../") != NULL;
}

/* `size_bytes` -1: that was not stored. */
static void check_artifact(Examination *examination, const char *path, int64_t size_bytes, const char *sha256)
{
    g_autofree char *full = g_build_filename(examination->folder, path, NULL);
    g_autofree char *found = NULL;
    g_autoptr(GError) problem = NULL;
    struct stat info;

    if (leads_out(path))
        add(examination, path, "leads out of the lab");
    else if (lstat(full, &info) != 0)
        add(examination, path, "is missing");
    else if (!S_ISREG(info.st_mode))
        add(examination, path, "is no ordinary file");
    else if (size_bytes >= 0 && info.st_size != size_bytes)
        add(examination, path, "has changed: its size is another");
    else if (!file_sha256(full, &found, NULL, &problem))
        add(examination, path, problem->message);
    else if (strcmp(found, sha256) != 0)
        add(examination, path, "has changed: its SHA-256 is another");
    examination->files++;
    examination->bytes += MAX(size_bytes, 0);
}

static bool check_artifacts(Examination *examination, Store *store, GError **error)
{
    g_autoptr(Table) files = NULL;

    if (!store_read(store, "lab-files", &files, error, PARAM_END))
        return false;
    for (size_t row = 0; row < files->row_count; row++) {
        const char *path = table_text(files, row, "path"), *sha256 = table_text(files, row, "sha256");

        g_hash_table_add(examination->known, g_strdup(path));
        if (sha256 != NULL)
            check_artifact(examination, path, table_integer(files, row, "size"), sha256);
    }
    return true;
}

/* "runs/1/00003/1/" of "runs/1/00003/1/a.log". Caller frees; NULL when the path is shorter. */
static char *attempt_folder(const char *path)
{
    const char *end = path;

    for (int slashes = 0; slashes < 4; slashes++) {
        end = strchr(end, '/');
        if (end == NULL)
            return NULL;
        end++;
    }
    return g_strndup(path, (gsize) (end - path));
}

static bool is_known(const Examination *examination, const char *path)
{
    g_autofree char *folder = attempt_folder(path);
    g_autofree char *full = folder != NULL ? g_build_filename(examination->folder, folder, NULL) : NULL;

    return g_hash_table_contains(examination->known, path) || (folder != NULL && g_hash_table_contains(examination->known, folder))
           || (full != NULL && lab_folder_is_ahead(full)); /* of a run that has not begun */
}

static bool check_orphans(Examination *examination, GError **error)
{
    g_autofree char *runs = g_build_filename(examination->folder, "runs", NULL);
    g_autoptr(GPtrArray) files = NULL;

    if (!g_file_test(runs, G_FILE_TEST_IS_DIR))
        return true;
    if (!folder_list(runs, &files, error))
        return false;
    for (guint i = 0; i < files->len; i++) {
        g_autofree char *path = g_build_filename("runs", g_ptr_array_index(files, i), NULL);

        if (!is_known(examination, path))
            add(examination, path, "belongs to no row of the database");
    }
    return true;
}

static bool report(const Context *context, const Examination *examination, GError **error)
{
    guint count = examination->problems->len;
    g_autofree char *size = g_format_size_full((guint64) examination->bytes, G_FORMAT_SIZE_IEC_UNITS);

    if (context->json) {
        static const char *const columns[] = { "problem", NULL };
        g_autofree Value *values = g_new0(Value, count + 1);
        Table table = { .columns = (char **) columns, .column_count = 1, .row_count = count, .values = values };

        for (guint i = 0; i < count; i++)
            values[i] = (Value) { .type = VALUE_TEXT, .text = g_ptr_array_index(examination->problems, i) };
        print_table(&table, PRINT_JSON, stdout);
    }
    for (guint i = 0; i < count && !context->json; i++)
        printf("%s\n", (const char *) g_ptr_array_index(examination->problems, i));
    fflush(stdout); /* what is wrong stands before what follows from it */
    if (count > 0) {
        error_set(error, ERROR_DATA, "lab '%s' has %u problem%s", examination->folder, count, count == 1 ? "" : "s");
        if (examination->cut)
            error_hint(error, "attempts were cut: what a power cut took of commands, definitions and logs 'trialbed clean' makes anew or notes, "
                              "as 'trialbed resume' does.");
        return false;
    }
    if (!context->json)
        printf("lab '%s' is whole: its database, and %lld files of %s\n", examination->folder,
               (long long) examination->files, size);
    return true;
}

static bool look_for_cuts(Examination *examination, Store *store, const char *database, GError **error)
{
    g_autoptr(Table) experiments = NULL;
    bool written = store_is_being_written(database);

    if (!store_read(store, "experiments", &experiments, error, PARAM_END))
        return false;
    for (size_t row = 0; row < experiments->row_count; row++)
        examination->cut = examination->cut || (!written && table_integer(experiments, row, "running") > 0);
    return true;
}

bool doctor_lab(const Context *context, const char *folder, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "trialbed.db", NULL);
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GHashTable) known = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    Examination examination = { .folder = folder, .known = known, .problems = problems };
    g_autoptr(Store) store = NULL;

    if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_USAGE, "there is no lab at '%s'", folder);
        error_hint(error, "'trialbed run SCENARIO' makes one, --lab DIR names another.");
        return false;
    }
    store = store_open_readonly(path, error);
    return store != NULL && store_problems(store, problems, error) && look_for_cuts(&examination, store, path, error)
           && check_artifacts(&examination, store, error)
           && check_orphans(&examination, error) && report(context, &examination, error);
}

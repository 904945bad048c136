// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/scenario-files.h"

#include <stdlib.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/plan/matrix.h"
#include "runner/plan/run-spec.h"
#include "runner/plan/template.h"
#include "runner/plan/yaml-tree.h"

enum { HASH_DIGITS = 8 };

static void file_free(void *data)
{
    ScenarioFile *file = data;

    g_free(file->source);
    g_free(file->name);
    g_free(file->path);
    g_free(file->sha256);
    g_free(file);
}

/* The folder of an experiment holds scenario.yaml, the runs' folders, whose names are numbers, and names with a dot that are
 * ours. */
static bool can_keep_name(const char *source)
{
    g_auto(GStrv) parts = g_strsplit(source, "/", -1);
    size_t digits = strspn(source, "0123456789");

    if (source[0] == '.' || source[0] == '/' || strcmp(source, "scenario.yaml") == 0 || source[digits] == '/'
        || source[digits] == '\0' || strcmp(parts[0], "files") == 0)
        return false;
    for (char **part = parts; *part != NULL; part++)
        if (strcmp(*part, "") == 0 || strcmp(*part, ".") == 0 || strcmp(*part, "..") == 0)
            return false;
    return true;
}

char *scenario_file_name(const char *source)
{
    g_autofree char *base = NULL;
    g_autofree char *hash = NULL;

    if (can_keep_name(source))
        return g_strdup(source);
    base = g_path_get_basename(source);
    hash = data_sha256(source, strlen(source));
    return g_strdup_printf("files/%.*s-%s", HASH_DIGITS, hash, base);
}

char *scenario_file_place(const char *folder, const char *source)
{
    g_autofree char *name = scenario_file_name(source);
    g_autofree char *copy = g_build_filename(folder, name, NULL);

    if (g_file_test(copy, G_FILE_TEST_IS_REGULAR))
        return g_steal_pointer(&copy);
    return g_path_is_absolute(source) ? g_strdup(source) : g_build_filename(folder, source, NULL);
}

bool scenario_file_is_inside(const char *folder, const char *place)
{
    g_autofree char *real = realpath(place, NULL);
    g_autofree char *real_folder = realpath(folder, NULL);
    size_t length = real_folder != NULL ? strlen(real_folder) : 0;

    if (real == NULL || real_folder == NULL)
        return true;
    return strncmp(real, real_folder, length) == 0 && (real[length] == '/' || length == 1);
}

/* Between the check and now somebody may have put a link there, so it is asked again. */
static ScenarioFile *file_look(const char *folder, const FileSpec *spec, GError **error)
{
    g_autofree char *place = scenario_file_place(folder, spec->source);
    ScenarioFile *file = g_new0(ScenarioFile, 1);

    file->source = g_strdup(spec->source);
    file->name = scenario_file_name(spec->source);
    file->path = realpath(place, NULL);
    if (file->path == NULL)
        error_set_errno(error, ERROR_SCENARIO, "file '%s' cannot be found", spec->source);
    else if (!spec->outside && !scenario_file_is_inside(folder, place))
        error_set(error, ERROR_SCENARIO, "file '%s' lies outside the scenario's folder", spec->source);
    else if (file_sha256(file->path, &file->sha256, &file->size_bytes, error))
        return file;
    file_free(file);
    return NULL;
}

static bool add_files(const Scenario *scenario, const char *const *levels, GHashTable *seen, GPtrArray *files, GError **error)
{
    g_autoptr(RunSpec) spec = scenario_resolve(scenario, levels, error);

    if (spec == NULL)
        return false;
    for (size_t i = 0; i < spec->file_count; i++) {
        ScenarioFile *file;

        if (g_hash_table_contains(seen, spec->files[i].source))
            continue;
        file = file_look(scenario->folder, &spec->files[i], error);
        if (file == NULL)
            return false;
        g_ptr_array_add(files, file);
        g_hash_table_add(seen, file->source);
    }
    return true;
}

/* Whether any cell may name another file than the others do. */
static bool sources_vary(const Node *files)
{
    for (size_t i = 0; i < files->count; i++) {
        const Node *source = node_get(files->values[i], "source");

        if (source != NULL && source->kind == NODE_SCALAR && template_is_needed(source->text))
            return true;
    }
    return false;
}

static int compare_names(const void *a, const void *b)
{
    const ScenarioFile *const *one = a, *const *other = b;

    return strcmp((*one)->name, (*other)->name);
}

bool scenario_files(const Scenario *scenario, GPtrArray **ret_files, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(file_free);
    g_autoptr(GHashTable) seen = g_hash_table_new(g_str_hash, g_str_equal);
    const Node *list = node_get(scenario->tree->root, "files");
    g_autoptr(Matrix) matrix = NULL;
    size_t cells;

    if (list != NULL && list->kind == NODE_LIST && list->count > 0) {
        matrix = matrix_expand(scenario, error);
        if (matrix == NULL)
            return false;
        cells = sources_vary(list) ? matrix->cell_count : MIN(matrix->cell_count, 1);
        for (size_t i = 0; i < cells; i++) {
            g_autofree const char **levels = matrix_cell_levels(matrix, i);

            if (!add_files(scenario, levels, seen, files, error))
                return false;
        }
    }
    g_ptr_array_sort(files, compare_names);
    *ret_files = g_steal_pointer(&files);
    return true;
}

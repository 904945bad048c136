// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "db/bundle/bundle-describe.h"
#include "db/bundle/json.h"
#include "db/bundle/templates.h"
#include "runner/base/files.h"

/* A text in one cell of a Markdown table. */
static char *cell_text(const char *text)
{
    g_autoptr(GString) cell = g_string_new(NULL);

    for (; *text != '\0'; text++) {
        if (*text == '|' || *text == '\\')
            g_string_append_c(cell, '\\');
        g_string_append_c(cell, g_ascii_iscntrl(*text) ? ' ' : *text);
    }
    return g_string_free(g_steal_pointer(&cell), FALSE);
}

/* A text between single quotes of a shell, and on one line. */
static char *shell_text(const char *text)
{
    g_auto(GStrv) parts = g_strsplit(text, "'", -1);
    char *quoted = g_strjoinv("'\\''", parts);

    return g_strdelimit(quoted, "\r\n", ' ');
}

static char *duration_text(double seconds)
{
    if (seconds < 120)
        return g_strdup_printf("%.0f s", seconds);
    if (seconds < 7200)
        return g_strdup_printf("%.0f min", seconds / 60);
    return g_strdup_printf("%.0f h", seconds / 3600);
}

/* Sizes in MiB, as print() of C writes them everywhere alike. */
static char *size_text(int64_t bytes)
{
    return bytes < 10 << 20 ? g_strdup_printf("%.1f MiB", (double) bytes / (1 << 20))
                            : g_strdup_printf("%.0f MiB", (double) bytes / (1 << 20));
}

static void fields_free(gpointer text)
{
    g_free(text);
}

static void put(GHashTable *fields, const char *name, char *text)
{
    g_hash_table_insert(fields, (char *) name, text);
}

/* What `reproduce --quick` does: runner/exec/reproduce.h. */
enum { QUICK_REPETITIONS = 5 };

static void put_quick(GHashTable *fields, const Table *about)
{
    int64_t all = table_integer(about, 0, "repetitions"), warmup = table_integer(about, 0, "warmup");
    int64_t quick = MIN(MAX((all + 3) / 4, QUICK_REPETITIONS), all);
    double share = (double) (quick + warmup) / (double) MAX(all + warmup, 1);

    put(fields, "quick_repetitions", g_strdup_printf("%" G_GINT64_FORMAT, quick));
    put(fields, "quick_time", duration_text(table_real(about, 0, "run_seconds") * share));
}

static void put_about(GHashTable *fields, const Table *about)
{
    static const char *const texts[] = { "name", "uuid", "created_at", "finished_on" };
    static const char *const numbers[] = { "cells", "repetitions", "warmup", "runs", "completed", "failed", "tainted",
                                           "memory_mb", "cpus" };
    const char *description = table_text(about, 0, "description");
    const char *platforms = table_text(about, 0, "platforms");

    for (size_t i = 0; i < G_N_ELEMENTS(texts); i++)
        put(fields, texts[i], g_strdup(table_text(about, 0, texts[i])));
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        put(fields, numbers[i], g_strdup_printf("%" G_GINT64_FORMAT, table_integer(about, 0, numbers[i])));
    put(fields, "description", g_strdup(description != NULL ? description : "(The scenario has no description.)"));
    put(fields, "platforms", g_strdup(platforms != NULL ? platforms : "nothing ran yet"));
    put(fields, "shell_name", shell_text(table_text(about, 0, "name")));
    put(fields, "run_time", duration_text(table_real(about, 0, "run_seconds")));
    put_quick(fields, about);
}

static bool put_environment(GHashTable *fields, const Description *what, GError **error)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autoptr(Table) table = NULL;

    if (!store_read(what->store, "environment", &table, error, PARAM_INTEGER(what->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < table->row_count; row++) {
        g_autofree char *key = cell_text(table_text(table, row, "key"));
        g_autofree char *value = cell_text(table_text(table, row, "value"));

        g_string_append_printf(lines, "| %s | %s |\n", key, value);
    }
    put(fields, "environment", g_string_free(g_steal_pointer(&lines), FALSE));
    return true;
}

static bool is_in_images(const Description *what, const char *below, const char *name, const char *ending)
{
    g_autofree char *path = g_strconcat(what->folder, "/images/", below, name, ending, NULL);

    return g_file_test(path, G_FILE_TEST_EXISTS);
}

/* How a reviewer comes by an image: it is in the bundle, or there is a recipe, or only the authors know. */
static void append_image(GString *lines, const Description *what, const char *image, const char *digest)
{
    g_autofree char *name = shell_text(image);

    if (is_in_images(what, "store/names/", image, ".json"))
        g_string_append_printf(lines, "trialbed --lab lab import FILE --images    # image '%s'", name);
    else if (is_in_images(what, "", image, ".recipe"))
        g_string_append_printf(lines, "trialbed --lab lab image build '%s'", name);
    else
        g_string_append_printf(lines, "# image '%s' is neither here nor made by a recipe: ask the authors for it", name);
    if (digest != NULL)
        g_string_append_printf(lines, "    # SHA-256 %s", digest);
    g_string_append_c(lines, '\n');
}

static bool put_images(GHashTable *fields, const Description *what, GError **error)
{
    g_autoptr(GString) lines = g_string_new(NULL);
    g_autoptr(Table) table = NULL;

    if (!store_read(what->store, "bundle-images", &table, error, PARAM_INTEGER(what->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < table->row_count; row++)
        append_image(lines, what, table_text(table, row, "image"), table_text(table, row, "image_digest"));
    put(fields, "images", g_string_free(g_steal_pointer(&lines), FALSE));
    return true;
}

static void append_option(GString *lines, const char *option, const char *value)
{
    g_autofree char *quoted = value != NULL ? shell_text(value) : NULL;

    if (quoted != NULL)
        g_string_append_printf(lines, " --%s '%s'", option, quoted);
}

/* A command for each metric that was measured, and for each figure that the scenario wishes. */
static bool put_results(GHashTable *fields, const Description *what, GError **error)
{
    const char *name = g_hash_table_lookup(fields, "shell_name");
    g_autoptr(GString) lines = g_string_new("```sh\n");
    g_autoptr(Table) metrics = NULL;
    g_autoptr(Table) figures = NULL;
    Param id = PARAM_INTEGER(what->experiment_id);

    if (!store_read(what->store, "measured-metrics", &metrics, error, id, PARAM_END)
        || !store_read(what->store, "figures", &figures, error, id, PARAM_END))
        return false;
    for (size_t row = 0; row < metrics->row_count; row++) {
        if (table_integer(metrics, row, "automatic"))
            continue;
        g_string_append_printf(lines, "trialbed --lab lab summary '%s'", name);
        append_option(lines, "metric", table_text(metrics, row, "metric"));
        g_string_append_c(lines, '\n');
    }
    for (size_t row = 0; row < figures->row_count; row++) {
        g_string_append_printf(lines, "trialbed --lab lab report '%s' -o 'figure-%zu'", name, row + 1);
        append_option(lines, "figure", table_text(figures, row, "figure"));
        append_option(lines, "metric", table_text(figures, row, "metric"));
        append_option(lines, "x", table_text(figures, row, "x"));
        append_option(lines, "by", table_text(figures, row, "by"));
        g_string_append_c(lines, '\n');
    }
    g_string_append(lines, "```\n");
    put(fields, "results", g_string_free(g_steal_pointer(&lines), FALSE));
    return true;
}

/* What a field is replaced with is not looked at again. */
static char *template_fill(const char *template, GHashTable *fields)
{
    GString *text = g_string_new(NULL);
    const char *open;

    while ((open = strstr(template, "{{")) != NULL) {
        const char *close = strstr(open, "}}");
        g_autofree char *name = g_strndup(open + 2, (gsize) (close - open - 2));
        const char *value = g_hash_table_lookup(fields, name);

        if (value == NULL)
            g_error("the template has no field '%s'", name);
        g_string_append_len(text, template, open - template);
        g_string_append(text, value);
        template = close + 2;
    }
    g_string_append(text, template);
    return g_string_free(text, FALSE);
}

bool describe_for_people(const Description *what, GError **error)
{
    g_autoptr(GHashTable) fields = g_hash_table_new_full(g_str_hash, g_str_equal, NULL, fields_free);
    g_autofree char *path = g_build_filename(what->folder, "README.md", NULL);
    g_autoptr(Table) about = NULL;
    g_autofree char *text = NULL;

    if (!store_read(what->store, "bundle-about", &about, error, PARAM_INTEGER(what->experiment_id), PARAM_END))
        return false;
    put_about(fields, about);
    put(fields, "licence", g_strdup(what->licence != NULL ? what->licence : "nobody stated one; ask the authors"));
    put(fields, "left_out", g_strdup(what->left_out != NULL ? what->left_out : "nothing was left out"));
    put(fields, "size", size_text(what->size_bytes));
    if (!put_environment(fields, what, error) || !put_images(fields, what, error) || !put_results(fields, what, error))
        return false;
    text = template_fill(template_bundle_readme, fields);
    return file_write_atomic(path, text, strlen(text), error);
}

static bool describe_images(const Description *what, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    g_autofree char *folder = g_build_filename(what->folder, "images", NULL);
    g_autofree char *path = g_build_filename(folder, "images.json", NULL);
    g_autoptr(Table) images = NULL;

    if (!folder_make(folder, error)
        || !store_read(what->store, "bundle-images", &images, error, PARAM_INTEGER(what->experiment_id), PARAM_END))
        return false;
    json_builder_begin_array(builder);
    for (size_t row = 0; row < images->row_count; row++) {
        json_builder_begin_object(builder);
        json_put_text(builder, "image", table_text(images, row, "image"));
        json_put_text(builder, "digest", table_text(images, row, "image_digest"));
        json_builder_end_object(builder);
    }
    json_builder_end_array(builder);
    return json_save(builder, path, error);
}

bool describe_environment(const Description *what, GError **error)
{
    g_autoptr(JsonBuilder) builder = json_builder_new_immutable();
    g_autofree char *path = g_build_filename(what->folder, "environment.json", NULL);
    g_autoptr(Table) table = NULL;

    if (!store_read(what->store, "environment", &table, error, PARAM_INTEGER(what->experiment_id), PARAM_END))
        return false;
    json_builder_begin_object(builder);
    for (size_t row = 0; row < table->row_count; row++)
        json_put_text(builder, table_text(table, row, "key"), table_text(table, row, "value"));
    json_builder_end_object(builder);
    return json_save(builder, path, error) && describe_images(what, error);
}

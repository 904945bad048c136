// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/recipe.h"

#include <stddef.h>
#include <string.h>

#include "images/blobs.h"
#include "runner/base/error.h"

/* The words of a recipe and where their values go. */
static const struct {
    const char *word;
    size_t place; /* of a GPtrArray in Recipe */
    bool pair;
} words[] = {
    { "kernel", offsetof(Recipe, kernel), false },
    { "packages", offsetof(Recipe, packages), false },
    { "programs", offsetof(Recipe, programs), false },
    { "files", offsetof(Recipe, files), false },
    { "applets", offsetof(Recipe, applets), false },
    { "modules", offsetof(Recipe, modules), false },
    { "spare-modules", offsetof(Recipe, spare_modules), false },
    { "folder", offsetof(Recipe, folders), false },
    { "link", offsetof(Recipe, links), true },
    { "line", offsetof(Recipe, lines), true },
    { "suite", offsetof(Recipe, suite), false },
    { "disk-packages", offsetof(Recipe, disk_packages), false },
    { "disk-mib", offsetof(Recipe, disk_mib), false },
    { "disk-line", offsetof(Recipe, disk_lines), true },
    { "disk-link", offsetof(Recipe, disk_links), true },
    { "mask", offsetof(Recipe, masks), false },
    { "cmdline", offsetof(Recipe, cmdline), false },
    { "memory-mb", offsetof(Recipe, memory_mb), false },
};

static GPtrArray **array_at(Recipe *recipe, size_t place)
{
    return (GPtrArray **) ((char *) recipe + place);
}

static void pair_free(void *data)
{
    RecipePair *pair = data;

    g_free(pair->path);
    g_free(pair->text);
    g_free(pair);
}

void recipe_free(Recipe *recipe)
{
    if (recipe == NULL)
        return;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        g_clear_pointer(array_at(recipe, words[i].place), g_ptr_array_unref);
    g_free(recipe);
}

static Recipe *recipe_new(void)
{
    Recipe *recipe = g_new0(Recipe, 1);

    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        *array_at(recipe, words[i].place) = g_ptr_array_new_with_free_func(words[i].pair ? pair_free : g_free);
    return recipe;
}

static void add_words(GPtrArray *array, const char *rest)
{
    g_auto(GStrv) parts = g_strsplit_set(rest, " \t", -1);

    for (char **part = parts; *part != NULL; part++)
        if (**part != '\0')
            g_ptr_array_add(array, g_strdup(*part));
}

static void add_pair(GPtrArray *array, const char *rest)
{
    RecipePair *pair = g_new0(RecipePair, 1);
    size_t length = strcspn(rest, " \t");

    pair->path = g_strndup(rest, length);
    pair->text = g_strdup(rest + length + strspn(rest + length, " \t"));
    g_ptr_array_add(array, pair);
}

static bool parse_text(Recipe *recipe, const char *name, const char *text, const ImageArch *arch, GError **error);
static const RecipeBlob *find_blob(const char *name);

static bool parse_like(Recipe *recipe, const char *name, const ImageArch *arch, GError **error)
{
    const RecipeBlob *other = find_blob(name);

    return other != NULL ? parse_text(recipe, name, other->text, arch, error) : error_set(error, ERROR_BUG, "there is no recipe '%s'", name);
}

static bool parse_line(Recipe *recipe, char *line, const ImageArch *arch, GError **error)
{
    size_t length;
    const char *rest;

    g_strstrip(line);
    if (line[0] == '\0' || line[0] == '#')
        return true;
    length = strcspn(line, " \t");
    rest = line + length + strspn(line + length, " \t");
    if (length == strlen("like") && strncmp(line, "like", length) == 0)
        return parse_like(recipe, rest, arch, error);
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++) {
        if (strlen(words[i].word) != length || strncmp(words[i].word, line, length) != 0)
            continue;
        (words[i].pair ? add_pair : add_words)(*array_at(recipe, words[i].place), rest);
        return true;
    }
    return error_set(error, ERROR_BUG, "there is no word '%.*s'", (int) length, line);
}

/* The text with the processor's names in it. */
static char *fill_in(const char *text, const ImageArch *arch)
{
    g_autoptr(GString) filled = g_string_new(text);

    g_string_replace(filled, "${debian}", arch->debian, 0);
    g_string_replace(filled, "${multiarch}", arch->multiarch, 0);
    return g_string_free(g_steal_pointer(&filled), FALSE);
}

static bool parse_text(Recipe *recipe, const char *name, const char *text, const ImageArch *arch, GError **error)
{
    g_autofree char *filled = fill_in(text, arch);
    g_auto(GStrv) lines = g_strsplit(filled, "\n", -1);

    for (unsigned i = 0; lines[i] != NULL; i++)
        if (!parse_line(recipe, lines[i], arch, error)) {
            g_prefix_error(error, "recipe '%s':%u: ", name, i + 1);
            return false;
        }
    return true;
}

Recipe *recipe_parse(const char *name, const char *text, const ImageArch *arch, GError **error)
{
    g_autoptr(Recipe) recipe = recipe_new();

    if (!parse_text(recipe, name, text, arch, error))
        return NULL;
    if (recipe->kernel->len != 1) {
        error_set(error, ERROR_BUG, "recipe '%s': it names %u kernels instead of one", name, recipe->kernel->len);
        return NULL;
    }
    if (recipe->disk_packages->len > 0 && (recipe->suite->len != 1 || recipe->disk_mib->len != 1)) {
        error_set(error, ERROR_BUG, "recipe '%s': a disk needs one 'suite' and one 'disk-mib'", name);
        return NULL;
    }
    return g_steal_pointer(&recipe);
}

static const RecipeBlob *find_blob(const char *name)
{
    for (const RecipeBlob *blob = recipe_blobs; blob->name != NULL; blob++)
        if (strcmp(blob->name, name) == 0)
            return blob;
    return NULL;
}

bool recipe_exists(const char *name)
{
    return find_blob(name) != NULL;
}

Recipe *recipe_load(const char *name, const ImageArch *arch, GError **error)
{
    const RecipeBlob *blob = find_blob(name);
    g_autoptr(GString) names = g_string_new(NULL);

    if (blob != NULL)
        return recipe_parse(name, blob->text, arch, error);
    for (blob = recipe_blobs; blob->name != NULL; blob++)
        g_string_append_printf(names, "%s%s", names->len > 0 ? ", " : "", blob->name);
    error_set(error, ERROR_USAGE, "there is no recipe '%s'", name);
    error_hint(error, "the recipes are: %s.", names->str);
    return NULL;
}

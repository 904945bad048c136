// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/modules.h"

#include <string.h>

#include "images/archives.h"
#include "images/elf-file.h"
#include "runner/base/error.h"

typedef struct Module {
    char *path;         /* below `folder`, without ".xz" and the like */
    const char *name;
    GBytes *data;       /* as packed, then uncompressed */
    GPtrArray *needs;   /* Module, direct ones; NULL until loaded */
} Module;

typedef struct ModuleSet {
    char *folder;        /* "usr/lib/modules/VERSION/" */
    GHashTable *by_name; /* name -> Module: all that the packages have */
    GHashTable *builtin; /* names */
    GPtrArray *order;    /* Module: those that were chosen, each after what it needs */
} ModuleSet;

static void module_free(void *data)
{
    Module *module = data;

    g_free(module->path);
    g_bytes_unref(module->data);
    g_clear_pointer(&module->needs, g_ptr_array_unref);
    g_free(module);
}

static void set_free(ModuleSet *set)
{
    g_free(set->folder);
    g_hash_table_unref(set->by_name);
    g_hash_table_unref(set->builtin);
    g_ptr_array_unref(set->order);
    g_free(set);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(ModuleSet, set_free)

/* "kernel/drivers/char/hw_random/virtio-rng.ko.xz" is "virtio_rng". NULL: no module. Caller frees. */
static char *module_name(const char *path)
{
    g_autofree char *base = g_path_get_basename(path);
    char *end = strstr(base, ".ko");

    if (end == NULL || (end[3] != '\0' && end[3] != '.'))
        return NULL;
    *end = '\0';
    return g_strdelimit(g_steal_pointer(&base), "-", '_');
}

static bool index_entry(const char *path, const FileEntry *entry, void *data)
{
    ModuleSet *set = data;
    g_autofree char *name = g_str_has_prefix(path, set->folder) && S_ISREG(entry->mode) ? module_name(path) : NULL;
    Module *module;

    if (name == NULL)
        return true;
    module = g_new0(Module, 1);
    path += strlen(set->folder);
    module->path = g_strndup(path, (size_t) (strstr(path, ".ko") - path) + strlen(".ko"));
    module->data = g_bytes_ref(entry->data);
    module->name = name;
    g_hash_table_replace(set->by_name, g_steal_pointer(&name), module);
    return true;
}

/* modules.builtin: a path of each module that is part of the kernel, one a line. */
static void index_builtin(ModuleSet *set, const FileTree *packages)
{
    g_autofree char *path = g_strconcat(set->folder, "modules.builtin", NULL);
    const FileEntry *entry = file_tree_resolve(packages, path);
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (entry == NULL)
        return;
    text = g_strndup(g_bytes_get_data(entry->data, NULL), g_bytes_get_size(entry->data));
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *name = module_name(*line);

        if (name != NULL)
            g_hash_table_add(set->builtin, name);
    }
}

static ModuleSet *set_new(const FileTree *packages, const char *kernel_version)
{
    ModuleSet *set = g_new0(ModuleSet, 1);

    set->folder = g_strdup_printf("usr/lib/modules/%s/", kernel_version);
    set->by_name = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, module_free);
    set->builtin = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    set->order = g_ptr_array_new();
    file_tree_foreach(packages, index_entry, set);
    index_builtin(set, packages);
    return set;
}

/* The parts of a ".modinfo depends=" value, which may be empty. */
static bool needed_names(Module *module, char ***ret_names, GError **error)
{
    g_autoptr(GPtrArray) values = NULL;

    if (!elf_module_info(module->data, "depends", &values, error))
        return false;
    *ret_names = g_strsplit(values->len > 0 ? values->pdata[0] : "", ",", -1);
    return true;
}

static bool choose(ModuleSet *set, const char *name, Module **ret_module, GError **error);

static bool load_module(ModuleSet *set, Module *module, GError **error)
{
    g_autoptr(GBytes) packed = g_steal_pointer(&module->data);
    g_auto(GStrv) names = NULL;

    module->needs = g_ptr_array_new();
    if (!bytes_uncompress(packed, &module->data, error)) {
        module->data = g_steal_pointer(&packed);
        return false;
    }
    if (!needed_names(module, &names, error))
        return false;
    for (char **name = names; *name != NULL; name++) {
        Module *needed = NULL;

        if (**name == '\0')
            continue;
        if (!choose(set, *name, &needed, error))
            return false;
        if (needed != NULL)
            g_ptr_array_add(module->needs, needed);
    }
    g_ptr_array_add(set->order, module);
    return true;
}

/* *ret_module is NULL when the kernel has it built in. */
static bool choose(ModuleSet *set, const char *name, Module **ret_module, GError **error)
{
    g_autofree char *plain = g_strdelimit(g_strdup(name), "-", '_');
    Module *module = g_hash_table_lookup(set->by_name, plain);

    if (module == NULL && !g_hash_table_contains(set->builtin, plain))
        return error_set(error, ERROR_HOST, "kernel module '%s' is in none of the packages", name);
    if (module != NULL && module->needs == NULL && !load_module(set, module, error)) {
        g_prefix_error(error, "kernel module '%s': ", name);
        return false;
    }
    *ret_module = module;
    return true;
}

static bool choose_all(ModuleSet *set, GPtrArray *names, GError **error)
{
    for (unsigned i = 0; i < names->len; i++) {
        Module *module;

        if (!choose(set, names->pdata[i], &module, error))
            return false;
    }
    return true;
}

/* All that `module` needs, directly or not, nearest first: the order of modules.dep, which is loaded from its end. */
static void gather_needs(const Module *module, GPtrArray *all)
{
    for (unsigned i = 0; i < module->needs->len; i++) {
        Module *needed = module->needs->pdata[i];

        g_ptr_array_remove(all, needed);
        g_ptr_array_add(all, needed);
    }
    for (unsigned i = 0; i < module->needs->len; i++)
        gather_needs(module->needs->pdata[i], all);
}

static bool describe_module(const Module *module, GString *dependencies, GString *aliases, GError **error)
{
    g_autoptr(GPtrArray) needs = g_ptr_array_new();
    g_autoptr(GPtrArray) names = NULL;

    if (!elf_module_info(module->data, "alias", &names, error))
        return false;
    g_string_append_printf(dependencies, "%s:", module->path);
    gather_needs(module, needs);
    for (unsigned i = 0; i < needs->len; i++)
        g_string_append_printf(dependencies, " %s", ((Module *) needs->pdata[i])->path);
    g_string_append_c(dependencies, '\n');
    for (unsigned i = 0; i < names->len; i++)
        g_string_append_printf(aliases, "alias %s %s\n", (char *) names->pdata[i], module->name);
    return true;
}

static void add_text(FileTree *image, const char *folder, const char *name, const GString *text)
{
    g_autofree char *path = g_strconcat(folder, name, NULL);

    file_tree_add_text(image, path, text->str);
}

static bool add_chosen(const ModuleSet *set, unsigned boot_count, FileTree *image, GError **error)
{
    g_autoptr(GString) boot = g_string_new(NULL);
    g_autoptr(GString) dependencies = g_string_new(NULL);
    g_autoptr(GString) aliases = g_string_new(NULL);

    for (unsigned i = 0; i < set->order->len; i++) {
        const Module *module = set->order->pdata[i];
        g_autofree char *path = g_strconcat(set->folder, module->path, NULL);

        file_tree_add_file(image, path, 0644, module->data);
        if (i < boot_count)
            g_string_append_printf(boot, "/%s\n", path);
        if (!describe_module(module, dependencies, aliases, error))
            return false;
    }
    file_tree_add_text(image, "etc/trialbed/modules", boot->str);
    add_text(image, set->folder, "modules.dep", dependencies);
    add_text(image, set->folder, "modules.alias", aliases);
    return true;
}

bool image_add_modules(FileTree *image, const FileTree *packages, const char *kernel_version, GPtrArray *at_boot,
                       GPtrArray *spare, GError **error)
{
    g_autoptr(ModuleSet) set = set_new(packages, kernel_version);
    unsigned boot_count;

    if (!choose_all(set, at_boot, error))
        return false;
    boot_count = set->order->len;
    return choose_all(set, spare, error) && add_chosen(set, boot_count, image, error);
}

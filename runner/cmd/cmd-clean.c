// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/cmd/support.h"
#include "runner/exec/lab.h"
#include "runner/vm/leftovers.h"

extern const Command cmd_clean;

static gboolean dry_run;
static char *connect_uri;

static const GOptionEntry options[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "only list it", NULL },
    { "connect", 0, 0, G_OPTION_ARG_STRING, &connect_uri, "look for our machines on this libvirt, too", "URI" },
    G_OPTION_ENTRY_NULL,
};

/* Scratch folders in the lab whose maker is gone. Nothing else there is ever removed: what this program does not know may be
 * somebody's results. */
static bool clean_folders(const Lab *lab, GPtrArray *found, GError **error)
{
    g_autoptr(GDir) folder = g_dir_open(lab->folder, 0, NULL);
    const char *name;

    while (folder != NULL && (name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *path = g_build_filename(lab->folder, name, NULL);

        if (!support_scratch_is_abandoned(path))
            continue;
        g_ptr_array_add(found, g_strdup_printf("folder %s", path));
        if (!dry_run && !folder_remove(path, error))
            return false;
    }
    return true;
}

/* Attempts without an end: nobody can be working on them, since we hold the writer's lock. Their runs are planned again. */
static bool clean_attempts(const Context *context, const Table *experiments, GPtrArray *found, GError **error)
{
    for (size_t row = 0; row < experiments->row_count; row++) {
        int64_t id = table_integer(experiments, row, "number"), count = table_integer(experiments, row, "running");

        if (count == 0)
            continue;
        g_ptr_array_add(found, g_strdup_printf("the mark 'running' of %" G_GINT64_FORMAT " cut attempts of experiment %"
                                               G_GINT64_FORMAT, count, id));
        if (!dry_run && !store_attempts_abandon(context->store, id, &count, error))
            return false;
    }
    return true;
}

/* Only where libvirt is not embedded can machines and links outlive their worker. */
static bool clean_machines(const Table *experiments, GPtrArray *found, GError **error)
{
    g_autoptr(GPtrArray) uuids = g_ptr_array_new();
    g_autoptr(GPtrArray) prefixes = g_ptr_array_new_with_free_func(g_free);

    if (connect_uri == NULL)
        return true;
    for (size_t row = 0; row < experiments->row_count; row++) {
        const char *uuid = table_text(experiments, row, "uuid");

        g_ptr_array_add(uuids, (char *) uuid);
        g_ptr_array_add(prefixes, g_strdup_printf("tb%.4s", uuid));
    }
    g_ptr_array_add(uuids, NULL);
    g_ptr_array_add(prefixes, NULL);
    return leftovers_domains(connect_uri, (const char *const *) uuids->pdata, dry_run, found, error)
           && leftovers_links((const char *const *) prefixes->pdata, dry_run, found, error);
}

/* Also after an error: what was removed before it is gone. */
static void print_found(const Context *context, const GPtrArray *found, bool ok)
{
    if (context->json)
        printf("{\"%s\": [", dry_run ? "found" : "removed");
    for (guint i = 0; i < found->len; i++) {
        const char *text = g_ptr_array_index(found, i);
        g_autofree char *quoted = print_json(text);

        if (context->json)
            printf("%s%s", i > 0 ? ", " : "", quoted);
        else
            printf("%s %s\n", dry_run ? "would remove" : "removed", text);
    }
    if (context->json)
        puts("]}");
    else if (ok && found->len == 0)
        puts("nothing to clean");
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Table) experiments = NULL;
    bool ok;

    (void) argc, (void) argv;
    if (!lab_open(context->lab, &lab, error) || !store_read(context->store, "experiments", &experiments, error, PARAM_END))
        return false;
    ok = clean_attempts(context, experiments, found, error) && clean_folders(&lab, found, error)
         && clean_machines(experiments, found, error);
    print_found(context, found, ok);
    return ok;
}

const Command cmd_clean = {
    .name = "clean", .usage = "[--dry-run] [--connect URI]", .summary = "find and remove what a crashed host left",
    .details = "Workers live in namespaces that the kernel removes with them, so there is little to find: cut attempts, scratch\n"
               "folders, and with --connect our machines and links on a libvirt of its own. Refused while an experiment runs.",
    .needs = CMD_NEEDS_STORE, .options = options, .run = run,
};

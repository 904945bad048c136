// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/support.h"
#include "runner/exec/lab.h"
#include "runner/exec/leftovers.h"
#include "runner/exec/lost-files.h"
#include "runner/vm/memory-image.h"
#include "runner/vm/outside.h"

extern const Command cmd_clean;

static gboolean dry_run;
static char *connect_uri;

static const GOptionEntry options[] = {
    { "dry-run", 0, 0, G_OPTION_ARG_NONE, &dry_run, "only list it", NULL },
    { "connect", 0, 0, G_OPTION_ARG_STRING, &connect_uri, "look for machines on this libvirt as well, noted or not", "URI" },
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

/* What crashed workers were about to use: disks, folders of runs that never began, memories without their notes. */
static bool clean_makings(const Context *context, const Lab *lab, const Table *experiments, GPtrArray *found, GError **error)
{
    for (size_t row = 0; row < experiments->row_count; row++) {
        int64_t id = table_integer(experiments, row, "number");

        if (!leftovers_cut(context->store, lab, id, dry_run, found, error) || !leftovers_ahead(context->store, lab, id, dry_run, found, error))
            return false;
    }
    return memory_images_sweep(lab->cache, dry_run, found, error);
}

/* What a power cut took of the newest files. */
static bool settle_files(const Context *context, const Lab *lab, const Table *experiments, GPtrArray *settled, GError **error)
{
    for (size_t row = 0; row < experiments->row_count; row++)
        if (!lost_files_settle(context->store, lab, table_integer(experiments, row, "number"), dry_run, settled, error))
            return false;
    return true;
}

/* Attempts without an end: nobody can be working on them, since we hold the writer's lock. Their runs are planned again. */
static bool clean_attempts(const Context *context, const Table *experiments, GPtrArray *found, GError **error)
{
    for (size_t row = 0; row < experiments->row_count; row++) {
        int64_t id = table_integer(experiments, row, "number"), count = table_integer(experiments, row, "running");

        if (count == 0)
            continue;
        g_ptr_array_add(found,
                        g_strdup_printf("%lld unfinished attempt%s of experiment %lld ('trialbed resume %lld' goes on)",
                                        (long long) count, support_plural(count), (long long) id, (long long) id));
        if (!dry_run && !store_attempts_abandon(context->store, id, &count, error))
            return false;
    }
    return true;
}

/* Every attempt that has a note about what it may have made outside its namespaces. Nobody works on it, since we hold the lab's lock. The libvirt
 * that it was on may be gone by now, and the others are to be cleaned all the same: its note stays. */
static bool clean_noted(const Context *context, const Lab *lab, GPtrArray *found, GError **error)
{
    g_autoptr(Table) noted = NULL;
    bool gone = true;

    if (!store_read(context->store, "outside", &noted, error, PARAM_INTEGER(0), PARAM_END))
        return false;
    for (size_t row = 0; row < noted->row_count; row++) {
        int64_t run_id = table_integer(noted, row, "run_id"), attempt = table_integer(noted, row, "attempt");
        const char *place = table_text(noted, row, "place");
        bool last = row + 1 == noted->row_count || table_integer(noted, row + 1, "run_id") != run_id
                    || table_integer(noted, row + 1, "attempt") != attempt;
        g_autofree char *owner = outside_owner(table_text(noted, row, "uuid"), lab->folder);
        g_autoptr(GError) problem = NULL;

        if (!(strcmp(table_text(noted, row, "kind"), "folder") == 0 ? outside_folder_remove(place, dry_run, found, &problem)
                                                                     : outside_remove(place, owner, run_id, dry_run, found, &problem))) {
            log_warning("run %lld: %s", (long long) run_id, problem->message);
            gone = false;
        }
        if (!last)
            continue;
        g_ptr_array_add(found, g_strdup_printf("note of what run %lld may have made outside its namespaces", (long long) run_id));
        if (!dry_run && gone && !store_outside_forget(context->store, run_id, (unsigned) attempt, error))
            return false;
        gone = true;
    }
    return true;
}

/* Where somebody says, whatever is noted: a copy of the database may have lost its notes. */
static bool clean_uri(const Lab *lab, const Table *experiments, GPtrArray *found, GError **error)
{
    for (size_t row = 0; connect_uri != NULL && row < experiments->row_count; row++) {
        g_autofree char *owner = outside_owner(table_text(experiments, row, "uuid"), lab->folder);

        if (!outside_remove(connect_uri, owner, 0, dry_run, found, error) || !outside_scratch_remove(owner, dry_run, found, error))
            return false;
    }
    return true;
}

/* `settled`: what is not removed; its lines say what is done with it. */
static void print_found(const Context *context, const GPtrArray *found, const GPtrArray *settled)
{
    if (context->json)
        printf("{\"removed\": %s, \"found\": [", dry_run ? "false" : "true");
    else if (found->len + settled->len == 0)
        puts("nothing to clean");
    for (guint i = 0; i < found->len + settled->len; i++) {
        bool removed = i < found->len;
        const char *what = removed ? g_ptr_array_index(found, i) : g_ptr_array_index(settled, i - found->len);
        g_autofree char *quoted = print_json(what);

        if (context->json)
            printf("%s%s", i > 0 ? ", " : "", quoted);
        else
            printf("%s%s\n", !removed ? "" : dry_run ? "would remove " : "removed ", what);
    }
    if (context->json)
        puts("]}");
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(GPtrArray) found = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GPtrArray) settled = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(Table) experiments = NULL;
    bool ok;

    (void) argc, (void) argv;
    if (!lab_open(context->lab, &lab, error)
        || !store_read(context->store, "experiments", &experiments, error, PARAM_END))
        return false;
    ok = clean_makings(context, &lab, experiments, found, error) && settle_files(context, &lab, experiments, settled, error)
         && clean_attempts(context, experiments, found, error)
         && clean_folders(&lab, found, error)
         && clean_noted(context, &lab, found, error)
         && clean_uri(&lab, experiments, found, error);
    print_found(context, found, settled);
    return ok;
}

const Command cmd_clean = {
    .name = "clean", .usage = "[--dry-run] [--connect URI]", .summary = "find and remove what a crashed host left",
    .details = "Workers live in namespaces that the kernel removes with them, so there is little to find: cut\n"
               "attempts, half-made files, disks and memories, and our machines and links\n"
               "on a libvirt that is not embedded. Where attempts were cut, small files\n"
               "that a power cut took are made anew from the database, or noted as lost.\n"
               "Refused while an experiment runs.",
    .json = "{\"removed\": true, \"found\": [TEXT, ...]}",
    .needs = CMD_NEEDS_STORE, .options = options, .run = run,
};

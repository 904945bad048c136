// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <string.h>

#include "images/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/sandbox.h"
#include "runner/cmd/cmd.h"
#include "runner/cmd/doctor-lab.h"
#include "runner/exec/preflight.h"
#include "runner/vm/accel.h"
#include "runner/vm/network.h"

extern const Command cmd_doctor;

/* `--lab`, here: check the lab, not the host. It may name the lab as everywhere. */
static bool wants_lab;
static char *lab_folder;

static gboolean take_lab(const char *name, const char *value, void *data, GError **error)
{
    (void) name, (void) data, (void) error;
    wants_lab = true;
    g_free(lab_folder);
    lab_folder = g_strdup(value);
    return TRUE;
}

static const GOptionEntry options[] = {
    { "lab", 0, G_OPTION_FLAG_OPTIONAL_ARG, G_OPTION_ARG_CALLBACK, (void *) take_lab,
      "check a lab instead: its database, its artifacts, files that belong to nothing", "DIR" },
    G_OPTION_ENTRY_NULL,
};

static bool check_namespaces(const Lab *lab, char **ret_note, GError **error)
{
    (void) lab, (void) ret_note;
    return sandbox_probe(error);
}

static bool check_taps(const Lab *lab, char **ret_note, GError **error)
{
    (void) lab, (void) ret_note;
    return network_probe_tun(error);
}

static bool check_programs(const Lab *lab, char **ret_note, GError **error)
{
    (void) lab;
    if (!preflight_programs(error))
        return false;
    *ret_note = environment_program_version("qemu-system-x86_64");
    return true;
}

/* Without KVM everything works, only slower: that is worth saying, but no lack. */
static bool check_accelerator(const Lab *lab, char **ret_note, GError **error)
{
    g_autofree char *reason = NULL;
    const char *accel;

    if (!folder_make(lab->cache, error) || !accel_choose("auto", lab->cache, &accel, &reason, error))
        return false;
    *ret_note = g_strdup_printf("%s: %s", accel, reason);
    return true;
}

static bool check_image(const Lab *lab, char **ret_note, GError **error)
{
    g_autoptr(ImageStore) store = image_store_open(lab->images, error);
    g_autoptr(Image) image = store != NULL ? image_store_get(store, "tiny", error) : NULL;

    if (image == NULL)
        return false;
    *ret_note = g_strdup_printf("kernel %s", image->kernel_version);
    return true;
}

static bool check_gnuplot(const Lab *lab, char **ret_note, GError **error)
{
    (void) lab;
    *ret_note = environment_program_version("gnuplot");
    if (*ret_note != NULL)
        return true;
    error_set(error, ERROR_HOST, "program 'gnuplot' is not installed, so reports have no figures");
    error_hint(error, "sudo apt-get install -y gnuplot-nox");
    return false;
}

static bool check_memory(const Lab *lab, char **ret_note, GError **error)
{
    unsigned free_mb = environment_free_memory_mb();

    (void) lab;
    *ret_note = g_strdup_printf("%u MiB free", free_mb);
    if (free_mb >= 512)
        return true;
    error_set(error, ERROR_HOST, "only %u MiB of memory are free; two tiny machines want 512", free_mb);
    error_hint(error, "end other programs, or lower 'memory_mb'.");
    return false;
}

static bool check_disk(const Lab *lab, char **ret_note, GError **error)
{
    int64_t free_bytes = folder_free_bytes(lab->folder);

    *ret_note = g_strdup_printf("%lld MiB free at %s", (long long) (free_bytes >> 20), lab->folder);
    if (free_bytes >> 20 >= 1024)
        return true;
    error_set(error, ERROR_HOST, "only %lld MiB of disk are free for lab '%s'", (long long) (free_bytes >> 20), lab->folder);
    error_hint(error, "make room, or choose another disk with --lab.");
    return false;
}

static const struct {
    const char *name;
    bool (*check)(const Lab *lab, char **ret_note, GError **error);
} checks[] = {
    { "namespaces", check_namespaces }, { "taps", check_taps },       { "QEMU and libvirt", check_programs },
    { "accelerator", check_accelerator }, { "image tiny", check_image }, { "gnuplot", check_gnuplot },
    { "memory", check_memory },         { "disk", check_disk },
};

static const char *const columns[] = { "check", "state", "note", NULL };

/* The hints of an error, without "hint: ". */
static char *mend(const GError *error)
{
    const char *hint = strstr(error->message, "\nhint: ");
    g_autofree char *first = error_first_line(error);

    return hint != NULL ? g_strdup_printf("%s; %s", first, hint + strlen("\nhint: ")) : g_strdup(first);
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(Table) table = g_new0(Table, 1);
    size_t lacks = 0;

    (void) argc, (void) argv;
    if (wants_lab)
        return doctor_lab(context, lab_folder != NULL ? lab_folder : context->lab, error);
    if (!lab_open(context->lab, &lab, error))
        return false;
    table->columns = g_strdupv((char **) columns);
    table->column_count = G_N_ELEMENTS(columns) - 1;
    table->row_count = G_N_ELEMENTS(checks);
    table->values = g_new0(Value, table->row_count * table->column_count);
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++) {
        g_autoptr(GError) problem = NULL;
        char *note = NULL;
        bool ok = checks[i].check(&lab, &note, &problem);

        if (!ok) {
            g_free(note);
            note = mend(problem);
            lacks++;
        }
        table->values[i * 3] = (Value) { .type = VALUE_TEXT, .text = g_strdup(checks[i].name) };
        table->values[i * 3 + 1] = (Value) { .type = VALUE_TEXT, .text = g_strdup(ok ? "ok" : "missing") };
        table->values[i * 3 + 2] = (Value) { .type = VALUE_TEXT, .text = note != NULL ? note : g_strdup("") };
    }
    print_table(table, context->json ? PRINT_JSON : PRINT_TEXT, stdout);
    return lacks == 0 || error_set(error, ERROR_HOST, "%zu of %zu checks found something missing", lacks, G_N_ELEMENTS(checks));
}

const Command cmd_doctor = {
    .name = "doctor", .usage = "[--lab [DIR]]",
    .summary = "what this host can do, what is missing, and the command that mends it",
    .details = "With --lab behind the command it checks a lab instead, one problem a line, exit status 5: the database's\n"
               "integrity, stored values and statistics against the samples, every artifact against its SHA-256, and\n"
               "files of no row.",
    .options = options, .run = run,
};

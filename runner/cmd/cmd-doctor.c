// SPDX-License-Identifier: GPL-3.0-or-later
#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

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

#define ACCELERATOR "accelerator"

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
    error_hint(error, "'sudo apt-get install -y gnuplot-nox' installs it.");
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
    error_set(error, ERROR_HOST, "only %lld MiB of disk are free for lab '%s'", (long long) (free_bytes >> 20),
              lab->folder);
    error_hint(error, "make room, or choose another disk with --lab.");
    return false;
}

static const struct {
    const char *name;
    bool (*check)(const Lab *lab, char **ret_note, GError **error);
} checks[] = {
    { "namespaces", check_namespaces }, { "taps", check_taps },       { "QEMU and libvirt", check_programs },
    { ACCELERATOR, check_accelerator }, { "image tiny", check_image }, { "gnuplot", check_gnuplot },
    { "memory", check_memory },         { "disk", check_disk },
};

static const char *const columns[] = { "check", "state", "note", "hint", NULL };

static const PrintColumn shown[] = { { .name = "check" }, { .name = "state" }, { .name = "note" }, { 0 } };

/* The hints of an error, one a line; NULL: it has none. */
static char *hints_of(const GError *error)
{
    const char *first = strstr(error->message, "\nhint: ");
    g_auto(GStrv) hints = first != NULL ? g_strsplit(first + strlen("\nhint: "), "\nhint: ", -1) : NULL;

    return hints != NULL ? g_strjoinv("\n", hints) : NULL;
}

/* KVM that only this user may not use is no lack, but easily had. */
static char *kvm_hint(const char *check)
{
    if (strcmp(check, ACCELERATOR) == 0 && access("/dev/kvm", R_OK | W_OK) != 0 && errno == EACCES)
        return g_strdup("'sudo usermod -aG kvm $USER' and a new login allow KVM, which is faster.");
    return NULL;
}

static Value text_value(char *text)
{
    return text != NULL ? (Value) { .type = VALUE_TEXT, .text = text } : (Value) { .type = VALUE_NULL };
}

static bool check_one(const Lab *lab, size_t index, Value *row)
{
    g_autoptr(GError) problem = NULL;
    char *note = NULL;
    bool ok = checks[index].check(lab, &note, &problem);

    if (!ok) {
        g_free(note);
        note = error_first_line(problem);
    }
    row[0] = text_value(g_strdup(checks[index].name));
    row[1] = text_value(g_strdup(ok ? "ok" : "missing"));
    row[2] = text_value(note != NULL ? note : g_strdup(""));
    row[3] = text_value(ok ? kvm_hint(checks[index].name) : hints_of(problem));
    return ok;
}

static Table *check_all(const Lab *lab, size_t *ret_lacks)
{
    Table *table = g_new0(Table, 1);

    *ret_lacks = 0;
    table->columns = g_strdupv((char **) columns);
    table->column_count = G_N_ELEMENTS(columns) - 1;
    table->row_count = G_N_ELEMENTS(checks);
    table->values = g_new0(Value, table->row_count * table->column_count);
    for (size_t i = 0; i < G_N_ELEMENTS(checks); i++)
        *ret_lacks += !check_one(lab, i, &table->values[i * table->column_count]);
    return table;
}

static void print_hints(const Table *table)
{
    for (size_t row = 0; row < table->row_count; row++) {
        const char *text = table_text(table, row, "hint");
        g_auto(GStrv) hints = text != NULL ? g_strsplit(text, "\n", -1) : NULL;

        for (char **hint = hints; hint != NULL && *hint != NULL; hint++)
            printf("%s%s: %s\n", hint == hints ? "\n" : "", table_text(table, row, "check"), *hint);
    }
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    g_auto(Lab) lab = { 0 };
    g_autoptr(Table) table = NULL;
    size_t lacks;

    (void) argc, (void) argv;
    if (wants_lab)
        return doctor_lab(context, lab_folder != NULL ? lab_folder : context->lab, error);
    if (!lab_open(context->lab, &lab, error))
        return false;
    table = check_all(&lab, &lacks);
    if (context->json) {
        print_table(table, PRINT_JSON, stdout);
    } else {
        print_columns(table, shown, stdout);
        print_hints(table);
    }
    return lacks == 0
           || error_set(error, ERROR_HOST, "%zu of %zu checks found something missing", lacks, G_N_ELEMENTS(checks));
}

const Command cmd_doctor = {
    .name = "doctor", .usage = "[--lab [DIR]]",
    .summary = "what this host can do, what is missing, and the command that mends it",
    .details = "Without KVM machines are emulated (TCG): slower, but nothing is missing. With --lab behind the command\n"
               "it checks a lab instead, one problem a line: the database's integrity, stored values and statistics\n"
               "against the samples, every artifact against its SHA-256, and files of no row.",
    .json = "[{\"check\", \"state\": \"ok\" or \"missing\", \"note\", \"hint\"}]; with --lab [{\"problem\"}]",
    .exits = "4 when something is missing; with --lab: 5 when something is wrong",
    .options = options, .run = run,
};

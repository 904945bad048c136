// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/doctor-host.h"

#include <errno.h>
#include <string.h>
#include <sys/timex.h>
#include <unistd.h>

#include "images/store.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/sandbox.h"
#include "runner/vm/accel.h"
#include "runner/vm/libvirt-load.h"
#include "runner/vm/libvirt-version.h"
#include "runner/vm/network.h"

enum { MEMORY_WANTED_MB = 512, DISK_WANTED_MB = 1024 };

typedef struct Doctor {
    const Lab *lab;
    const PreflightNeeds *needs;
    GArray *values; /* of Value, row after row */
    size_t lacks;
} Doctor;

/* What one check found out. Strings are owned. */
typedef struct Finding {
    char *note; /* what is there; NULL: nothing to say */
    char *hint; /* what could be better though nothing is missing; NULL: nothing */
} Finding;

static bool check_namespaces(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    (void) doctor, (void) what, (void) finding;
    return sandbox_probe(error);
}

static bool check_taps(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    g_autoptr(GError) why = NULL;
    g_auto(GStrv) lines = NULL;

    (void) doctor, (void) what, (void) error;
    if (network_probe_tun(&why)) {
        finding->note = g_strdup("/dev/net/tun opens");
        return true;
    }
    lines = g_strsplit(why->message, "\nhint: ", -1);
    finding->note = g_strdup("none: every network is carried in user space, which is slower");
    finding->hint = g_strdup(g_strv_length(lines) > 1 ? lines[1] : lines[0]);
    return true;
}

/* Older ones may do, but nobody has tried. */
static const struct {
    const char *name, *version;
} tried[] = { { "QEMU", "7.2" }, { "libvirt", "9.0" }, { "gnuplot", "5.4" } };

static bool is_older(const char *version, const char *than)
{
    unsigned major = 0, minor = 0, than_major = 0, than_minor = 0;
    const char *digit = version + strcspn(version, "0123456789");
    char *end;

    major = (unsigned) strtoul(digit, &end, 10);
    minor = *end != '\0' ? (unsigned) strtoul(end + 1, NULL, 10) : 0; /* 7.2 and "5.4 patchlevel 4" */
    than_major = (unsigned) strtoul(than, &end, 10);
    than_minor = (unsigned) strtoul(end + 1, NULL, 10);
    return major < than_major || (major == than_major && minor < than_minor);
}

static void note_version(const char *name, const char *version, Finding *finding)
{
    for (size_t i = 0; i < G_N_ELEMENTS(tried); i++)
        if (strcmp(tried[i].name, name) == 0 && is_older(version, tried[i].version))
            finding->hint = g_strdup_printf("%s is older than %s, the oldest that trialbed is tested with.", name,
                                            tried[i].version);
}

static bool check_programs(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    g_autofree char *libvirt = libvirt_library_version();
    g_autofree char *qemu = NULL;

    (void) doctor, (void) what;
    if (!preflight_programs(error) || !libvirt_load(error))
        return false;
    qemu = environment_program_version("qemu-system-x86_64");
    finding->note = g_strdup_printf("%s, libvirt %s", qemu != NULL ? qemu : "QEMU", libvirt != NULL ? libvirt : "?");
    if (libvirt != NULL)
        note_version("libvirt", libvirt, finding);
    if (qemu != NULL && finding->hint == NULL)
        note_version("QEMU", qemu, finding);
    return true;
}

static bool check_program(const Doctor *doctor, const char *program, Finding *finding, GError **error)
{
    (void) doctor;
    if (!preflight_program(program, error))
        return false;
    finding->note = g_find_program_in_path(program);
    return true;
}

/* Without KVM everything works, only slower: that is worth saying, but no lack. KVM that only this user may not use is easily had. */
static bool check_accelerator(const Doctor *doctor, const char *wish, Finding *finding, GError **error)
{
    g_autofree char *reason = NULL;
    const char *accel;

    if (!folder_make(doctor->lab->cache, error) || !accel_choose(wish, doctor->lab->cache, &accel, &reason, error))
        return false;
    finding->note = g_strdup_printf("%s: %s", accel, reason);
    if (strcmp(accel, "kvm") != 0 && access("/dev/kvm", R_OK | W_OK) != 0 && errno == EACCES)
        finding->hint = g_strdup("'sudo usermod -aG kvm $USER' and a new login allow KVM, which is faster.");
    return true;
}

static bool check_image(const Doctor *doctor, const char *name, Finding *finding, GError **error)
{
    g_autoptr(ImageStore) store = image_store_open(doctor->lab->images, error);
    g_autoptr(Image) image = store != NULL ? image_store_get(store, name, error) : NULL;

    if (image == NULL)
        return false;
    finding->note = g_strdup_printf("kernel %s", image->kernel_version);
    return true;
}

static bool check_gnuplot(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    (void) doctor, (void) what;
    finding->note = environment_program_version("gnuplot");
    if (finding->note != NULL) {
        note_version("gnuplot", finding->note, finding);
        return true;
    }
    error_set(error, ERROR_HOST, "program 'gnuplot' is not installed, so reports have no figures");
    error_hint(error, "'sudo apt-get install -y gnuplot-nox' installs it.");
    return false;
}

static bool check_memory(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    unsigned free_mb = environment_free_memory_mb();

    (void) what;
    if (doctor->needs != NULL) {
        finding->note = g_strdup_printf("%u MiB free, a run takes up to %u", free_mb, doctor->needs->most.memory_mb);
        return preflight_memory(doctor->needs, error);
    }
    finding->note = g_strdup_printf("%u MiB free", free_mb);
    if (free_mb >= MEMORY_WANTED_MB)
        return true;
    error_set(error, ERROR_HOST, "only %u MiB of memory are free; two tiny machines want %d", free_mb, MEMORY_WANTED_MB);
    error_hint(error, "end other programs, or lower 'memory_mb'.");
    return false;
}

static bool check_huge_pages(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    (void) what;
    finding->note = g_strdup_printf("a run takes up to %u MiB", doctor->needs->huge_mb);
    return preflight_huge_pages(doctor->needs, error);
}

/* More virtual processors than real ones work, but they wait for each other, and that is measured, too. */
static bool check_processors(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    long cores = sysconf(_SC_NPROCESSORS_ONLN);

    (void) what;
    finding->note = g_strdup_printf("%ld, a run takes up to %u", cores, doctor->needs->most.cpus);
    if ((long) doctor->needs->most.cpus > cores)
        finding->hint = g_strdup("a run's machines have more processors than this host, so they wait for each other; "
                                 "that disturbs what is measured.");
    return preflight_cpus(doctor->needs, error);
}

static bool check_disk(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    int64_t free_bytes = folder_free_bytes(doctor->lab->folder);

    (void) what;
    finding->note = g_strdup_printf("%lld MiB free at %s", (long long) (free_bytes >> 20), doctor->lab->folder);
    if (free_bytes >> 20 >= DISK_WANTED_MB)
        return true;
    error_set(error, ERROR_HOST, "only %lld MiB of disk are free for lab '%s'", (long long) (free_bytes >> 20),
              doctor->lab->folder);
    error_hint(error, "make room, or choose another disk with --lab.");
    return false;
}

/* Durations are measured by the monotonic clock, which needs a good source; times of day only label. */
static bool check_clock(const Doctor *doctor, const char *what, Finding *finding, GError **error)
{
    static const char path[] = "/sys/devices/system/clocksource/clocksource0/current_clocksource";
    g_autofree char *source = NULL;
    struct timex state = { 0 };
    bool in_step = adjtimex(&state) != TIME_ERROR;

    (void) doctor, (void) what, (void) error;
    if (g_file_get_contents(path, &source, NULL, NULL))
        g_strchomp(source);
    finding->note = g_strdup_printf("clock source %s, %s", source != NULL ? source : "unknown",
                                    in_step ? "synchronised" : "not synchronised");
    if (source != NULL && strstr(source, "jiffies") != NULL)
        finding->hint = g_strdup_printf("clock source '%s' has steps of milliseconds: boot the host with a better one "
                                        "for short measurements.", source);
    else if (!in_step)
        finding->hint = g_strdup("'sudo apt-get install -y chrony' keeps the time of day right; durations do not need it.");
    return true;
}

typedef bool Check(const Doctor *doctor, const char *what, Finding *finding, GError **error);

/* The hints of an error, one a line; NULL: it has none. */
static char *hints_of(const GError *error)
{
    const char *first = strstr(error->message, "\nhint: ");
    g_auto(GStrv) hints = first != NULL ? g_strsplit(first + strlen("\nhint: "), "\nhint: ", -1) : NULL;

    return hints != NULL ? g_strjoinv("\n", hints) : NULL;
}

static void add_value(Doctor *doctor, char *text)
{
    Value value = text != NULL ? (Value) { .type = VALUE_TEXT, .text = text } : (Value) { .type = VALUE_NULL };

    g_array_append_val(doctor->values, value);
}

/* `what` is the check's argument and the second word of its name, or NULL. */
static void check(Doctor *doctor, const char *name, Check *function, const char *what)
{
    g_autoptr(GError) problem = NULL;
    Finding finding = { 0 };
    bool ok = function(doctor, what, &finding, &problem);

    if (!ok) {
        g_free(finding.note);
        g_free(finding.hint);
        finding = (Finding) { error_first_line(problem), hints_of(problem) };
        doctor->lacks++;
    }
    add_value(doctor, what != NULL ? g_strdup_printf("%s %s", name, what) : g_strdup(name));
    add_value(doctor, g_strdup(ok ? "ok" : "missing"));
    add_value(doctor, finding.note != NULL ? finding.note : g_strdup(""));
    add_value(doctor, finding.hint);
}

/* A check for every name of a set, in the order of the names. */
static void check_each(Doctor *doctor, const char *name, Check *function, GHashTable *names)
{
    g_autoptr(GList) sorted = g_list_sort(g_hash_table_get_keys(names), (GCompareFunc) strcmp);

    for (GList *item = sorted; item != NULL; item = item->next)
        check(doctor, name, function, item->data);
}

static void check_all(Doctor *doctor)
{
    const PreflightNeeds *needs = doctor->needs;

    check(doctor, "namespaces", check_namespaces, NULL);
    if (needs == NULL || needs->links)
        check(doctor, "taps", check_taps, NULL);
    check(doctor, "QEMU and libvirt", check_programs, NULL);
    if (needs != NULL) {
        check_each(doctor, "program", check_program, needs->programs);
        check_each(doctor, "accelerator", check_accelerator, needs->accels);
        check_each(doctor, "image", check_image, needs->images);
        check(doctor, "processors", check_processors, NULL);
    } else {
        check(doctor, "accelerator", check_accelerator, "auto");
        check(doctor, "image", check_image, "tiny");
    }
    check(doctor, "gnuplot", check_gnuplot, NULL);
    check(doctor, "memory", check_memory, NULL);
    if (needs != NULL && needs->huge_mb > 0)
        check(doctor, "huge pages", check_huge_pages, NULL);
    check(doctor, "disk", check_disk, NULL);
    check(doctor, "clock", check_clock, NULL);
}

Table *doctor_host(const Lab *lab, const PreflightNeeds *needs, size_t *ret_lacks)
{
    static const char *const columns[] = { "check", "state", "note", "hint", NULL };
    Doctor doctor = { .lab = lab, .needs = needs, .values = g_array_new(FALSE, FALSE, sizeof(Value)) };
    Table *table = g_new0(Table, 1);

    check_all(&doctor);
    table->columns = g_strdupv((char **) columns);
    table->column_count = G_N_ELEMENTS(columns) - 1;
    table->row_count = doctor.values->len / table->column_count;
    table->values = (Value *) g_array_free(doctor.values, FALSE);
    *ret_lacks = doctor.lacks;
    return table;
}

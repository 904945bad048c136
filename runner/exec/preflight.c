// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/preflight.h"

#include <string.h>
#include <unistd.h>

#include "collectors/capture.h"
#include "collectors/measure.h"
#include "images/own-files.h"
#include "images/store.h"
#include "runner/base/cpus.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/base/sandbox.h"
#include "runner/vm/accel.h"
#include "runner/vm/libvirt-version.h"
#include "runner/vm/machine.h"
#include "runner/vm/network.h"
#include "runner/vm/outside.h"

enum { CELLS_LOOKED_AT = 10000, DISK_WANTED_MB = 200 };

const ScenarioChecks preflight_scenario_checks = { .capture_filter = capture_filter_check, .measure = measure_check };

Demand preflight_demand(const RunSpec *spec, const char *backend)
{
    Demand demand = { .alone = strcmp(spec->isolation, "exclusive") == 0, .exclusive = g_strdupv(spec->exclusive) };

    for (size_t i = 0; i < spec->machine_count; i++) {
        demand.cpus += spec->machines[i].cpus;
        if (strcmp(backend, "fake") != 0)
            demand.memory_mb += spec->machines[i].memory_mb + PREFLIGHT_MACHINE_OVERHEAD_MB;
    }
    demand.pinned = spec->pin_machines != NULL && cpus_parse(spec->pin_machines, &demand.pin_from, NULL);
    return demand;
}

bool preflight_programs(GError **error)
{
    g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");

    if (qemu == NULL) {
        error_set(error, ERROR_HOST, "program 'qemu-system-x86_64' is not installed");
        error_hint(error, "'sudo apt-get install -y qemu-system-x86' installs it.");
        return false;
    }
    if (libvirt_has_driver())
        return true;
    error_set(error, ERROR_HOST, "libvirt's QEMU driver is not installed");
    error_hint(error, "'sudo apt-get install -y libvirt-daemon-driver-qemu' installs it.");
    return false;
}

/* A bare machine without an image runs the host's own programs. */
static bool machine_is_of_host(const RunSpec *spec, const MachineSpec *machine)
{
    return strcmp(spec->platform, "bare") == 0 && strcmp(machine->image, "host") == 0;
}

const char *preflight_accel(const RunSpec *spec)
{
    if (strcmp(spec->platform, "bare") == 0)
        return "none";
    if (strcmp(spec->clock, "host") != 0)
        return "tcg"; /* which counts; and 'accel: kvm' beside it was refused */
    return spec->accel;
}

void preflight_needs_clear(PreflightNeeds *needs)
{
    g_clear_pointer(&needs->images, g_hash_table_unref);
    g_clear_pointer(&needs->accels, g_hash_table_unref);
    g_clear_pointer(&needs->files, g_hash_table_unref);
    g_clear_pointer(&needs->emulators, g_hash_table_unref);
    g_clear_pointer(&needs->image_archs, g_hash_table_unref);
    g_clear_pointer(&needs->agent_images, g_hash_table_unref);
    g_clear_pointer(&needs->foreign, g_hash_table_unref);
    g_clear_pointer(&needs->programs, g_hash_table_unref);
    g_clear_pointer(&needs->too_big, g_free);
    demand_clear(&needs->most);
}

/* Why this host never has the CPUs that a run asks for; NULL: it has. Caller frees. */
static char *refuse_cpus(const RunSpec *spec, const Demand *demand)
{
    cpu_set_t allowed, wanted;
    char *reason;

    cpus_allowed(&allowed);
    reason = admission_refuses(demand, 0, &allowed);
    if (reason != NULL || spec->pin_worker == NULL || !cpus_parse(spec->pin_worker, &wanted, NULL))
        return reason;
    CPU_AND(&allowed, &allowed, &wanted);
    return CPU_COUNT(&allowed) > 0
               ? NULL
               : g_strdup_printf("its worker is pinned to CPUs %s, and this host has none of them", spec->pin_worker);
}

static void note_size(PreflightNeeds *needs, const Matrix *matrix, size_t cell, const RunSpec *spec)
{
    g_auto(Demand) demand = preflight_demand(spec, "libvirt");
    g_autofree char *reason = needs->too_big == NULL ? refuse_cpus(spec, &demand) : NULL;
    g_autofree char *label = reason != NULL ? matrix_cell_label(matrix, cell) : NULL;

    if (reason != NULL)
        needs->too_big = g_strdup_printf("a run of cell '%s' is too big for this host: %s", label, reason);
    needs->most.cpus = MAX(needs->most.cpus, demand.cpus);
    needs->most.memory_mb = MAX(needs->most.memory_mb, demand.memory_mb);
}

static void note_huge_pages(PreflightNeeds *needs, const RunSpec *spec)
{
    unsigned huge_mb = 0;

    for (size_t i = 0; strcmp(spec->platform, "vm") == 0 && i < spec->machine_count; i++)
        huge_mb += spec->machines[i].hugepages ? spec->machines[i].memory_mb : 0;
    needs->huge_mb = MAX(needs->huge_mb, huge_mb);
}

/* Whether our agent comes with the image, rather than with the scenario's own files, and is asked for; what the image says is the last word. */
static bool machine_uses_image_agent(const RunSpec *spec, const MachineSpec *machine)
{
    return strcmp(spec->platform, "vm") == 0 && machine->disk == NULL && machine->initrd == NULL
           && (strcmp(machine->channel, "auto") == 0 || strcmp(machine->channel, "agent") == 0);
}

/* What a machine boots, and what boots it. */
static void note_sources(PreflightNeeds *needs, const RunSpec *spec, const MachineSpec *machine)
{
    const char *const files[] = { machine->kernel, machine->initrd, machine->disk, machine->firmware };
    void *known;
    unsigned memory_mb = machine->memory_mb;

    for (size_t i = 0; i < G_N_ELEMENTS(files); i++)
        if (files[i] != NULL)
            g_hash_table_add(needs->files, g_strdup(files[i]));
    if (machine->emulator != NULL)
        g_hash_table_add(needs->emulators, g_strdup(machine->emulator));
    else if (machine_is_foreign(machine->arch))
        g_hash_table_add(needs->foreign, g_strdup(machine->arch));
    if (machine_is_of_host(spec, machine) || strcmp(machine->image, "none") == 0)
        return;
    if (strcmp(spec->platform, "bare") == 0)
        memory_mb = G_MAXINT; /* it only shows the files */
    if (g_hash_table_lookup_extended(needs->images, machine->image, NULL, &known))
        memory_mb = MIN(memory_mb, GPOINTER_TO_UINT(known));
    g_hash_table_insert(needs->images, g_strdup(machine->image), GUINT_TO_POINTER(memory_mb));
    if (machine->kernel == NULL) /* which has its own */
        g_hash_table_insert(needs->image_archs, g_strdup(machine->image), g_strdup(machine->arch));
    if (machine_uses_image_agent(spec, machine))
        g_hash_table_add(needs->agent_images, g_strdup(machine->image));
}

static GHashTable *new_set(void)
{
    return g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
}

bool preflight_needs(const Matrix *matrix, PreflightNeeds *ret_needs, GError **error)
{
    g_auto(PreflightNeeds) needs = { .images = new_set(), .accels = new_set(), .files = new_set(), .emulators = new_set(), .agent_images = new_set(), .foreign = new_set(), .programs = new_set(),
                                     .image_archs = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free) };

    for (size_t cell = 0; cell < MIN(matrix->cell_count, CELLS_LOOKED_AT); cell++) {
        g_autofree const char **levels = matrix_cell_levels(matrix, cell);
        g_autoptr(RunSpec) spec = scenario_resolve(matrix->scenario, levels, error);

        if (spec == NULL)
            return false;
        note_size(&needs, matrix, cell, spec);
        note_huge_pages(&needs, spec);
        preflight_note_programs(&needs, spec);
        needs.links = needs.links || spec->bridge_count > 0;
        needs.virtual = needs.virtual || strcmp(spec->platform, "vm") == 0;
        needs.embedded = needs.embedded || strcmp(spec->platform, "vm") != 0 || strcmp(spec->start, "cold") != 0;
        g_hash_table_add(needs.accels, g_strdup(preflight_accel(spec)));
        for (size_t i = 0; i < spec->machine_count; i++)
            note_sources(&needs, spec, &spec->machines[i]);
    }
    *ret_needs = needs;
    needs = (PreflightNeeds) { 0 };
    return true;
}

/* `arch`: of the machines; NULL: whatever the image is for. `agent`: whether its own agent is needed. */
static bool check_image(ImageStore *store, const char *name, unsigned memory_mb, const char *arch, bool agent, Environment *environment,
                        GError **error)
{
    g_autoptr(Image) image = image_store_get(store, name, error);
    g_autofree char *key = g_strconcat("image.", name, NULL);

    if (image == NULL || (arch != NULL && !image_fits(image, arch, error)) || (agent && !image_agent_fits(image, error)))
        return false;
    if (image->disk_path != NULL && memory_mb != G_MAXINT && !preflight_program("qemu-img", error))
        return false;
    if (memory_mb < image->memory_mb) {
        error_set(error, ERROR_HOST, "image '%s' needs %u MiB of memory, a machine of it has %u", name, image->memory_mb, memory_mb);
        error_hint(error, "raise 'memory_mb' of the machine.");
        return false;
    }
    if (environment != NULL)
        environment_add(environment, key, image->digest);
    return true;
}

/* A file of this host in place of an image's. */
static bool check_file(const Lab *lab, const char *path, Environment *environment, GError **error)
{
    g_autofree char *key = g_strconcat("image.", path, NULL);
    g_autofree char *digest = NULL;

    if (!cached_sha256(path, lab->cache, &digest, error))
        return false;
    if (environment != NULL)
        environment_add(environment, key, digest);
    return true;
}

static bool check_images(const Lab *lab, const PreflightNeeds *needs, Environment *environment, GError **error)
{
    g_autoptr(ImageStore) store = image_store_open(lab->images, error);
    GHashTableIter iterator;
    void *name, *memory_mb;

    if (store == NULL)
        return false;
    g_hash_table_iter_init(&iterator, needs->images);
    while (g_hash_table_iter_next(&iterator, &name, &memory_mb))
        if (!check_image(store, name, GPOINTER_TO_UINT(memory_mb), g_hash_table_lookup(needs->image_archs, name),
                         g_hash_table_contains(needs->agent_images, name), environment, error))
            return false;
    g_hash_table_iter_init(&iterator, needs->files);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        if (!check_file(lab, name, environment, error))
            return false;
    return true;
}

void preflight_note_images(const Lab *lab, const Matrix *matrix, Environment *environment)
{
    g_auto(PreflightNeeds) needs = { 0 };
    g_autoptr(ImageStore) store = g_file_test(lab->images, G_FILE_TEST_IS_DIR) ? image_store_open(lab->images, NULL) : NULL;
    GHashTableIter iterator;
    void *name;

    if (store == NULL || !preflight_needs(matrix, &needs, NULL))
        return;
    g_hash_table_iter_init(&iterator, needs.images);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        if (!check_image(store, name, G_MAXINT, NULL, false, environment, NULL))
            log_debug("image '%s' is not there", (char *) name);
    g_hash_table_iter_init(&iterator, needs.files);
    while (g_hash_table_iter_next(&iterator, &name, NULL))
        if (!check_file(lab, name, environment, NULL))
            log_debug("file '%s' is not there", (char *) name);
}

static bool check_accels(const Lab *lab, const PreflightNeeds *needs, Environment *environment, GError **error)
{
    GHashTableIter iterator;
    void *wish;

    g_hash_table_iter_init(&iterator, needs->accels);
    while (g_hash_table_iter_next(&iterator, &wish, NULL)) {
        g_autofree char *reason = NULL;
        g_autofree char *key = g_strconcat("accelerator.", wish, NULL);
        g_autofree char *why_key = g_strconcat(key, ".why", NULL);
        const char *accel;

        if (strcmp(wish, "none") == 0)
            continue;
        if (!accel_choose(wish, lab->cache, &accel, &reason, error))
            return false;
        if (environment != NULL) {
            environment_add(environment, key, accel);
            environment_add(environment, why_key, reason);
        }
    }
    return true;
}

bool preflight_room(const Lab *lab, GError **error)
{
    int64_t disk_mb = folder_free_bytes(lab->folder) >> 20;

    if (disk_mb < 0 || disk_mb >= DISK_WANTED_MB)
        return true;
    error_set(error, ERROR_HOST, "lab '%s' has only %lld MiB of disk left", lab->folder, (long long) disk_mb);
    error_hint(error, "make room (at least %d MiB), or choose another disk with --lab.", DISK_WANTED_MB);
    return false;
}

bool preflight_cpus(const PreflightNeeds *needs, GError **error)
{
    if (needs->too_big == NULL)
        return true;
    error_set(error, ERROR_HOST, "%s", needs->too_big);
    error_hint(error, "change 'pin', or lower 'cpus' of the machines.");
    return false;
}

bool preflight_memory(const PreflightNeeds *needs, GError **error)
{
    unsigned memory_mb = environment_free_memory_mb();

    if (memory_mb > 0 && memory_mb < needs->most.memory_mb) {
        error_set(error, ERROR_HOST, "a run needs %u MiB of memory, this host has %u MiB free", needs->most.memory_mb, memory_mb);
        error_hint(error, "lower 'memory_mb' of the machines.");
        return false;
    }
    return true;
}

/* A hugetlbfs that we may write to: there an emulator makes its memory. NULL: none. Caller frees. */
static char *huge_pages_folder(void)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = g_file_get_contents("/proc/mounts", &text, NULL, NULL) ? g_strsplit(text, "\n", -1) : NULL;

    for (char **line = lines; line != NULL && *line != NULL; line++) {
        g_auto(GStrv) words = g_strsplit(*line, " ", 4);

        if (g_strv_length(words) > 2 && strcmp(words[2], "hugetlbfs") == 0 && access(words[1], W_OK) == 0)
            return g_steal_pointer(&words[1]);
    }
    return NULL;
}

static uint64_t memory_info(const char *key)
{
    g_autofree char *text = environment_proc_value("/proc/meminfo", key);

    return text != NULL ? g_ascii_strtoull(text, NULL, 10) : 0;
}

bool preflight_huge_pages(const PreflightNeeds *needs, GError **error)
{
    uint64_t page_kb = memory_info("Hugepagesize"), free_mb = memory_info("HugePages_Free") * page_kb / 1024;
    g_autofree char *folder = needs->huge_mb > 0 ? huge_pages_folder() : NULL;

    if (needs->huge_mb == 0 || (free_mb >= needs->huge_mb && folder != NULL))
        return true;
    if (free_mb < needs->huge_mb) {
        error_set(error, ERROR_HOST, "a run needs %u MiB of huge pages, this host has %" G_GUINT64_FORMAT " MiB free", needs->huge_mb, free_mb);
        if (page_kb > 0)
            error_hint(error, "'sudo sysctl vm.nr_hugepages=%" G_GUINT64_FORMAT "' reserves them.",
                       memory_info("HugePages_Total") + ((needs->huge_mb - free_mb) * 1024 + page_kb - 1) / page_kb);
    } else {
        error_set(error, ERROR_HOST, "a run needs huge pages, and there is no mounted hugetlbfs that you may write to");
        error_hint(error, "'sudo mount -t hugetlbfs -o mode=1777 hugetlbfs DIR' mounts one.");
    }
    error_hint(error, "without 'hugepages: true' machines take ordinary memory.");
    return false;
}

/* Whether a program is an emulator shows when it is to be one; here it is enough that there is one. Its version is for the record. */
static bool check_emulators(const PreflightNeeds *needs, Environment *environment, GError **error)
{
    GHashTableIter iterator;
    void *path;

    g_hash_table_iter_init(&iterator, needs->emulators);
    while (g_hash_table_iter_next(&iterator, &path, NULL)) {
        g_autofree char *key = g_strconcat("version.", path, NULL);
        g_autofree char *version = NULL;

        if (!g_file_test(path, G_FILE_TEST_IS_EXECUTABLE) || g_file_test(path, G_FILE_TEST_IS_DIR))
            return error_set(error, ERROR_HOST, "emulator '%s' is no program", (char *) path);
        version = environment != NULL ? environment_program_version(path) : NULL;
        if (version != NULL)
            environment_add(environment, key, version);
    }
    return true;
}

static void note_foreign(const PreflightNeeds *needs, Environment *environment)
{
    GHashTableIter iterator;
    void *arch;

    g_hash_table_iter_init(&iterator, needs->foreign);
    while (g_hash_table_iter_next(&iterator, &arch, NULL)) {
        g_autofree char *program = machine_emulator(arch), *key = g_strconcat("version.", program, NULL);
        g_autofree char *version = NULL;

        version = environment != NULL ? environment_program_version(program) : NULL;
        if (version != NULL)
            environment_add(environment, key, version);
    }
}

static bool check_links(const PreflightNeeds *needs, const char *uri, GError **error)
{
    return uri == NULL || outside_check(uri, needs->links, error);
}

/* What we start ahead, save or put into namespaces cannot be another libvirt's. */
static bool check_uri(const PreflightNeeds *needs, const char *uri, GError **error)
{
    if (uri == NULL || !needs->embedded)
        return true;
    error_set(error, ERROR_USAGE, "--connect knows only 'start: cold' and 'platform: vm', but a cell has something else");
    error_hint(error, "leave --connect away, or choose cells with --only.");
    return false;
}

bool preflight_check(const Lab *lab, const Matrix *matrix, const char *backend, const char *uri, Environment *environment,
                     GError **error)
{
    g_auto(PreflightNeeds) needs = { 0 };

    if (!folder_make(lab->cache, error) || !sandbox_probe(error) || !preflight_needs(matrix, &needs, error)
        || !preflight_cpus(&needs, error))
        return false;
    if (strcmp(backend, "fake") == 0)
        return true;
    note_foreign(&needs, environment);
    return preflight_all_programs(&needs, error) && (!needs.virtual || (preflight_programs(error) && check_links(&needs, uri, error))) && check_uri(&needs, uri, error)
           && preflight_room(lab, error) && preflight_memory(&needs, error) && preflight_huge_pages(&needs, error)
           && check_images(lab, &needs, environment, error) && check_emulators(&needs, environment, error)
           && check_accels(lab, &needs, environment, error);
}

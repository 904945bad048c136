// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/preflight.h"

#include <string.h>

#include "collectors/capture.h"
#include "collectors/measure.h"
#include "images/store.h"
#include "runner/base/cpus.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/sandbox.h"
#include "runner/vm/accel.h"
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
    static const char *const drivers[] = { "/usr/lib/x86_64-linux-gnu/libvirt/connection-driver/libvirt_driver_qemu.so",
                                           "/usr/lib64/libvirt/connection-driver/libvirt_driver_qemu.so",
                                           "/usr/lib/libvirt/connection-driver/libvirt_driver_qemu.so" };
    g_autofree char *qemu = g_find_program_in_path("qemu-system-x86_64");

    if (qemu == NULL) {
        error_set(error, ERROR_HOST, "program 'qemu-system-x86_64' is not installed");
        error_hint(error, "'sudo apt-get install -y qemu-system-x86' installs it.");
        return false;
    }
    for (size_t i = 0; i < G_N_ELEMENTS(drivers); i++)
        if (g_file_test(drivers[i], G_FILE_TEST_EXISTS))
            return true;
    error_set(error, ERROR_HOST, "libvirt's QEMU driver is not installed");
    error_hint(error, "'sudo apt-get install -y libvirt-daemon-driver-qemu' installs it.");
    return false;
}

/* The distinct values that the cells have of something. */
typedef struct Needs {
    GHashTable *images, *accels;
    bool links;
} Needs;

/* A run that is too big for this host would fail, or wait, for ever. */
static bool check_size(const RunSpec *spec, const char *label, const char *backend, GError **error)
{
    g_auto(Demand) demand = preflight_demand(spec, backend);
    g_autofree char *reason = NULL;
    cpu_set_t allowed, wanted;

    cpus_allowed(&allowed);
    reason = admission_refuses(&demand, environment_free_memory_mb(), &allowed);
    if (reason == NULL && spec->pin_worker != NULL && cpus_parse(spec->pin_worker, &wanted, NULL)) {
        CPU_AND(&allowed, &allowed, &wanted);
        if (CPU_COUNT(&allowed) == 0)
            reason = g_strdup_printf("its worker is pinned to CPUs %s, and this host has none of them", spec->pin_worker);
    }
    if (reason == NULL)
        return true;
    error_set(error, ERROR_HOST, "a run of cell '%s' is too big for this host: %s", label, reason);
    error_hint(error, "lower 'memory_mb' or 'cpus' of the machines, or change 'pin'.");
    return false;
}

static bool gather_needs(const Matrix *matrix, const char *backend, Needs *needs, GError **error)
{
    for (size_t cell = 0; cell < MIN(matrix->cell_count, CELLS_LOOKED_AT); cell++) {
        g_autofree const char **levels = matrix_cell_levels(matrix, cell);
        g_autoptr(RunSpec) spec = scenario_resolve(matrix->scenario, levels, error);

        g_autofree char *label = matrix_cell_label(matrix, cell);

        if (spec == NULL || !check_size(spec, label, backend, error))
            return false;
        needs->links = needs->links || spec->bridge_count > 0;
        g_hash_table_add(needs->accels, g_strdup(spec->accel));
        for (size_t i = 0; i < spec->machine_count; i++)
            g_hash_table_add(needs->images, g_strdup(spec->machines[i].image));
    }
    return true;
}

static bool check_images(const Lab *lab, const Needs *needs, Environment *environment, GError **error)
{
    g_autoptr(ImageStore) store = image_store_open(lab->images, error);
    GHashTableIter iterator;
    void *name;

    if (store == NULL)
        return false;
    g_hash_table_iter_init(&iterator, needs->images);
    while (g_hash_table_iter_next(&iterator, &name, NULL)) {
        g_autoptr(Image) image = image_store_get(store, name, error);
        g_autofree char *key = g_strconcat("image.", name, NULL);

        if (image == NULL)
            return false;
        if (environment != NULL)
            environment_add(environment, key, image->digest);
    }
    return true;
}

static bool check_accels(const Lab *lab, const Needs *needs, Environment *environment, GError **error)
{
    GHashTableIter iterator;
    void *wish;

    g_hash_table_iter_init(&iterator, needs->accels);
    while (g_hash_table_iter_next(&iterator, &wish, NULL)) {
        g_autofree char *reason = NULL;
        g_autofree char *key = g_strconcat("accelerator.", wish, NULL);
        g_autofree char *why_key = g_strconcat(key, ".why", NULL);
        const char *accel;

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

static void needs_clear(Needs *needs)
{
    g_hash_table_unref(needs->images);
    g_hash_table_unref(needs->accels);
}

bool preflight_check(const Lab *lab, const Matrix *matrix, const char *backend, const char *uri, Environment *environment,
                     GError **error)
{
    Needs needs = { g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL),
                    g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL), false };
    bool ok = folder_make(lab->cache, error) && sandbox_probe(error) && gather_needs(matrix, backend, &needs, error);

    if (ok && strcmp(backend, "fake") != 0)
        ok = preflight_programs(error) && (uri != NULL ? outside_check(uri, needs.links, error) : network_probe_tun(error)) && preflight_room(lab, error)
             && check_images(lab, &needs, environment, error) && check_accels(lab, &needs, environment, error);
    needs_clear(&needs);
    return ok;
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* The phases that make machines of a run's specification: save (their memory, once), define, boot. */
#include <string.h>

#include "images/root.h"
#include "runner/base/error.h"
#include "runner/base/fault.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"

enum { WARM_LIMIT_MS = 5000, WARM_TIMES = 3 };

/* A machine's configuration and the texts that it points to. */
typedef struct Draft {
    MachineConfig config;
    GPtrArray *texts; /* of char */
    NicConfig *nics;
    char **qemu_args;
    unsigned *pins;
} Draft;

static void draft_clear(Draft *draft)
{
    g_ptr_array_unref(draft->texts);
    g_free(draft->nics);
    g_strfreev(draft->qemu_args);
    g_free(draft->pins);
}
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(Draft, draft_clear)

static const char *keep(Draft *draft, char *text)
{
    if (text != NULL)
        g_ptr_array_add(draft->texts, text);
    return text;
}

/* 8 ns for every instruction: a slow processor, whose time a host at rest keeps up with. */
static const char *icount_value(const char *clock)
{
    if (strcmp(clock, "instructions") == 0)
        return "shift=3";
    return strcmp(clock, "instructions-skip") == 0 ? "shift=3,sleep=off" : NULL;
}

/* The program that emulates, and its version. Caller frees. */
static char *emulator_text(const MachineHostFacts *facts)
{
    return g_strconcat(facts->emulator, facts->emulator_version != NULL ? " " : NULL, facts->emulator_version, NULL);
}

/* The program that a machine has for itself; NULL: the host's usual one. Caller frees. */
static char *own_emulator(const Attempt *attempt, const MachineSpec *spec)
{
    g_autofree char *program = machine_emulator(spec->arch);

    if (spec->emulator != NULL || attempt_is_fake(attempt) || !machine_is_foreign(spec->arch))
        return g_strdup(spec->emulator);
    return g_find_program_in_path(program);
}

void attempt_send_machine(Attempt *attempt, size_t index)
{
    const MachineHostFacts *facts = attempt->backend->host_facts(attempt->host);
    const MachineSpec *spec = &attempt->spec->machines[index];
    const Image *image = attempt->images[index];
    g_autofree char *emulator = emulator_text(facts), *own = own_emulator(attempt, spec);
    MachineRecord record = {
        .name = spec->name,
        .image = image != NULL ? image->name : spec->root != NULL ? spec->root : spec->image,
        .image_digest = image != NULL ? image->digest : NULL,
        .platform = attempt->spec->platform,
        .arch = spec->arch,
        .accelerator = machine_accel(spec->arch, facts->accelerator),
        .emulator = own != NULL ? own : emulator,
        .channel = attempt->ready ? attempt_channel_used(attempt, index) : NULL,
        .memory_mb = spec->memory_mb,
        .cpus = spec->cpus,
    };

    attempt_send(attempt, MESSAGE_MACHINE, &record);
}

void attempt_send_machines(Attempt *attempt)
{
    const MachineHostFacts *facts = attempt->backend->host_facts(attempt->host);
    g_autofree char *emulator = emulator_text(facts);
    Facts used = { attempt->spec->platform, facts->accelerator, emulator, facts->backend };

    attempt_send(attempt, MESSAGE_FACTS, &used);
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        attempt_send_machine(attempt, i);
    if (strcmp(attempt->spec->clock, "host") != 0)
        attempt_event(attempt, "clock", "the machines' time counts instructions (-icount %s), not the host's time",
                      icount_value(attempt->spec->clock));
}

static bool open_host(Attempt *attempt, GError **error)
{
    MachineHostConfig config = { .uri = attempt->job->uri, .scratch = attempt->scratch, .cache = attempt->job->cache,
                                 .accel = attempt->job->accel, .ssh = attempt_needs_ssh(attempt) };

    if (attempt->host != NULL)
        return true;
    attempt->host = attempt->backend->host_open(&config, error);
    if (attempt->host != NULL)
        attempt_send_machines(attempt);
    return attempt->host != NULL;
}

/* What the machine is told at its start; one that asks a DHCP server has none. */
static const char *fixed_address(const InterfaceSpec *interface)
{
    return g_strcmp0(interface->address, "dhcp") != 0 ? interface->address : NULL;
}

/* Every machine knows every other by name. The texts belong to the spec. */
static MachinePeer *list_peers(Attempt *attempt, size_t *ret_count)
{
    GArray *peers = g_array_new(FALSE, FALSE, sizeof(MachinePeer));

    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        const MachineSpec *machine = &attempt->spec->machines[i];

        for (size_t k = 0; k < machine->interface_count; k++) {
            MachinePeer peer = { machine->name, fixed_address(&machine->interfaces[k]) };

            if (peer.address != NULL)
                g_array_append_val(peers, peer);
        }
    }
    *ret_count = peers->len;
    return (MachinePeer *) g_array_free(peers, FALSE);
}

static void draft_nics(Attempt *attempt, size_t index, Draft *draft)
{
    const MachineSpec *spec = &attempt->spec->machines[index];

    draft->nics = g_new0(NicConfig, spec->interface_count);
    for (size_t i = 0; i < spec->interface_count; i++) {
        draft->nics[i] = (NicConfig) { .bridge = keep(draft, attempt_link_name(attempt, spec->interfaces[i].bridge)),
                                       .mac = spec->interfaces[i].mac, .address = fixed_address(&spec->interfaces[i]) };
        attempt_nic(attempt, index, i, &draft->nics[i]);
    }
    draft->config.nics = draft->nics;
    draft->config.nic_count = spec->interface_count;
}

/* A machine that comes out of a saved memory, or has no kernel of its own, learns from its agent who it is. */
static void draft_names(Attempt *attempt, size_t index, Draft *draft)
{
    const char *preset = attempt->spec->machines[index].boot_preset;
    size_t count;
    g_autofree MachinePeer *peers = list_peers(attempt, &count);

    if (attempt_restores(attempt) || attempt_is_bare(attempt)) {
        draft->config.cmdline = machine_cmdline_preset(preset, draft->config.arch, attempt->job->accel);
        draft->config.settings = keep(draft, machine_settings(&draft->config, peers, count));
    } else {
        draft->config.cmdline = keep(draft, machine_cmdline(preset, attempt->job->accel, &draft->config, peers, count));
        if (strcmp(draft->config.channel, "agent") != 0)
            draft->config.foreign_settings = keep(draft, machine_settings(&draft->config, peers, count));
    }
}

/* NULL: the machine's own name will do. */
static char *domain_name(const Attempt *attempt, const char *machine)
{
    if (attempt->job->uri == NULL)
        return NULL;
    return g_strdup_printf("trialbed-%.8s-%" G_GINT64_FORMAT "-%s", attempt->job->uuid, attempt->job->run_id, machine);
}

/* A bare machine shows a folder's files, its image's, or the host's. */
static bool draft_root(Attempt *attempt, size_t index, Draft *draft, GError **error)
{
    char *root = NULL;

    if (!attempt_is_bare(attempt))
        return true;
    if (attempt->images[index] != NULL && !image_root(attempt->images[index], attempt->job->cache, &root, error))
        return false;
    if (attempt->spec->machines[index].root != NULL) {
        g_free(root);
        root = g_strdup(attempt->spec->machines[index].root);
    }
    draft->config.root = keep(draft, root != NULL ? root : g_strdup("/"));
    return true;
}

/* The part of the job's pins that is a machine's. */
static void draft_pins(Attempt *attempt, size_t index, Draft *draft)
{
    const MachineSpec *spec = attempt->spec->machines;
    g_auto(GStrv) texts = attempt->job->pins != NULL ? g_strsplit(attempt->job->pins, ",", -1) : NULL;
    size_t before = 0, count = texts != NULL ? g_strv_length(texts) : 0;

    draft->config.emulator_cpus = attempt->job->worker_cpus;
    for (size_t i = 0; i < index; i++)
        before += spec[i].cpus;
    if (count < before + spec[index].cpus)
        return;
    draft->pins = g_new0(unsigned, spec[index].cpus);
    for (unsigned i = 0; i < spec[index].cpus; i++)
        draft->pins[i] = (unsigned) g_ascii_strtoull(texts[before + i], NULL, 10);
    draft->config.pins = draft->pins;
}

static void draft_hardware(const Attempt *attempt, size_t index, Draft *draft)
{
    const MachineSpec *spec = &attempt->spec->machines[index];
    MachineConfig *config = &draft->config;

    config->machine_type = spec->machine_type;
    config->cpu_model = spec->cpu_model;
    config->arch = spec->arch;
    config->emulator = keep(draft, own_emulator(attempt, spec));
    config->firmware = spec->firmware;
    config->hugepages = spec->hugepages;
    config->icount = icount_value(attempt->spec->clock);
    if (spec->qemu_args != NULL && g_shell_parse_argv(spec->qemu_args, NULL, &draft->qemu_args, NULL)) /* was checked */
        config->qemu_args = (const char *const *) draft->qemu_args;
}

static void draft_kernel(const Attempt *attempt, size_t index, Draft *draft)
{
    const MachineSpec *spec = &attempt->spec->machines[index];
    const Image *image = attempt->images[index];
    const char *const words[] = { image != NULL ? image->cmdline : NULL, spec->cmdline };

    draft->config.kernel = image != NULL ? image->kernel_path : NULL;
    draft->config.initrd = image != NULL ? image->initrd_path : NULL;
    for (size_t i = 0; i < G_N_ELEMENTS(words); i++)
        if (words[i] != NULL)
            draft->config.cmdline = keep(draft, g_strconcat(draft->config.cmdline, " ", words[i], NULL));
}

/* Which disks it has; draft_disks() makes them. */
static void draft_kinds(const Attempt *attempt, size_t index, Draft *draft)
{
    const Image *image = attempt->images[index];

    draft->config.channel = attempt_channel(attempt, index);
    if (image != NULL && image->disk_path != NULL)
        draft->config.disk = "overlay";
    if (image != NULL && image->cloud_init)
        draft->config.seed = "seed";
    if (strcmp(draft->config.channel, "ssh") == 0)
        draft->config.ssh_port = ATTEMPT_SSH_PORT + (unsigned) index;
    draft->config.ssh_user = attempt->spec->machines[index].ssh_user;
}

/* `saving`: the machine that others will begin from. Its overlay stays beside its memory. */
static bool draft_disks(Attempt *attempt, size_t index, bool saving, Draft *draft, GError **error)
{
    char *path;

    if (draft->config.disk != NULL) {
        if (!attempt_overlay(attempt, index, saving, &path, error))
            return false;
        draft->config.disk = keep(draft, path);
    }
    if (draft->config.ssh_port != 0 && !attempt_ssh_key(attempt, index, &draft->config.ssh_key, error))
        return false;
    if (draft->config.seed != NULL) {
        if (!attempt_seed(attempt, index, &draft->config, &path, error))
            return false;
        draft->config.seed = keep(draft, path);
    }
    return true;
}

static void draft_fill(Attempt *attempt, size_t index, Draft *draft)
{
    const MachineSpec *spec = &attempt->spec->machines[index];

    draft->texts = g_ptr_array_new_with_free_func(g_free);
    draft->config = (MachineConfig) {
        .name = spec->name, .memory_mb = spec->memory_mb, .cpus = spec->cpus, .run_uuid = attempt->job->uuid,
        .owner = attempt->job->owner, .run_id = attempt->job->run_id,
    };
    draft_hardware(attempt, index, draft);
    draft->config.domain = keep(draft, domain_name(attempt, spec->name));
    draft->config.console_path = keep(draft, attempt_console_path(attempt, spec->name));
    draft_nics(attempt, index, draft);
    draft_pins(attempt, index, draft);
    draft_kinds(attempt, index, draft);
    draft_names(attempt, index, draft);
    draft_kernel(attempt, index, draft);
    if (attempt->memories != NULL && attempt->memories[index] != NULL) {
        draft->config.memory_image = attempt->memories[index]->path;
        draft->config.uuid = attempt->memories[index]->uuid;
    }
}

bool attempt_restores(const Attempt *attempt)
{
    return strcmp(attempt->spec->start, "restore") == 0;
}

/* --- save --- */

static bool find_memory(Attempt *attempt, size_t index, GError **error)
{
    MachineHostFacts facts = *attempt->backend->host_facts(attempt->host);
    g_auto(Draft) draft = { 0 };
    g_autofree char *identity = NULL;

    draft_fill(attempt, index, &draft);
    if (draft.config.emulator != NULL)
        facts.emulator = (char *) draft.config.emulator;
    identity = attempt->backend->identity(attempt->host, &draft.config);
    attempt->memories[index] = memory_image_new(attempt->job->cache, identity, attempt->images[index] != NULL ? attempt->images[index]->digest : "", &facts, error);
    return attempt->memories[index] != NULL;
}

/* Boot a machine of this definition and keep its memory, as a phase of its own: later runs do not have it. */
static bool save_memory(Attempt *attempt, size_t index, GError **error)
{
    const char *machine = attempt->spec->machines[index].name;
    int64_t start_ns = attempt_begin_phase(attempt, "save");
    g_auto(Draft) draft = { 0 };
    g_autofree char *name = NULL;
    bool ok;

    draft_fill(attempt, index, &draft);
    memory_image_remove(attempt->memories[index]);
    ok = draft_disks(attempt, index, true, &draft, error)
         && attempt->backend->save(attempt->host, &draft.config, attempt_time_left_ms(attempt, attempt->spec->boot_timeout_ms), error);
    fault_point("memory-saved");
    ok = ok && memory_image_keep(attempt->memories[index], error);
    attempt_end_phase(attempt, "save", start_ns);
    name = g_path_get_basename(attempt->memories[index]->path);
    if (ok)
        attempt_event(attempt, "save", "machine '%s' was booted once and its memory saved: %s", machine,
                      name);
    return ok;
}

static bool lacks_disk(const Attempt *attempt, size_t index)
{
    g_autofree char *disk = memory_image_disk(attempt->memories[index]);

    return attempt->images[index] != NULL && attempt->images[index]->disk_path != NULL && !g_file_test(disk, G_FILE_TEST_EXISTS);
}

static bool provide_memory(Attempt *attempt, size_t index, GError **error)
{
    MemoryImage *memory;
    g_autofree char *why = NULL;
    MemoryImageState state;

    if (attempt->memories[index] == NULL && !find_memory(attempt, index, error))
        return false;
    memory = attempt->memories[index];
    if (!memory_image_lock(memory, attempt_time_left_ms(attempt, attempt->spec->timeout_ms), error))
        return false;
    state = memory_image_look(memory, &why);
    if (state == MEMORY_IMAGE_GOOD && lacks_disk(attempt, index)) {
        state = MEMORY_IMAGE_UNFIT;
        why = g_strdup("its disk is gone");
    }
    if (why != NULL)
        attempt_event(attempt, "save", "the saved memory of machine '%s' is made anew: %s", attempt->spec->machines[index].name, why);
    if (state != MEMORY_IMAGE_GOOD && !save_memory(attempt, index, error))
        return false;
    memory_image_unlock(memory);
    return true;
}

bool attempt_save(Attempt *attempt, GError **error)
{
    if (!attempt_restores(attempt))
        return true;
    if (attempt->backend->save == NULL || attempt->job->uri != NULL)
        return error_set(error, ERROR_HOST, "'start: restore' needs virtual machines of the embedded libvirt");
    attempt->memories = g_new0(MemoryImage *, attempt->spec->machine_count);
    if (!open_host(attempt, error))
        return false;
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (!provide_memory(attempt, i, error))
            return false;
    return true;
}

/* --- define --- */

/* What a thread makes. Only the back end is used there: messages and artifacts are the main thread's. */
typedef struct Making {
    Attempt *attempt;
    size_t index;
    Draft draft;
    GError *error;
} Making;

static gpointer make_machine(gpointer data)
{
    Making *making = data;
    Attempt *attempt = making->attempt;

    attempt->machines[making->index] = attempt->backend->define(attempt->host, &making->draft.config, &making->error);
    return NULL;
}

/* A saved memory that its own emulator does not take is damaged in a way that only the emulator sees. Once. */
static bool make_again(Making *making, GError **error)
{
    Attempt *attempt = making->attempt;
    g_autofree char *why = NULL;

    if (attempt->machines[making->index] != NULL)
        return true;
    if (!attempt_restores(attempt)) {
        g_propagate_error(error, g_steal_pointer(&making->error));
        return false;
    }
    why = error_first_line(making->error);
    g_clear_error(&making->error);
    attempt_event(attempt, "save", "%s", why);
    memory_image_remove(attempt->memories[making->index]);
    if (!provide_memory(attempt, making->index, error) || !draft_disks(attempt, making->index, false, &making->draft, error))
        return false;
    attempt->machines[making->index] = attempt->backend->define(attempt->host, &making->draft.config, error);
    return attempt->machines[making->index] != NULL;
}

bool attempt_note_machine(Attempt *attempt, size_t index, GError **error)
{
    const char *name = attempt->spec->machines[index].name;
    g_autofree char *console = attempt_path(attempt, "%s.console.log", name);
    g_autofree char *path = attempt_path(attempt, "%s.xml", name);
    const char *definition = attempt->backend->definition(attempt->machines[index]);

    attempt_add_artifact(attempt, name, NULL, "log", console);
    attempt_add_artifact(attempt, name, NULL, "definition", path);
    return file_write(path, definition, strlen(definition), error);
}

static void makings_free(Making *makings, size_t count)
{
    for (size_t i = 0; i < count; i++) {
        draft_clear(&makings[i].draft);
        g_clear_error(&makings[i].error);
    }
    g_free(makings);
}

/* An emulator needs a quarter of a second to begin, most of it waiting: all of a run's begin at the same time. */
static void make_all(Making *makings, size_t count)
{
    g_autofree GThread **threads = g_new0(GThread *, count);

    for (size_t i = 1; i < count; i++)
        threads[i] = g_thread_new("define", make_machine, &makings[i]);
    if (count > 0)
        make_machine(&makings[0]);
    for (size_t i = 1; i < count; i++)
        g_thread_join(threads[i]);
}

bool attempt_define(Attempt *attempt, GError **error)
{
    size_t count = attempt->spec->machine_count;
    Making *makings;
    bool ok = true;

    if (!open_host(attempt, error))
        return false;
    makings = g_new0(Making, count);
    for (size_t i = 0; i < count; i++) {
        makings[i] = (Making) { .attempt = attempt, .index = i };
        draft_fill(attempt, i, &makings[i].draft);
        if (ok && !(draft_root(attempt, i, &makings[i].draft, error) && draft_disks(attempt, i, false, &makings[i].draft, error))) {
            g_prefix_error(error, "machine '%s': ", attempt->spec->machines[i].name);
            ok = false;
        }
    }
    if (ok)
        make_all(makings, count);
    for (size_t i = 0; ok && i < count; i++)
        ok = make_again(&makings[i], error) && attempt_note_machine(attempt, i, error);
    fault_point("machines-made");
    attempt_overlays_forget(attempt);
    makings_free(makings, count);
    return ok;
}

/* --- boot --- */

bool attempt_boot(Attempt *attempt, GError **error)
{
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (!attempt->backend->boot(attempt->machines[i], error))
            return false;
    return true;
}

void attempt_warm(Attempt *attempt)
{
    static const char *const argv[] = { "/bin/sh", "-c", "echo ready", NULL };

    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        ExecRequest request = { .argv = argv, .timeout_ms = attempt_time_left_ms(attempt, WARM_LIMIT_MS) };
        g_autoptr(GError) problem = NULL;
        ExecResult result;

        for (unsigned times = 0; times < WARM_TIMES; times++)
            if (!attempt->backend->exec(attempt->machines[i], &request, &result, &problem)) {
                attempt_event(attempt, "problem", "%s", problem->message);
                break;
            }
    }
}

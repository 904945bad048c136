// SPDX-License-Identifier: GPL-3.0-or-later
/* What machines with disks have beyond others: an overlay to write to, a seed for cloud-init, a key for ssh. */
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/seed.h"
#include "runner/base/error.h"
#include "runner/base/fault.h"
#include "runner/base/files.h"
#include "runner/base/proc.h"
#include "runner/exec/attempt.h"
#include "runner/exec/lab.h"

enum { TOOL_LIMIT_MS = 60000, KEY_LIMIT = 16384 };

const char *attempt_channel(const Attempt *attempt, size_t machine)
{
    const char *wanted = attempt->spec->machines[machine].channel;
    const Image *image = attempt->images[machine];

    if (strcmp(wanted, "auto") != 0)
        return wanted;
    return image != NULL && image->channel != NULL ? image->channel : "agent";
}

bool attempt_needs_ssh(const Attempt *attempt)
{
    for (size_t i = 0; i < attempt->spec->machine_count; i++)
        if (strcmp(attempt_channel(attempt, i), "ssh") == 0)
            return true;
    return false;
}

static bool make_overlay(const char *base, const char *format, const char *path, GError **error)
{
    const char *argv[] = { "qemu-img", "create", "-q", "-f", "qcow2", "-b", base, "-F", format, path, NULL };
    ProcSpec spec = { .argv = argv, .timeout_ms = TOOL_LIMIT_MS };
    g_auto(ProcResult) result = { 0 };

    if (proc_run_checked(&spec, &result, error))
        return true;
    g_prefix_error(error, "could not make a disk over '%s': ", base);
    if (g_find_program_in_path("qemu-img") == NULL)
        error_hint(error, "'sudo apt-get install -y qemu-utils' installs qemu-img.");
    return false;
}

bool attempt_overlay(Attempt *attempt, size_t machine, bool saving, char **ret_path, GError **error)
{
    const Image *image = attempt->images[machine];
    const MemoryImage *memory = attempt->memories != NULL ? attempt->memories[machine] : NULL;
    g_autofree char *saved = memory != NULL ? memory_image_disk(memory) : NULL;
    g_autofree char *own = attempt_path(attempt, "%s" LAB_OVERLAY_SUFFIX, attempt->spec->machines[machine].name);
    const char *path = saving ? saved : own;
    bool above = !saving && saved != NULL;

    if (!make_overlay(above ? saved : image->disk_path, above ? "qcow2" : image->disk_format, path, error))
        return false;
    if (attempt->job->uri != NULL && chmod(path, 0666) != 0) /* the emulator of a daemon is somebody else */
        return error_set_errno(error, ERROR_HOST, "could not open '%s' to everybody", path);
    if (!saving) {
        if (attempt->overlays == NULL)
            attempt->overlays = g_ptr_array_new_with_free_func(g_free);
        g_ptr_array_add(attempt->overlays, g_strdup(path));
        fault_point("disk-made");
    }
    *ret_path = g_strdup(path);
    return true;
}

void attempt_overlays_forget(Attempt *attempt)
{
    for (guint i = 0; attempt->overlays != NULL && i < attempt->overlays->len; i++)
        unlink(attempt->overlays->pdata[i]);
    g_clear_pointer(&attempt->overlays, g_ptr_array_unref);
}

static bool make_key(const char *path, GError **error)
{
    const char *argv[] = { "ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-C", "trialbed", "-f", path, NULL };
    ProcSpec spec = { .argv = argv, .timeout_ms = TOOL_LIMIT_MS };
    g_auto(ProcResult) result = { 0 };

    if (proc_run_checked(&spec, &result, error))
        return true;
    if (g_find_program_in_path("ssh-keygen") == NULL)
        error_hint(error, "'sudo apt-get install -y openssh-client' installs ssh and ssh-keygen.");
    return false;
}

bool attempt_ssh_key(Attempt *attempt, size_t machine, const char **ret_key, GError **error)
{
    g_autofree char *path = NULL;

    if (attempt->job->uri != NULL) {
        error_set(error, ERROR_HOST, "'channel: ssh' needs machines of the embedded libvirt");
        error_hint(error, "leave --connect away, or reach the machine by an agent.");
        return false;
    }
    if (attempt->spec->machines[machine].ssh_key != NULL) {
        *ret_key = attempt->spec->machines[machine].ssh_key;
        return true;
    }
    if (attempt->ssh_key == NULL) {
        path = g_build_filename(attempt->scratch, "ssh-key", NULL);
        if (!make_key(path, error))
            return false;
        attempt->ssh_key = g_steal_pointer(&path);
    }
    *ret_key = attempt->ssh_key;
    return true;
}

/* The public half lies beside the private one. NULL: none there, so that the image has to know it already. */
static char *public_key(const char *private_key)
{
    g_autofree char *path = private_key != NULL ? g_strconcat(private_key, ".pub", NULL) : NULL;
    char *text = NULL;

    if (path == NULL || !file_read(path, KEY_LIMIT, &text, NULL, NULL))
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return text;
}

/* A machine that is saved gets names and addresses later, from its agent: its seed is the same for all runs. */
static void add_names(Attempt *attempt, const MachineConfig *config, GStringChunk *texts, GArray *cards, GArray *hosts)
{
    for (size_t i = 0; i < config->nic_count; i++) {
        g_autofree char *name = g_strdup_printf("eth%zu", i);
        SeedCard card = { g_string_chunk_insert(texts, name), config->nics[i].mac,
                          attempt_restores(attempt) ? NULL : config->nics[i].address };

        g_array_append_val(cards, card);
    }
    for (size_t i = 0; !attempt_restores(attempt) && i < attempt->spec->machine_count; i++) {
        const MachineSpec *machine = &attempt->spec->machines[i];

        for (size_t k = 0; k < machine->interface_count; k++) {
            SeedHost host = { machine->name, machine->interfaces[k].address };

            if (host.address != NULL && strcmp(host.address, "dhcp") != 0)
                g_array_append_val(hosts, host);
        }
    }
}

bool attempt_seed(Attempt *attempt, size_t machine, const MachineConfig *config, char **ret_path, GError **error)
{
    g_autofree char *path = g_strdup_printf("%s/%zu.seed", attempt->scratch, machine);
    g_autofree char *key = public_key(config->ssh_key);
    g_autofree char *instance = g_strdup_printf("trialbed-%s-%" G_GINT64_FORMAT, attempt->job->uuid, attempt->job->run_id);
    g_autoptr(GStringChunk) texts = g_string_chunk_new(64);
    g_autoptr(GArray) cards = g_array_new(FALSE, FALSE, sizeof(SeedCard));
    g_autoptr(GArray) hosts = g_array_new(FALSE, FALSE, sizeof(SeedHost));
    SeedCard ssh = { "ssh0", MACHINE_SSH_MAC, MACHINE_SSH_ADDRESS };
    Seed seed = { .instance = attempt_restores(attempt) ? "trialbed" : instance, .user = config->ssh_user, .public_key = key };

    add_names(attempt, config, texts, cards, hosts);
    if (config->ssh_port != 0)
        g_array_append_val(cards, ssh);
    seed.host_name = attempt_restores(attempt) ? NULL : config->name;
    seed.cards = (const SeedCard *) (void *) cards->data;
    seed.card_count = cards->len;
    seed.hosts = (const SeedHost *) (void *) hosts->data;
    seed.host_count = hosts->len;
    if (!seed_write(&seed, path, error))
        return false;
    *ret_path = g_steal_pointer(&path);
    return true;
}

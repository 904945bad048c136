// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-host.h"

#include <libvirt/virterror.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/vm/host-programs.h"
#include "runner/vm/libvirt-cache.h"
#include "runner/vm/libvirt-load.h"
#include "runner/vm/libvirt-users.h"

#define MACHINE_TYPE "pc"

/* Nothing of the host's own set-up may matter: no cgroups, no security labels, no mount namespaces of libvirt's beside ours. Without the filter
 * libvirt asks the emulator for every flag of its processor singly, 385 questions that the emulator reads byte by byte, a third of a second; with it,
 * for all at once. */
#define QEMU_CONF                                                                                                              \
    "stdio_handler = \"file\"\n"                                                                                                 \
    "security_driver = \"none\"\n"                                                                                               \
    "cgroup_controllers = []\n"                                                                                                  \
    "namespaces = []\n"                                                                                                          \
    "remember_owner = 0\n"                                                                                                       \
    "capability_filters = [\"cpu-unavailable-features\"]\n"
/* Without root libvirt refuses these two. */
#define QEMU_CONF_ROOT "user = \"root\"\ngroup = \"root\"\n"

#ifdef __SANITIZE_ADDRESS__
/* With libvirt's threads around, the leak check at the end crashes over its own notes of their thread-local storage. */
const char *__asan_default_options(void);

const char *__asan_default_options(void)
{
    return "intercept_tls_get_addr=0";
}
#endif

bool libvirt_error(GError **error, const char *format, ...)
{
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return error_set(error, ERROR_HOST, "%s: libvirt: %s", what, virGetLastErrorMessage());
}

static void say_nothing(void *data, virErrorPtr what)
{
    (void) data;
    (void) what; /* the caller gets it from virGetLastError() */
}

/* libvirt wants a running event loop for as long as the process lives; it has no way to be taken back. */
static gpointer event_loop(gpointer data)
{
    (void) data;
    while (virEventRunDefaultImpl() == 0)
        continue;
    return NULL;
}

static gpointer library_start(gpointer log_path)
{
    g_autofree char *outputs = g_strdup_printf("3:file:%s", (const char *) log_path);
    bool ok;

    g_setenv("LIBVIRT_LOG_OUTPUTS", outputs, FALSE);
    virSetErrorFunc(NULL, say_nothing);
    ok = virInitialize() == 0 && virEventRegisterDefaultImpl() == 0;
    if (ok)
        g_thread_unref(g_thread_new("libvirt events", event_loop, NULL));
    return GINT_TO_POINTER(ok);
}

static bool library_is_up(const char *log_path, GError **error)
{
    static GOnce once = G_ONCE_INIT;

    return GPOINTER_TO_INT(g_once(&once, library_start, (gpointer) log_path)) || libvirt_error(error, "could not start libvirt");
}

/* Without root the driver also writes below the user's own folders. None of it may outlive us or be shared. */
static bool user_folders_move(const char *root, GError **error)
{
    static const char *const names[] = { "XDG_RUNTIME_DIR", "XDG_CACHE_HOME", "XDG_CONFIG_HOME" };
    g_autofree char *folder = g_build_filename(root, "user", NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(names); i++)
        g_setenv(names[i], folder, TRUE);
    return folder_make(folder, error);
}

static bool embed_prepare(const char *root, const char *cache, GError **error)
{
    g_autofree char *folder = g_build_filename(root, "etc", NULL);
    g_autofree char *path = g_build_filename(folder, "qemu.conf", NULL);
    bool is_root = geteuid() == 0;
    const char *text = is_root ? QEMU_CONF QEMU_CONF_ROOT : QEMU_CONF;

    if (!folder_make(folder, error) || !file_write_atomic(path, text, strlen(text), error))
        return false;
    if (!(is_root ? libvirt_users_provide(folder, error) : user_folders_move(root, error)))
        return false;
    if (cache != NULL)
        libvirt_cache_load(cache, root);
    return true;
}

static bool connect_embedded(MachineHost *host, const MachineHostConfig *config, GError **error)
{
    g_autofree char *root = g_build_filename(config->scratch, "lv", NULL);
    g_autofree char *uri = g_strdup_printf("qemu:///embed?root=%s", root);

    if (!embed_prepare(root, config->cache, error))
        return false;
    host->connection = virConnectOpen(uri);
    if (host->connection != NULL)
        return true;
    libvirt_error(error, "could not open libvirt's embedded driver in '%s'", root);
    error_hint(error, "'sudo apt-get install libvirt-daemon-driver-qemu qemu-system-x86' installs what it needs.");
    return false;
}

static bool connect_uri(MachineHost *host, const char *uri, GError **error)
{
    host->connection = virConnectOpen(uri);
    if (host->connection != NULL)
        return true;
    libvirt_error(error, "could not connect to '%s'", uri);
    error_hint(error, "'virsh -c %s version' tries the same; without --connect no daemon is needed.", uri);
    return false;
}

static char *version_text(unsigned long version)
{
    return g_strdup_printf("%lu.%lu.%lu", version / 1000000, version / 1000 % 1000, version % 1000);
}

/* The first <path> of the domain capabilities is the emulator. */
static void path_text(GMarkupParseContext *context, const char *text, size_t size, gpointer data, GError **error)
{
    char **path = data;

    (void) error;
    if (*path == NULL && g_strcmp0(g_markup_parse_context_get_element(context), "path") == 0)
        *path = g_strndup(text, size);
}

static char *emulator_path(const char *capabilities)
{
    static const GMarkupParser parser = { .text = path_text };
    char *path = NULL;
    GMarkupParseContext *context = g_markup_parse_context_new(&parser, 0, &path, NULL);

    if (!g_markup_parse_context_parse(context, capabilities, -1, NULL))
        log_debug("libvirt's domain capabilities are no XML that we understand");
    g_markup_parse_context_free(context);
    return path;
}

static void facts_clear(MachineHostFacts *facts)
{
    g_free(facts->backend);
    g_free(facts->accelerator);
    g_free(facts->emulator);
    g_free(facts->emulator_version);
    g_free(facts->libvirt_version);
    *facts = (MachineHostFacts) { 0 };
}

/* Asking for the capabilities is also what makes libvirt look at its emulators. */
static bool facts_read(MachineHost *host, const char *accel, GError **error)
{
    const char *type = g_str_equal(accel, "kvm") ? "kvm" : "qemu";
    g_autofree char *capabilities = virConnectGetDomainCapabilities(host->connection, NULL, MACHINE_ARCH, MACHINE_TYPE, type, 0);
    unsigned long emulator = 0, library = 0;

    if (capabilities == NULL)
        return libvirt_error(error, "this host cannot run machines of type '%s' (%s)", MACHINE_TYPE, accel);
    if (virConnectGetVersion(host->connection, &emulator) != 0 || virConnectGetLibVersion(host->connection, &library) != 0)
        return libvirt_error(error, "could not learn the versions of emulator and libvirt");
    host->facts.backend = g_strdup("libvirt");
    host->facts.accelerator = g_strdup(accel);
    host->facts.emulator = emulator_path(capabilities);
    host->facts.emulator_version = version_text(emulator);
    host->facts.libvirt_version = version_text(library);
    return host->facts.emulator != NULL || error_set(error, ERROR_HOST, "libvirt does not say which emulator it uses");
}

static bool relabels(virConnectPtr connection)
{
    g_autofree char *capabilities = virConnectGetCapabilities(connection);

    return capabilities != NULL && strstr(capabilities, "<model>dac</model>") != NULL;
}

static bool host_connect(MachineHost *host, const MachineHostConfig *config, GError **error)
{
    g_autofree char *root = g_build_filename(config->scratch, "lv", NULL);

    if (config->uri != NULL) {
        if (!connect_uri(host, config->uri, error) || !facts_read(host, config->accel, error))
            return false;
        host->relabels = relabels(host->connection);
        return true;
    }
    if (!connect_embedded(host, config, error) || !facts_read(host, config->accel, error))
        return false;
    if (config->cache != NULL)
        libvirt_cache_store(config->cache, root);
    return true;
}

/* Whoever runs ssh's clients, in a folder of its own: steps on the host have such programs, too. */
static bool programs_open(MachineHost *host, const MachineHostConfig *config, GError **error)
{
    g_autofree char *folder = g_build_filename(config->scratch, "ssh", NULL);

    if (!config->ssh)
        return true;
    host->programs = folder_make(folder, error) ? host_programs_open(folder, error) : NULL;
    return host->programs != NULL;
}

static MachineHost *open_connected(const MachineHostConfig *config, GError **error)
{
    g_autofree char *log_path = g_build_filename(config->scratch, "libvirt.log", NULL);
    MachineHost *host = g_new0(MachineHost, 1);

    host->scratch = g_strdup(config->scratch);
    host->embedded = config->uri == NULL;
    if (libvirt_load(error) && library_is_up(log_path, error) && host_connect(host, config, error))
        return host;
    libvirt_host_close(host);
    return NULL;
}

/* What libvirt_host_ahead() has opened. */
static MachineHost *ahead;

/* NULL without *error: nothing. */
static MachineHost *take_ahead(const MachineHostConfig *config, GError **error)
{
    MachineHost *host = NULL;

    if (ahead != NULL && config->uri == NULL && g_str_equal(ahead->scratch, config->scratch))
        host = g_steal_pointer(&ahead);
    if (host == NULL || g_str_equal(host->facts.accelerator, config->accel))
        return host;
    facts_clear(&host->facts);
    if (!facts_read(host, config->accel, error))
        g_clear_pointer(&host, libvirt_host_close);
    return host;
}

MachineHost *libvirt_host_open(const MachineHostConfig *config, GError **error)
{
    g_autoptr(GError) problem = NULL;
    MachineHost *host = take_ahead(config, &problem);

    if (host == NULL && problem == NULL)
        host = open_connected(config, &problem);
    if (host != NULL && !programs_open(host, config, &problem))
        g_clear_pointer(&host, libvirt_host_close);
    if (host == NULL)
        g_propagate_error(error, g_steal_pointer(&problem));
    return host;
}

void libvirt_host_ahead(const MachineHostConfig *config)
{
    g_autoptr(GError) problem = NULL;

    ahead = open_connected(config, &problem);
    if (ahead == NULL)
        log_debug("%s", problem->message);
}

void libvirt_host_close(MachineHost *host)
{
    if (host->connection != NULL)
        virConnectClose(host->connection);
    host_programs_close(host->programs);
    facts_clear(&host->facts);
    g_free(host->scratch);
    g_free(host);
}

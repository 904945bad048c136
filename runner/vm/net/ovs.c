// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/ovs.h"

#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/daemon.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/proc.h"

enum { COMMAND_TIMEOUT_MS = 20000, START_TIMEOUT_MS = 15000, STOP_PATIENCE_MS = 1000, POLL_US = 2000 };

#define SCHEMA "/usr/share/openvswitch/vswitch.ovsschema"

struct Ovs {
    char *folder, *database, *socket_path, *log_path;
    Daemon *server, *daemon;
};

bool ovs_is_installed(void)
{
    g_autofree char *server = g_find_program_in_path("ovsdb-server"), *daemon = g_find_program_in_path("ovs-vswitchd");

    return server != NULL && daemon != NULL && g_file_test(SCHEMA, G_FILE_TEST_EXISTS);
}

static bool run(const Ovs *ovs, const char *const *argv, GError **error)
{
    g_autofree char *rundir = g_strconcat("OVS_RUNDIR=", ovs->folder, NULL);
    const char *const environment[] = { rundir, NULL };
    const ProcSpec spec = { .argv = argv, .environment = environment, .timeout_ms = COMMAND_TIMEOUT_MS };
    g_auto(ProcResult) result = { 0 };

    return proc_run_checked(&spec, &result, error);
}

/* Runs in the foreground, logs to a file of ours, and has a control socket in our folder. */
static Daemon *start(const Ovs *ovs, const char *program, const char *first, const char *second, GError **error)
{
    g_autofree char *rundir = g_strconcat("OVS_RUNDIR=", ovs->folder, NULL);
    g_autofree char *control = g_strdup_printf("--unixctl=%s/%s.ctl", ovs->folder, program);
    const char *const environment[] = { rundir, NULL };
    const char *const argv[] = { program, "-vconsole:warn", "-vsyslog:off", control, first, second, NULL };
    const DaemonSpec spec = { .argv = argv, .environment = environment, .log_path = ovs->log_path, .channel = -1, .network = -1 };

    return daemon_start(&spec, error);
}

static bool wait_for(const char *path, Daemon *daemon, GError **error)
{
    int64_t deadline_ns = clock_monotonic_ns() + (int64_t) START_TIMEOUT_MS * 1000000;
    g_autofree char *why = NULL;

    while (access(path, F_OK) != 0) {
        if (!daemon_is_running(daemon, &why))
            return error_set(error, ERROR_HOST, "%s", why);
        if (clock_monotonic_ns() > deadline_ns)
            return error_set(error, ERROR_HOST, "Open vSwitch made no '%s' within %d ms", path, START_TIMEOUT_MS);
        g_usleep(POLL_US);
    }
    return true;
}

static bool start_all(Ovs *ovs, GError **error)
{
    g_autofree char *punix = g_strconcat("--remote=punix:", ovs->socket_path, NULL);
    g_autofree char *control = g_build_filename(ovs->folder, "ovs-vswitchd.ctl", NULL);
    g_autofree char *unix_path = g_strconcat("unix:", ovs->socket_path, NULL);
    g_autofree char *db = g_strconcat("--db=", unix_path, NULL);

    if (!run(ovs, (const char *const[]) { "ovsdb-tool", "create", ovs->database, SCHEMA, NULL }, error))
        return false;
    ovs->server = start(ovs, "ovsdb-server", punix, ovs->database, error);
    if (ovs->server == NULL || !wait_for(ovs->socket_path, ovs->server, error)
        || !run(ovs, (const char *const[]) { "ovs-vsctl", db, "--no-wait", "init", NULL }, error))
        return false;
    ovs->daemon = start(ovs, "ovs-vswitchd", unix_path, NULL, error);
    return ovs->daemon != NULL && wait_for(control, ovs->daemon, error);
}

Ovs *ovs_start(const char *folder, GError **error)
{
    Ovs *ovs = g_new0(Ovs, 1);

    ovs->folder = g_strdup(folder);
    ovs->database = g_build_filename(folder, "conf.db", NULL);
    ovs->socket_path = g_build_filename(folder, "db.sock", NULL);
    ovs->log_path = g_build_filename(folder, "ovs.log", NULL);
    if (folder_make(folder, error) && start_all(ovs, error))
        return ovs;
    g_prefix_error(error, "Open vSwitch: ");
    ovs_stop(ovs);
    return NULL;
}

void ovs_stop(Ovs *ovs)
{
    if (ovs == NULL)
        return;
    daemon_stop(ovs->daemon, STOP_PATIENCE_MS);
    daemon_stop(ovs->server, STOP_PATIENCE_MS);
    g_free(ovs->folder);
    g_free(ovs->database);
    g_free(ovs->socket_path);
    g_free(ovs->log_path);
    g_free(ovs);
}

/* ovs-vsctl with the words of `command`, which this frees. It returns when the switch has done it. */
static bool vsctl(const Ovs *ovs, GPtrArray *command, GError **error)
{
    g_autofree char *db = g_strconcat("--db=unix:", ovs->socket_path, NULL);
    bool ok;

    g_ptr_array_insert(command, 0, g_strdup("ovs-vsctl"));
    g_ptr_array_insert(command, 1, g_steal_pointer(&db));
    g_ptr_array_insert(command, 2, g_strdup("--timeout=15"));
    g_ptr_array_add(command, NULL);
    ok = run(ovs, (const char *const *) command->pdata, error);
    g_ptr_array_unref(command);
    return ok;
}

static void add(GPtrArray *command, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GPtrArray *command, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(command, g_strdup_vprintf(format, args));
    va_end(args);
}

static void add_words(GPtrArray *command, const char *words)
{
    g_auto(GStrv) parts = g_strsplit(words, " ", -1);

    for (char **part = parts; *part != NULL; part++)
        g_ptr_array_add(command, g_strdup(*part));
}

/* With a controller the switch does what that says (kvm-compose's meaning), and nothing when it is gone; without one it is a
 * learning switch. Its flows are never in-band: the controller is no part of the experiment's networks. */
bool ovs_bridge_add(Ovs *ovs, const OvsBridge *bridge, GError **error)
{
    GPtrArray *command = g_ptr_array_new_with_free_func(g_free);

    add(command, "add-br");
    add(command, "%s", bridge->name);
    add_words(command, "-- set bridge");
    add(command, "%s", bridge->name);
    add_words(command, "datapath_type=netdev other-config:disable-in-band=true");
    add(command, "fail_mode=%s", bridge->controller != NULL ? "secure" : "standalone");
    if (bridge->protocol != NULL)
        add(command, "protocols=%s", bridge->protocol);
    if (bridge->controller != NULL) {
        add_words(command, "-- set-controller");
        add(command, "%s", bridge->name);
        add(command, "%s", bridge->controller);
    }
    return vsctl(ovs, command, error);
}

bool ovs_port_add(Ovs *ovs, const char *bridge, const char *interface, unsigned number, unsigned vlan, char *const *trunk, GError **error)
{
    GPtrArray *command = g_ptr_array_new_with_free_func(g_free);

    add(command, "add-port");
    add(command, "%s", bridge);
    add(command, "%s", interface);
    if (vlan != 0)
        add(command, "tag=%u", vlan);
    if (trunk != NULL) {
        g_autofree char *list = g_strjoinv(",", (char **) trunk);

        add(command, "trunks=%s", list);
        add(command, "vlan_mode=trunk");
    }
    add_words(command, "-- set interface");
    add(command, "%s", interface);
    add(command, "ofport_request=%u", number);
    return vsctl(ovs, command, error);
}

bool ovs_mirror_add(Ovs *ovs, const char *bridge, const char *interface, GError **error)
{
    GPtrArray *command = g_ptr_array_new_with_free_func(g_free);

    add(command, "add-port");
    add(command, "%s", bridge);
    add(command, "%s", interface);
    add_words(command, "-- --id=@port get port");
    add(command, "%s", interface);
    add_words(command, "-- --id=@mirror create mirror name=capture select_all=true output_port=@port -- set bridge");
    add(command, "%s", bridge);
    add(command, "mirrors=@mirror");
    return vsctl(ovs, command, error);
}

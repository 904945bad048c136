// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/environment.h"

#include <string.h>
#include <sys/utsname.h>
#include <unistd.h>

#include "db/records.h"
#include "runner/base/proc.h"
#include "runner/base/version.h"
#include "runner/exec/environment-tables.h"
#include "runner/vm/libvirt-version.h"

void environment_add(Environment *environment, const char *key, const char *value)
{
    KeyValue pair;

    if (value == NULL)
        return;
    pair.key = g_strdup(key);
    pair.value = g_strdup(value);
    g_ptr_array_add(environment->texts, (char *) pair.key);
    g_ptr_array_add(environment->texts, (char *) pair.value);
    g_array_append_val(environment->pairs, pair);
}

const char *environment_stored(const Table *environment, const char *key)
{
    for (size_t row = 0; row < environment->row_count; row++)
        if (strcmp(table_text(environment, row, "key"), key) == 0)
            return table_text(environment, row, "value");
    return NULL;
}

char *environment_proc_value(const char *path, const char *key)
{
    g_autofree char *text = NULL;
    g_auto(GStrv) lines = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    lines = g_strsplit(text, "\n", -1);
    for (char **line = lines; *line != NULL; line++) {
        char *colon = strchr(*line, ':');

        if (colon == NULL)
            continue;
        *colon = '\0';
        if (strcmp(g_strchomp(*line), key) == 0)
            return g_strdup(g_strstrip(colon + 1));
    }
    return NULL;
}

unsigned environment_free_memory_mb(void)
{
    g_autofree char *text = environment_proc_value("/proc/meminfo", "MemAvailable");

    return text != NULL ? (unsigned) (g_ascii_strtoull(text, NULL, 10) / 1024) : 0;
}

char *environment_program_version(const char *program)
{
    const char *argv[] = { program, "--version", NULL };
    ProcSpec spec = { .argv = argv, .timeout_ms = 10000 };
    g_auto(ProcResult) result = { 0 };

    if (!proc_run_checked(&spec, &result, NULL))
        return NULL;
    return g_strndup(result.output, strcspn(result.output, "\n"));
}

static void add_owned(Environment *environment, const char *key, char *value)
{
    environment_add(environment, key, value);
    g_free(value);
}

/* The first line of a file; NULL when there is none. */
static char *first_line(const char *path)
{
    char *text = NULL;

    if (!g_file_get_contents(path, &text, NULL, NULL))
        return NULL;
    text[strcspn(text, "\n")] = '\0';
    return text;
}

static void add_files(Environment *environment)
{
    for (size_t i = 0; i < G_N_ELEMENTS(environment_files); i++)
        add_owned(environment, environment_files[i].key, first_line(environment_files[i].path));
    for (size_t i = 0; i < G_N_ELEMENTS(environment_sysctls); i++) {
        g_autofree char *key = g_strconcat("sysctl.", environment_sysctls[i], NULL);
        g_autofree char *path = g_strconcat("/proc/sys/", environment_sysctls[i], NULL);

        g_strdelimit(path + strlen("/proc/sys/"), ".", '/');
        add_owned(environment, key, first_line(path));
    }
}

/* As a shell would take it again. */
static char *command_line(void)
{
    g_autofree char *bytes = NULL;
    g_autoptr(GString) line = g_string_new(NULL);
    gsize size;

    if (!g_file_get_contents("/proc/self/cmdline", &bytes, &size, NULL))
        return NULL;
    for (gsize at = 0; at < size; at += strlen(bytes + at) + 1) {
        bool plain = bytes[at] != '\0' && bytes[at + strcspn(bytes + at, " \t\n\"'\\$`!*?[](){}<>|&;~#")] == '\0';
        g_autofree char *quoted = plain ? g_strdup(bytes + at) : g_shell_quote(bytes + at);

        g_string_append_printf(line, "%s%s", at > 0 ? " " : "", quoted);
    }
    return g_utf8_make_valid(line->str, (gssize) line->len);
}

static int compare_keys(const void *a, const void *b)
{
    return strcmp(((const KeyValue *) a)->key, ((const KeyValue *) b)->key);
}

Environment *environment_gather(void)
{
    Environment *environment = g_new0(Environment, 1);
    struct utsname names;

    environment->pairs = g_array_new(FALSE, FALSE, sizeof(KeyValue));
    environment->texts = g_ptr_array_new_with_free_func(g_free);
    add_owned(environment, "command", command_line());
    add_files(environment);
    add_owned(environment, "cpu.cores", g_strdup_printf("%ld", sysconf(_SC_NPROCESSORS_ONLN)));
    add_owned(environment, "cpu.microcode", environment_proc_value("/proc/cpuinfo", "microcode"));
    add_owned(environment, "cpu.model", environment_proc_value("/proc/cpuinfo", "model name"));
    if (uname(&names) == 0) {
        environment_add(environment, "host.arch", names.machine);
        environment_add(environment, "host.kernel", names.release);
        environment_add(environment, "host.kernel_build", names.version);
        environment_add(environment, "host.name", names.nodename);
    }
    add_owned(environment, "host.user", g_strdup(geteuid() == 0 ? "root" : "unprivileged"));
    add_owned(environment, "memory.swap", environment_proc_value("/proc/meminfo", "SwapTotal"));
    add_owned(environment, "memory.total", environment_proc_value("/proc/meminfo", "MemTotal"));
    environment_add(environment, "version.build", program_build);
    add_owned(environment, "version.gnuplot", environment_program_version("gnuplot"));
    add_owned(environment, "version.libvirt", libvirt_library_version());
    add_owned(environment, "version.qemu", environment_program_version("qemu-system-x86_64"));
    environment_add(environment, "version.trialbed", program_version);
    g_array_sort(environment->pairs, compare_keys);
    return environment;
}

void environment_free(Environment *environment)
{
    if (environment == NULL)
        return;
    g_array_unref(environment->pairs);
    g_ptr_array_unref(environment->texts);
    g_free(environment);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/apt.h"

#include <errno.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/base/proc.h"

enum { LOOK_UP_TIMEOUT_MS = 60000, DOWNLOAD_TIMEOUT_MS = 1800000, LISTS_AGE_S = 24 * 3600 };

static const char *const plain_output[] = { "LC_ALL=C", NULL };

struct AptLists {
    GPtrArray *options; /* char *: what apt is told before its command */
};

static void add_option(AptLists *lists, const char *name, const char *folder, const char *below)
{
    g_autofree char *value = folder != NULL ? g_build_filename(folder, below, NULL) : g_strdup(below);

    g_ptr_array_add(lists->options, g_strdup_printf("-o%s=%s", name, value));
}

/* "apt-get" and what the lists want it to be told. */
static GPtrArray *command_new(const AptLists *lists, const char *program)
{
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);

    g_ptr_array_add(argv, g_strdup(program));
    for (unsigned i = 0; lists != NULL && i < lists->options->len; i++)
        g_ptr_array_add(argv, g_strdup(lists->options->pdata[i]));
    return argv;
}

static bool update(const AptLists *lists, GError **error)
{
    ProcSpec spec = { .environment = plain_output, .timeout_ms = DOWNLOAD_TIMEOUT_MS };
    g_autoptr(GPtrArray) argv = command_new(lists, "apt-get");
    g_auto(ProcResult) result = { 0 };

    g_ptr_array_add(argv, g_strdup("-q"));
    g_ptr_array_add(argv, g_strdup("update"));
    g_ptr_array_add(argv, NULL);
    spec.argv = (const char *const *) argv->pdata;
    return proc_run_checked(&spec, &result, error);
}

/* The file that apt believes to list what is installed, which is nothing, has the time of the last update. */
static bool lists_refresh(const AptLists *lists, const char *folder, GError **error)
{
    g_autofree char *status = g_build_filename(folder, "status", NULL);
    struct stat info;

    if (stat(status, &info) == 0 && info.st_mtime + LISTS_AGE_S > clock_realtime_ns() / 1000000000)
        return true;
    if (stat(status, &info) != 0 && !file_write(status, "", 0, error))
        return false;
    log_info("bringing apt's lists of another architecture up to date");
    return update(lists, error) && file_write(status, "", 0, error);
}

AptLists *apt_lists_open(const char *architecture, const char *folder, GError **error)
{
    static const char *const folders[] = { "lists/partial", "archives/partial" };
    g_autoptr(AptLists) lists = g_new0(AptLists, 1);

    lists->options = g_ptr_array_new_with_free_func(g_free);
    add_option(lists, "APT::Architecture", NULL, architecture);
    add_option(lists, "APT::Architectures", NULL, architecture);
    add_option(lists, "APT::Sandbox::User", NULL, "root"); /* its own user may not be able to enter our folder */
    add_option(lists, "Acquire::Languages", NULL, "none");
    add_option(lists, "Dir::State::lists", folder, "lists");
    add_option(lists, "Dir::State::status", folder, "status");
    add_option(lists, "Dir::State::extended_states", folder, "extended_states");
    add_option(lists, "Dir::Cache", folder, "");
    for (size_t i = 0; i < G_N_ELEMENTS(folders); i++) {
        g_autofree char *path = g_build_filename(folder, folders[i], NULL);

        if (!folder_make(path, error))
            return NULL;
    }
    return lists_refresh(lists, folder, error) ? g_steal_pointer(&lists) : NULL;
}

void apt_lists_close(AptLists *lists)
{
    if (lists == NULL)
        return;
    g_ptr_array_unref(lists->options);
    g_free(lists);
}

void package_free(void *data)
{
    Package *package = data;

    g_free(package->name);
    g_free(package->version);
    g_free(package->architecture);
    g_free(package->depends);
    g_free(package->sha256);
    g_free(package->path);
    g_free(package);
}

/* The value of "Key: value" in a stanza, or NULL. Caller frees. */
static char *stanza_value(const char *stanza, const char *key)
{
    size_t length = strlen(key);

    for (const char *line = stanza; line != NULL; line = strchr(line, '\n')) {
        line += line[0] == '\n';
        if (strncmp(line, key, length) == 0 && line[length] == ':')
            return g_strstrip(g_strndup(line + length + 1, strcspn(line + length + 1, "\n")));
    }
    return NULL;
}

/* NULL when it is another package, or a version that is only installed and cannot be downloaded. */
static Package *stanza_package(const char *stanza, const char *name)
{
    g_autofree char *found = stanza_value(stanza, "Package");
    g_autofree char *file = stanza_value(stanza, "Filename");
    g_autofree char *sha256 = stanza_value(stanza, "SHA256");
    g_autofree char *size = stanza_value(stanza, "Size");
    Package *package;

    if (g_strcmp0(found, name) != 0 || file == NULL || sha256 == NULL || size == NULL)
        return NULL;
    package = g_new0(Package, 1);
    package->name = g_steal_pointer(&found);
    package->version = stanza_value(stanza, "Version");
    package->architecture = stanza_value(stanza, "Architecture");
    package->depends = stanza_value(stanza, "Depends");
    package->sha256 = g_steal_pointer(&sha256);
    package->size_bytes = g_ascii_strtoll(size, NULL, 10);
    return package;
}

/* apt lists the newest version first. */
static Package *find_package(char **stanzas, const char *name)
{
    for (char **stanza = stanzas; *stanza != NULL; stanza++) {
        Package *package = stanza_package(*stanza, name);

        if (package != NULL)
            return package;
    }
    return NULL;
}

static bool show(const AptLists *lists, const char *const *names, char ***ret_stanzas, GError **error)
{
    ProcSpec spec = { .environment = plain_output, .timeout_ms = LOOK_UP_TIMEOUT_MS };
    g_autoptr(GPtrArray) argv = command_new(lists, "apt-cache");
    g_auto(ProcResult) result = { 0 };

    g_ptr_array_add(argv, g_strdup("show"));
    for (; *names != NULL; names++)
        g_ptr_array_add(argv, g_strdup(*names));
    g_ptr_array_add(argv, NULL);
    spec.argv = (const char *const *) argv->pdata;
    if (!proc_run(&spec, &result, error)) {
        error_hint(error, "images are built from packages of Debian, so this host or container needs apt.");
        return false;
    }
    *ret_stanzas = g_strsplit(result.output, "\n\n", -1); /* a name it does not know is told by its absence */
    return true;
}

bool apt_resolve(const AptLists *lists, const char *const *names, GPtrArray **ret_packages, GError **error)
{
    g_autoptr(GPtrArray) packages = g_ptr_array_new_with_free_func(package_free);
    g_auto(GStrv) stanzas = NULL;

    if (!show(lists, names, &stanzas, error))
        return false;
    for (; *names != NULL; names++) {
        Package *package = find_package(stanzas, *names);

        if (package == NULL) {
            error_set(error, ERROR_HOST, "package '%s': apt knows no version that can be downloaded", *names);
            error_hint(error, "'sudo apt-get update' brings apt's lists up to date.");
            return false;
        }
        g_ptr_array_add(packages, package);
    }
    *ret_packages = g_steal_pointer(&packages);
    return true;
}

char *package_dependency(const Package *package, const char *prefix)
{
    g_auto(GStrv) parts = g_strsplit_set(package->depends != NULL ? package->depends : "", ",|", -1);

    for (char **part = parts; *part != NULL; part++) {
        const char *name = g_strstrip(*part);

        if (g_str_has_prefix(name, prefix))
            return g_strndup(name, strcspn(name, " (:"));
    }
    return NULL;
}

/* As apt-get download calls it: the colon of an epoch is %3a. */
static char *file_name(const Package *package)
{
    g_auto(GStrv) parts = g_strsplit(package->version, ":", -1);
    g_autofree char *version = g_strjoinv("%3a", parts);

    return g_strdup_printf("%s_%s_%s.deb", package->name, version, package->architecture);
}

/* Whether `path` is this package, bit for bit. Not there is no error. */
static bool check_file(const Package *package, const char *path, bool *ret_is_there, GError **error)
{
    g_autofree char *sha256 = NULL;

    *ret_is_there = g_file_test(path, G_FILE_TEST_IS_REGULAR);
    if (!*ret_is_there)
        return true;
    if (!file_sha256(path, &sha256, NULL, error))
        return false;
    if (strcmp(sha256, package->sha256) == 0)
        return true;
    error_set(error, ERROR_DATA, "package '%s': file '%s' has SHA-256 %s, but apt's list says %s", package->name, path,
              sha256, package->sha256);
    error_hint(error, "remove the file and try again.");
    return false;
}

static bool run_download(const AptLists *lists, const char *folder, GPtrArray *missing, GError **error)
{
    ProcSpec spec = { .environment = plain_output, .folder = folder, .timeout_ms = DOWNLOAD_TIMEOUT_MS };
    g_autoptr(GPtrArray) argv = command_new(lists, "apt-get");
    g_auto(ProcResult) result = { 0 };

    g_ptr_array_add(argv, g_strdup("-q"));
    g_ptr_array_add(argv, g_strdup("-oAPT::Sandbox::User=root")); /* its own user may not be able to enter our folder */
    g_ptr_array_add(argv, g_strdup("download"));
    for (unsigned i = 0; i < missing->len; i++) {
        const Package *package = missing->pdata[i];

        g_ptr_array_add(argv, g_strdup_printf("%s=%s", package->name, package->version));
    }
    g_ptr_array_add(argv, NULL);
    spec.argv = (const char *const *) argv->pdata;
    if (proc_run_checked(&spec, &result, error))
        return true;
    error_hint(error, "'sudo apt-get update' helps when apt's lists are older than its server.");
    return false;
}

/* Whoever else downloads the same moves the same bytes to the same place. */
static bool move_checked(const Package *package, const char *from_folder, GError **error)
{
    g_autofree char *base = g_path_get_basename(package->path);
    g_autofree char *from = g_build_filename(from_folder, base, NULL);
    bool is_there = false;

    if (!check_file(package, from, &is_there, error))
        return false;
    if (!is_there)
        return error_set(error, ERROR_HOST, "package '%s': apt-get did not bring '%s'", package->name, base);
    if (rename(from, package->path) != 0)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", package->path);
    return true;
}

static bool download_missing(const AptLists *lists, const char *folder, GPtrArray *missing, GError **error)
{
    g_autofree char *temporary = g_build_filename(folder, ".download.XXXXXX", NULL);
    bool ok;

    if (g_mkdtemp(temporary) == NULL)
        return error_set_errno(error, ERROR_HOST, "could not make folder '%s'", temporary);
    ok = run_download(lists, temporary, missing, error);
    for (unsigned i = 0; ok && i < missing->len; i++)
        ok = move_checked(missing->pdata[i], temporary, error);
    if (!folder_remove(temporary, NULL))
        log_warning("could not remove folder '%s'", temporary);
    return ok;
}

bool apt_download(const AptLists *lists, const char *folder, GPtrArray *packages, GError **error)
{
    g_autoptr(GPtrArray) missing = g_ptr_array_new();
    int64_t missing_bytes = 0;

    if (!folder_make(folder, error))
        return false;
    for (unsigned i = 0; i < packages->len; i++) {
        Package *package = packages->pdata[i];
        g_autofree char *name = file_name(package);
        bool is_there = false;

        g_free(package->path);
        package->path = g_build_filename(folder, name, NULL);
        if (!check_file(package, package->path, &is_there, error))
            return false;
        if (is_there)
            continue;
        g_ptr_array_add(missing, package);
        missing_bytes += package->size_bytes;
    }
    if (missing->len == 0)
        return true;
    log_info("downloading %u packages (%.1f MB)", missing->len, (double) missing_bytes / 1e6);
    return download_missing(lists, folder, missing, error);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/disk.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "images/archives.h"
#include "images/blobs.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/base/proc.h"

enum { INSTALL_LIMIT_MS = 7200000, TOOL_LIMIT_MS = 1800000, LOOK_MS = 1000, BLOCK = 4096, FILES_LIMIT = 100000, LIST_LIMIT = 1 << 20 };

#define PACKAGE_LIST "/usr/share/trialbed/packages"

/* Time of all that was made while the image was made. */
static const char *const fixed_time[] = { "SOURCE_DATE_EPOCH=0", "LC_ALL=C.UTF-8", NULL };

/* --- what is added to the packages --- */

static bool add_module_file(const char *path, const FileEntry *entry, void *data)
{
    if (g_str_has_prefix(path, "usr/lib/modules/") && S_ISREG(entry->mode))
        file_tree_add_file(data, path, entry->mode & 0777, entry->data);
    return true;
}

static void add_lines(const Recipe *recipe, FileTree *tree)
{
    for (unsigned i = 0; i < recipe->disk_lines->len; i++) {
        const RecipePair *pair = recipe->disk_lines->pdata[i];

        file_tree_add_line(tree, pair->path + 1, pair->text);
    }
}

static bool write_additions(const Recipe *recipe, const FileTree *kernel_packages, const char *path, GError **error)
{
    g_autoptr(FileTree) tree = file_tree_new();
    g_autoptr(GBytes) agent = agent_blob();

    file_tree_foreach(kernel_packages, add_module_file, tree);
    file_tree_add_file(tree, "usr/local/sbin/trialbed-agent", 0755, agent);
    add_lines(recipe, tree);
    for (unsigned i = 0; i < recipe->disk_links->len; i++) {
        const RecipePair *pair = recipe->disk_links->pdata[i];

        file_tree_add_link(tree, pair->path + 1, pair->text);
    }
    for (unsigned i = 0; i < recipe->masks->len; i++) {
        g_autofree char *unit = g_strconcat("etc/systemd/system/", recipe->masks->pdata[i], NULL);

        file_tree_add_link(tree, unit, "/dev/null");
    }
    return tar_write(tree, path, error);
}

/* --- mmdebstrap --- */

/* The host's own lists of sources where it has the same release: they say which mirror is near. */
static void add_sources(GPtrArray *argv, const char *suite)
{
    static const char *const lists[] = { "/etc/apt/sources.list", "/etc/apt/sources.list.d/debian.sources" };

    for (size_t i = 0; i < G_N_ELEMENTS(lists); i++) {
        g_autofree char *text = NULL;

        if (file_read(lists[i], LIST_LIMIT, &text, NULL, NULL) && strstr(text, suite) != NULL)
            g_ptr_array_add(argv, g_strdup(lists[i]));
    }
}

/* Shells that mmdebstrap runs with the new root as $1. Byte code is bound to its source by no time: all times are set to the same. Host keys
 * are made by each machine. */
static void add_hooks(GPtrArray *argv, const char *additions, const char *version, const char *packages)
{
    g_ptr_array_add(argv, g_strdup_printf("--customize-hook=tar-in %s /", additions));
    g_ptr_array_add(argv, g_strdup_printf("--customize-hook=chroot \"$1\" depmod %s", version));
    g_ptr_array_add(argv, g_strdup("--customize-hook=chroot \"$1\" python3 -m compileall -q -f --invalidation-mode unchecked-hash "
                                   "/usr/lib/python3 /usr/lib/python3.11 >/dev/null || :"));
    g_ptr_array_add(argv, g_strdup("--customize-hook=rm -rf \"$1\"/etc/ssh/ssh_host_* \"$1\"/var/lib/cloud/* \"$1\"/var/log/*.log "
                                   "\"$1\"/var/log/apt \"$1\"/var/cache/ldconfig/aux-cache \"$1\"/var/lib/systemd/catalog/database"));
    g_ptr_array_add(argv, g_strdup("--customize-hook=mkdir -p \"$1\"/usr/share/trialbed; chroot \"$1\" dpkg-query -W "
                                   "-f '${Package}=${Version}\\n' >\"$1\"" PACKAGE_LIST));
    g_ptr_array_add(argv, g_strdup_printf("--customize-hook=download " PACKAGE_LIST " %s", packages));
}

static GPtrArray *install_arguments(const Recipe *recipe, const char *folder, const char *version)
{
    static const char *const options[] = {
        "mmdebstrap", "--variant=minbase", "--format=tar", "--aptopt=Apt::Install-Recommends \"false\"", "--dpkgopt=force-unsafe-io",
        "--dpkgopt=path-exclude=/usr/share/doc/*", "--dpkgopt=path-exclude=/usr/share/man/*", "--dpkgopt=path-exclude=/usr/share/locale/*",
        "--dpkgopt=path-exclude=/usr/share/info/*",
    };
    GPtrArray *argv = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *additions = g_build_filename(folder, "additions.tar", NULL);
    g_autofree char *packages = g_build_filename(folder, "packages", NULL);
    g_autofree char *names = NULL;

    for (size_t i = 0; i < G_N_ELEMENTS(options); i++)
        g_ptr_array_add(argv, g_strdup(options[i]));
    g_ptr_array_add(recipe->disk_packages, NULL);
    names = g_strjoinv(",", (char **) recipe->disk_packages->pdata);
    g_ptr_array_set_size(recipe->disk_packages, (int) recipe->disk_packages->len - 1);
    g_ptr_array_add(argv, g_strconcat("--include=", names, NULL));
    g_ptr_array_add(argv, g_strdup_printf("--logfile=%s/log", folder));
    add_hooks(argv, additions, version, packages);
    g_ptr_array_add(argv, g_strdup(recipe->suite->pdata[0]));
    g_ptr_array_add(argv, g_build_filename(folder, "root.tar", NULL));
    add_sources(argv, recipe->suite->pdata[0]);
    g_ptr_array_add(argv, NULL);
    return argv;
}

/* Says what the installer says, as it goes on. */
typedef struct Watch {
    char *log_path;
    gint done; /* atomic */
} Watch;

static gpointer watch_log(gpointer data)
{
    Watch *watch = data;
    g_autofree char *said = g_strdup("");

    while (!g_atomic_int_get(&watch->done)) {
        char *line = file_last_line(watch->log_path);

        if (line != NULL && g_str_has_prefix(line, "I: ") && strcmp(line, said) != 0)
            log_info("  %s", line + strlen("I: "));
        if (line != NULL) {
            g_free(said);
            said = line;
        }
        g_usleep(LOOK_MS * 1000);
    }
    return NULL;
}

void disk_hint_programs(GError **error)
{
    static const struct {
        const char *program, *package;
    } needed[] = { { "mmdebstrap", "mmdebstrap" }, { "genext2fs", "genext2fs" }, { "qemu-img", "qemu-utils" } };

    for (size_t i = 0; i < G_N_ELEMENTS(needed); i++) {
        g_autofree char *found = g_find_program_in_path(needed[i].program);

        if (found == NULL)
            error_hint(error, "'sudo apt-get install -y %s' installs %s.", needed[i].package, needed[i].program);
    }
}

static bool install(const Recipe *recipe, const char *folder, const char *version, GError **error)
{
    g_autoptr(GPtrArray) argv = install_arguments(recipe, folder, version);
    ProcSpec spec = { .argv = (const char *const *) argv->pdata, .environment = fixed_time, .timeout_ms = INSTALL_LIMIT_MS };
    g_auto(ProcResult) result = { 0 };
    Watch watch = { g_build_filename(folder, "log", NULL), FALSE };
    GThread *thread = g_thread_new("watch", watch_log, &watch);
    bool ok = proc_run_checked(&spec, &result, error);

    g_atomic_int_set(&watch.done, TRUE);
    g_thread_join(thread);
    if (!ok) {
        g_autofree char *line = file_last_line(watch.log_path);

        if (line != NULL)
            error_hint(error, "mmdebstrap said last: %s.", line);
    }
    g_free(watch.log_path);
    return ok;
}

/* --- the file system --- */

static bool run_tool(const char *const *argv, GError **error)
{
    ProcSpec spec = { .argv = argv, .environment = fixed_time, .timeout_ms = TOOL_LIMIT_MS };
    g_auto(ProcResult) result = { 0 };

    return proc_run_checked(&spec, &result, error);
}

/* No mount and no loop device: an ordinary user can do it. */
static bool make_disk(const Recipe *recipe, const char *folder, const char *disk, GError **error)
{
    uint64_t mib = g_ascii_strtoull(recipe->disk_mib->pdata[0], NULL, 10);
    g_autofree char *blocks = g_strdup_printf("%" G_GUINT64_FORMAT, (mib << 20) / BLOCK);
    g_autofree char *block = g_strdup_printf("%d", BLOCK), *files = g_strdup_printf("%d", FILES_LIMIT);
    g_autofree char *root = g_build_filename(folder, "root.tar", NULL), *raw = g_build_filename(folder, "disk.raw", NULL);
    const char *make[] = { "genext2fs", "-B", block, "-b", blocks, "-N", files, "-z", "-f", "-a", root, raw, NULL };
    const char *convert[] = { "qemu-img", "convert", "-f", "raw", "-O", "qcow2", raw, disk, NULL };

    log_info("  making a file system of %" G_GUINT64_FORMAT " MiB", mib);
    return run_tool(make, error) && run_tool(convert, error);
}

static bool read_packages(const char *folder, char ***ret_packages, GError **error)
{
    g_autofree char *path = g_build_filename(folder, "packages", NULL);
    g_autofree char *text = NULL;

    if (!file_read(path, LIST_LIMIT, &text, NULL, error))
        return false;
    *ret_packages = g_strsplit(g_strchomp(text), "\n", -1);
    return true;
}

bool disk_build(const Recipe *recipe, const FileTree *kernel_packages, const char *kernel_version, const char *folder, char **ret_path,
                char ***ret_packages, GError **error)
{
    g_autofree char *additions = g_build_filename(folder, "additions.tar", NULL);
    g_autofree char *disk = g_build_filename(folder, "disk.qcow2", NULL);

    log_info("  installing %s with mmdebstrap; this takes minutes", (char *) recipe->suite->pdata[0]);
    if (!write_additions(recipe, kernel_packages, additions, error) || !install(recipe, folder, kernel_version, error)
        || !make_disk(recipe, folder, disk, error) || !read_packages(folder, ret_packages, error)) {
        disk_hint_programs(error);
        return false;
    }
    *ret_path = g_steal_pointer(&disk);
    return true;
}

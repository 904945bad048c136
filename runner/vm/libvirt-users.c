// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/libvirt-users.h"

#include <grp.h>
#include <pwd.h>
#include <sched.h>
#include <string.h>
#include <sys/mount.h>

#include "runner/base/error.h"
#include "runner/base/files.h"

#define NAME "libvirt-qemu"
enum { FILE_LIMIT = 16 << 20 };

/* Put the file with one line more in its own place. */
static bool file_extend(const char *path, const char *line, const char *folder, GError **error)
{
    g_autofree char *base = g_path_get_basename(path);
    g_autofree char *copy = g_build_filename(folder, base, NULL);
    g_autofree char *before = NULL;
    g_autofree char *after = NULL;
    size_t size;

    if (!file_read(path, FILE_LIMIT, &before, &size, error))
        return false;
    after = g_strdup_printf("%s%s%s\n", before, g_str_has_suffix(before, "\n") ? "" : "\n", line);
    if (!file_write_atomic(copy, after, strlen(after), error))
        return false;
    return mount(copy, path, NULL, MS_BIND, NULL) == 0 || error_set_errno(error, ERROR_HOST, "could not mount '%s'", path);
}

bool libvirt_users_provide(const char *folder, GError **error)
{
    if (getpwnam(NAME) != NULL && getgrnam(NAME) != NULL)
        return true;
    if (unshare(CLONE_NEWNS) != 0 || mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make a mount namespace");
    return file_extend("/etc/passwd", NAME ":x:64055:64055::/nonexistent:/usr/sbin/nologin", folder, error)
        && file_extend("/etc/group", NAME ":x:64055:", folder, error);
}

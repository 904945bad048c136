// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/files.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <glib/gstdio.h>
#include <openssl/evp.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "runner/base/error.h"

enum { TAIL_BYTES = 4096 };

/* All bytes of a descriptor, and one more than the limit at most, whatever size the file says it has. False with
 * errno set. */
static bool fd_read_whole(int fd, size_t limit_bytes, GString *data)
{
    char buffer[65536];

    while (data->len <= limit_bytes) {
        size_t left = limit_bytes - data->len;
        ssize_t got = fd_read(fd, buffer, left < sizeof buffer ? left + 1 : sizeof buffer);

        if (got <= 0)
            return got == 0;
        g_string_append_len(data, buffer, got);
    }
    return true;
}

bool file_read(const char *path, size_t limit_bytes, char **ret_data, size_t *ret_size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK); /* a pipe without a writer must not hold us */
    g_autoptr(GString) data = g_string_new(NULL);
    struct stat info;
    bool ok = false;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    if (fstat(fd, &info) == 0 && !S_ISREG(info.st_mode))
        error_set(error, ERROR_HOST, "cannot read '%s': it is no ordinary file", path);
    else if (!fd_read_whole(fd, limit_bytes, data))
        error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    else if (data->len > limit_bytes)
        error_set(error, ERROR_HOST, "cannot read '%s': it has more than %zu bytes", path, limit_bytes);
    else
        ok = true;
    close(fd);
    if (!ok)
        return false;
    if (ret_size != NULL)
        *ret_size = data->len;
    *ret_data = g_string_free(g_steal_pointer(&data), FALSE);
    return true;
}

bool fd_write_all(int fd, const void *data, size_t size)
{
    while (size > 0) {
        ssize_t done = write(fd, data, size);

        if (done < 0 && errno == EINTR)
            continue;
        if (done < 0)
            return false;
        data = (const char *) data + done;
        size -= (size_t) done;
    }
    return true;
}

ssize_t fd_read(int fd, void *data, size_t size)
{
    ssize_t got;

    do
        got = read(fd, data, size);
    while (got < 0 && errno == EINTR);
    return got;
}

bool file_write(const char *path, const void *data, size_t size, GError **error)
{
    int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok = fd >= 0 && fd_write_all(fd, data, size);

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

bool file_sync(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok = fd >= 0 && (fsync(fd) == 0 || errno == EINVAL);

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not write '%s' to the disk", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* A file that has no name yet vanishes with a writer that is killed. Where the file system has none such, *ret_name is its name. */
static int draft_open(const char *path, char **ret_name)
{
    g_autofree char *folder = g_path_get_dirname(path);
    int fd = open(folder, O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);

    if (fd >= 0)
        return fd;
    *ret_name = g_strconcat(path, ".XXXXXX", NULL);
    return g_mkstemp_full(*ret_name, O_RDWR | O_CLOEXEC, 0644);
}

/* Only rename() replaces a file, so over an old one a draft needs a name of its own for a moment. */
static bool draft_publish(int fd, char **name, const char *path)
{
    g_autofree char *draft = g_strdup_printf("/proc/self/fd/%d", fd);

    if (*name == NULL) {
        if (linkat(AT_FDCWD, draft, AT_FDCWD, path, AT_SYMLINK_FOLLOW) == 0)
            return true;
        if (errno != EEXIST)
            return false;
        *name = g_strdup_printf("%s.%08x", path, g_random_int());
        if (linkat(AT_FDCWD, draft, AT_FDCWD, *name, AT_SYMLINK_FOLLOW) != 0)
            return false;
    }
    return rename(*name, path) == 0;
}

bool file_write_atomic(const char *path, const void *data, size_t size, GError **error)
{
    g_autofree char *name = NULL;
    int fd = draft_open(path, &name);

    if (fd >= 0 && fd_write_all(fd, data, size) && fsync(fd) == 0 && draft_publish(fd, &name, path)) {
        close(fd);
        return true;
    }
    error_set_errno(error, ERROR_HOST, "could not write '%s'", path);
    if (name != NULL)
        unlink(name);
    if (fd >= 0)
        close(fd);
    return false;
}

static char *hex(const unsigned char *digest, unsigned size)
{
    GString *text = g_string_new(NULL);

    for (unsigned i = 0; i < size; i++)
        g_string_append_printf(text, "%02x", digest[i]);
    return g_string_free(text, FALSE);
}

/* Read `fd` to its end; what is read goes to `copy` as well, unless that is -1. False with errno set. */
static bool digest_stream(int fd, int copy, char **ret_hex, int64_t *ret_size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_size = 0;
    g_autofree char *buffer = g_malloc(1 << 18);
    EVP_MD_CTX *context = EVP_MD_CTX_new();
    int64_t total = 0;
    bool ok = true;
    ssize_t got;
    int saved_errno;

    EVP_DigestInit_ex(context, EVP_sha256(), NULL);
    while (ok && (got = read(fd, buffer, 1 << 18)) != 0) {
        ok = got > 0 && (copy < 0 || fd_write_all(copy, buffer, (size_t) got));
        if (ok) {
            EVP_DigestUpdate(context, buffer, (size_t) got);
            total += got;
        }
    }
    saved_errno = errno;
    EVP_DigestFinal_ex(context, digest, &digest_size);
    EVP_MD_CTX_free(context);
    errno = saved_errno;
    if (!ok)
        return false;
    *ret_hex = hex(digest, digest_size);
    if (ret_size != NULL)
        *ret_size = total;
    return true;
}

bool file_sha256(const char *path, char **ret_hex, int64_t *ret_size, GError **error)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    ok = digest_stream(fd, -1, ret_hex, ret_size) || error_set_errno(error, ERROR_HOST, "could not read '%s'", path);
    close(fd);
    return ok;
}

bool file_copy(const char *source, const char *target, char **ret_hex, int64_t *ret_size, GError **error)
{
    int from = open(source, O_RDONLY | O_NONBLOCK | O_CLOEXEC), to; /* a pipe shall not keep us waiting */
    struct stat info;
    bool ok;

    if (from < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", source);
    if (fstat(from, &info) != 0 || !S_ISREG(info.st_mode)) {
        close(from);
        return error_set(error, ERROR_HOST, "could not read '%s': it is no ordinary file", source);
    }
    to = open(target, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0644);
    ok = to >= 0 && digest_stream(from, to, ret_hex, ret_size);
    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not copy '%s' to '%s'", source, target);
    if (to >= 0)
        close(to);
    close(from);
    return ok;
}

char *data_sha256(const void *data, size_t size)
{
    unsigned char digest[EVP_MAX_MD_SIZE];
    unsigned digest_size = 0;

    EVP_Digest(data, size, digest, &digest_size, EVP_sha256(), NULL);
    return hex(digest, digest_size);
}

char *file_last_line(const char *path)
{
    FILE *file = fopen(path, "re");
    char tail[TAIL_BYTES + 1];
    size_t size = 0;
    char *line;

    if (file == NULL)
        return NULL;
    if (fseek(file, -TAIL_BYTES, SEEK_END) != 0)
        rewind(file);
    size = fread(tail, 1, TAIL_BYTES, file);
    fclose(file);
    tail[size] = '\0';
    line = strrchr(g_strchomp(tail), '\n');
    line = line != NULL ? line + 1 : tail;
    return line[0] != '\0' ? g_utf8_make_valid(line, -1) : NULL;
}

bool folder_make(const char *path, GError **error)
{
    if (g_mkdir_with_parents(path, 0755) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make folder '%s'", path);
    return true;
}

static int remove_entry(const char *path, const struct stat *info, int kind, struct FTW *place)
{
    (void) info, (void) kind, (void) place;
    return remove(path) == 0 || errno == ENOENT ? 0 : -1; /* somebody else may remove the same: we go on */
}

bool folder_remove(const char *path, GError **error)
{
    if (nftw(path, remove_entry, 32, FTW_DEPTH | FTW_PHYS | FTW_MOUNT) != 0 && errno != ENOENT)
        return error_set_errno(error, ERROR_HOST, "could not remove folder '%s'", path);
    return true;
}

static bool list_into(const char *top, const char *below, GPtrArray *files, GError **error)
{
    g_autofree char *path = g_build_filename(top, below, NULL);
    g_autoptr(GDir) folder = g_dir_open(path, 0, NULL);
    const char *name;

    if (folder == NULL)
        return error_set_errno(error, ERROR_HOST, "could not list folder '%s'", path);
    while ((name = g_dir_read_name(folder)) != NULL) {
        g_autofree char *relative = below[0] != '\0' ? g_build_filename(below, name, NULL) : g_strdup(name);
        g_autofree char *full = g_build_filename(top, relative, NULL);
        struct stat info;

        if (lstat(full, &info) != 0)
            return error_set_errno(error, ERROR_HOST, "could not look at '%s'", full);
        if (S_ISREG(info.st_mode))
            g_ptr_array_add(files, g_steal_pointer(&relative));
        else if (S_ISDIR(info.st_mode) && !list_into(top, relative, files, error))
            return false;
    }
    return true;
}

static int compare_paths(const void *a, const void *b)
{
    return strcmp(*(const char *const *) a, *(const char *const *) b);
}

bool folder_list(const char *path, GPtrArray **ret_files, GError **error)
{
    g_autoptr(GPtrArray) files = g_ptr_array_new_with_free_func(g_free);

    if (!list_into(path, "", files, error))
        return false;
    g_ptr_array_sort(files, compare_paths);
    *ret_files = g_steal_pointer(&files);
    return true;
}

bool folder_sync_disk(const char *path, GError **error)
{
    int fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
    bool ok = fd >= 0 && syncfs(fd) == 0;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not write '%s' to the disk", path);
    if (fd >= 0)
        close(fd);
    return ok;
}

int64_t folder_free_bytes(const char *path)
{
    struct statvfs info;

    if (statvfs(path, &info) != 0)
        return -1;
    return (int64_t) info.f_bavail * (int64_t) info.f_frsize;
}

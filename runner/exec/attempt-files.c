// SPDX-License-Identifier: GPL-3.0-or-later
/* Files on their way into the machines and out of them. What counts is what the machine has: its own hash of it, or, where it has no
 * program for that, what can be read back. */
#include <fcntl.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/plan/scenario-files.h"

enum { FOLDER_MS = 10000, HASH_DIGITS = 64, HASH_BYTES_PER_MS = 1000, HASH_MS = 20000, FETCHES_MAX = 3, READ_BACK_BYTES = 64 << 10 };

typedef enum { HASH_KNOWN, HASH_UNKNOWN, HASH_FAILED } HashState;

static void gather(void *data, int stream, const char *bytes, size_t size)
{
    if (stream == 1)
        g_string_append_len(data, bytes, (gssize) size);
}

/* What the machine says of a file of about `size` bytes: 64 digits. HASH_UNKNOWN: it has no sha256sum. A name with odd characters is printed
 * with a backslash before the line. */
static HashState guest_sha256(Attempt *attempt, const char *machine, const char *path, int64_t size, char **ret_sha256, GError **error)
{
    static const char script[] = "command -v sha256sum >/dev/null || exit 0; exec sha256sum \"$1\"";
    const char *argv[] = { "/bin/sh", "-c", script, "hash", path, NULL };
    g_autoptr(GString) said = g_string_new(NULL);
    unsigned limit_ms = (unsigned) MIN(HASH_MS + size / HASH_BYTES_PER_MS, G_MAXINT);
    ExecRequest request = { .argv = argv, .timeout_ms = attempt_time_left_ms(attempt, limit_ms), .output = gather, .data = said };
    ExecResult result;
    const char *digits;

    if (!attempt_exec(attempt, machine, &request, &result, error))
        return HASH_FAILED;
    if (result.timed_out || result.exit_status != 0) {
        error_set(error, ERROR_HOST, "machine '%s' could not say what is in '%s': 'sha256sum' %s", machine, path,
                  result.timed_out ? "took too long" : "failed");
        return HASH_FAILED;
    }
    digits = said->str + (said->str[0] == '\\');
    if (strspn(digits, "0123456789abcdef") < HASH_DIGITS)
        return HASH_UNKNOWN;
    *ret_sha256 = g_strndup(digits, HASH_DIGITS);
    return HASH_KNOWN;
}

/* The folder that the file goes to. */
static bool make_folder(Attempt *attempt, const char *machine, const char *path, GError **error)
{
    g_autofree char *folder = g_path_get_dirname(path);
    const char *argv[] = { "mkdir", "-p", folder, NULL };
    ExecRequest request = { .argv = argv, .timeout_ms = attempt_time_left_ms(attempt, FOLDER_MS) };
    ExecResult result;

    if (strcmp(folder, "/") == 0)
        return true;
    if (!attempt_exec(attempt, machine, &request, &result, error))
        return false;
    return result.exit_status == 0
           || error_set(error, ERROR_HOST, "could not make folder '%s': 'mkdir' ended with status %d", folder, result.exit_status);
}

/* Out of the machine into a new file here. */
static bool read_to(Attempt *attempt, const char *machine, const char *path, const char *to, GError **error)
{
    int fd = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0644);
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not write '%s'", to);
    ok = attempt->backend->read_file(attempt_machine(attempt, machine), path, fd, error);
    if (close(fd) != 0 && ok)
        ok = error_set_errno(error, ERROR_HOST, "could not write '%s'", to);
    if (!ok)
        unlink(to);
    return ok;
}

static bool read_back(Attempt *attempt, const char *machine, const char *path, char **ret_sha256, GError **error)
{
    g_autofree char *copy = attempt_path(attempt, ".%s.check-%08x", machine, g_random_int());
    int64_t size;
    bool ok = read_to(attempt, machine, path, copy, error) && file_sha256(copy, ret_sha256, &size, error);

    unlink(copy);
    return ok;
}

/* A small file is read back as fast as a program is started. */
static bool verify(Attempt *attempt, const char *machine, const char *path, const char *sha256, int64_t size, GError **error)
{
    g_autofree char *there = NULL;
    HashState state = size > READ_BACK_BYTES ? guest_sha256(attempt, machine, path, size, &there, error) : HASH_UNKNOWN;

    if (state == HASH_FAILED || (state == HASH_UNKNOWN && !read_back(attempt, machine, path, &there, error)))
        return false;
    return strcmp(there, sha256) == 0 || error_set(error, ERROR_HOST, "it arrived with SHA-256 %s instead of %s", there, sha256);
}

static bool push(Attempt *attempt, const FileSpec *file, const char *name, const char *place, GError **error)
{
    unsigned mode = (unsigned) g_ascii_strtoull(file->mode, NULL, 8);
    g_autofree char *sha256 = NULL;
    int fd = open(place, O_RDONLY | O_CLOEXEC);
    int64_t size;
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not read '%s'", place);
    ok = file_sha256(place, &sha256, &size, error) && make_folder(attempt, name, file->path, error)
         && attempt->backend->write_file(attempt_machine(attempt, name), file->path, mode, fd, error)
         && verify(attempt, name, file->path, sha256, size, error);
    close(fd);
    if (!ok)
        g_prefix_error(error, "file '%s' to '%s' of machine '%s': ", file->source, file->path, name);
    return ok;
}

bool attempt_files(Attempt *attempt, GError **error)
{
    int64_t start_ns;
    bool ok = true;

    attempt_usage_begin(attempt);
    if (attempt->spec->file_count == 0)
        return true;
    start_ns = attempt_begin_phase(attempt, "files");
    for (size_t i = 0; ok && i < attempt->spec->file_count; i++) {
        const FileSpec *file = &attempt->spec->files[i];
        g_autofree char *place = scenario_file_place(attempt->scenario->folder, file->source);

        for (char **name = file->machines; ok && *name != NULL; name++)
            ok = push(attempt, file, *name, place, error);
    }
    attempt_end_phase(attempt, "files", start_ns);
    return ok;
}

bool attempt_put(Attempt *attempt, Machine *machine, const char *path, unsigned mode, const void *data, size_t size, GError **error)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    bool ok = fd >= 0 && fd_write_all(fd, data, size) && lseek(fd, 0, SEEK_SET) == 0;

    if (!ok)
        error_set_errno(error, ERROR_HOST, "could not make room for a file");
    ok = ok && attempt->backend->write_file(machine, path, mode, fd, error);
    if (fd >= 0)
        close(fd);
    return ok;
}

/* What the kernel makes up while it is read is another thing every time. */
static bool is_made_up(const char *path)
{
    return g_str_has_prefix(path, "/proc/") || g_str_has_prefix(path, "/sys/") || g_str_has_prefix(path, "/dev/");
}

/* One try. *ret_same: what came is what the machine has, or nobody can tell. *ret_there: what it has. */
static bool fetch_once(Attempt *attempt, const char *machine, const char *path, const char *to, bool *ret_same, char **ret_there,
                       GError **error)
{
    g_autofree char *here = NULL;
    int64_t size;

    *ret_same = true;
    if (!read_to(attempt, machine, path, to, error) || !file_sha256(to, &here, &size, error))
        return false;
    if (is_made_up(path))
        return true;
    switch (guest_sha256(attempt, machine, path, size, ret_there, error)) {
    case HASH_FAILED: return false;
    case HASH_UNKNOWN: return true;
    case HASH_KNOWN: *ret_same = strcmp(here, *ret_there) == 0; break;
    }
    return true;
}

bool attempt_fetch(Attempt *attempt, const char *machine, const char *path, const char *to, GError **error)
{
    g_autofree char *before = NULL;
    bool changes = false;

    for (int i = 0; i < FETCHES_MAX; i++) {
        g_autofree char *there = NULL;
        bool same;

        if (!fetch_once(attempt, machine, path, to, &same, &there, error))
            return false;
        if (same)
            return true;
        changes = changes || (before != NULL && strcmp(before, there) != 0);
        g_free(before);
        before = g_steal_pointer(&there);
    }
    if (changes) { /* such as the log of something that runs */
        attempt_event(attempt, "warning", "file '%s' of machine '%s' changed while it was fetched", path, machine);
        return true;
    }
    unlink(to);
    return error_set(error, ERROR_HOST, "it arrived otherwise than it is there, with SHA-256 %s", before);
}

// SPDX-License-Identifier: GPL-3.0-or-later
/* The scenario's files, on their way into the machines. */
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/plan/scenario-files.h"

enum { FILE_LIMIT = 512 << 20, FOLDER_MS = 10000 };

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

/* Read it back: what counts is what the machine has. */
static bool verify(Attempt *attempt, Machine *machine, const char *path, const char *sha256, GError **error)
{
    int fd = memfd_create("file", MFD_CLOEXEC);
    g_autofree char *copy = g_strdup_printf("/proc/self/fd/%d", fd);
    g_autofree char *there = NULL;
    int64_t size;
    bool ok;

    if (fd < 0)
        return error_set_errno(error, ERROR_HOST, "could not make room for a file");
    ok = attempt->backend->read_file(machine, path, fd, error) && file_sha256(copy, &there, &size, error);
    close(fd);
    if (ok && strcmp(there, sha256) != 0)
        return error_set(error, ERROR_HOST, "it arrived with SHA-256 %s instead of %s", there, sha256);
    return ok;
}

static bool push(Attempt *attempt, const FileSpec *file, const char *name, const char *data, size_t size, GError **error)
{
    g_autofree char *sha256 = data_sha256(data, size);
    unsigned mode = (unsigned) g_ascii_strtoull(file->mode, NULL, 8);
    Machine *machine = attempt_machine(attempt, name);

    if (make_folder(attempt, name, file->path, error)
        && attempt->backend->write_file(machine, file->path, mode, data, size, error)
        && verify(attempt, machine, file->path, sha256, error))
        return true;
    g_prefix_error(error, "file '%s' to '%s' of machine '%s': ", file->source, file->path, name);
    return false;
}

static bool push_to_all(Attempt *attempt, const FileSpec *file, GError **error)
{
    g_autofree char *place = scenario_file_place(attempt->scenario->folder, file->source);
    g_autofree char *data = NULL;
    size_t size;

    if (!file_read(place, FILE_LIMIT, &data, &size, error))
        return false;
    for (char **name = file->machines; *name != NULL; name++)
        if (!push(attempt, file, *name, data, size, error))
            return false;
    return true;
}

bool attempt_files(Attempt *attempt, GError **error)
{
    int64_t start_ns;
    bool ok = true;

    attempt_usage_begin(attempt);
    if (attempt->spec->file_count == 0)
        return true;
    start_ns = attempt_begin_phase(attempt, "files");
    for (size_t i = 0; ok && i < attempt->spec->file_count; i++)
        ok = push_to_all(attempt, &attempt->spec->files[i], error);
    attempt_end_phase(attempt, "files", start_ns);
    return ok;
}

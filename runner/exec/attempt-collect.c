// SPDX-License-Identifier: GPL-3.0-or-later
/* What remains of a run: captures, files from the machines, and everything as artifacts with their hashes. */
#include <errno.h>
#include <fcntl.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"

enum { NAME_BYTES_MAX = 150 };
static const int64_t PULL_GRACE_NS = 5000000000;

static const char *below_lab(Attempt *attempt, const char *path)
{
    size_t length = strlen(attempt->job->lab);

    return strncmp(path, attempt->job->lab, length) == 0 && path[length] == '/' ? path + length + 1 : path;
}

static bool capture_end(Attempt *attempt, size_t index, CaptureStats *ret_stats, GError **error)
{
    if (attempt_wire_captures(attempt, index))
        return attempt_wire_capture_end(attempt, index, ret_stats, error);
    return capture_stop(g_steal_pointer(&attempt->captures[index]), ret_stats, error);
}

static bool stop_capture(Attempt *attempt, size_t index, GError **error)
{
    const CaptureSpec *spec = &attempt->spec->captures[index];
    g_autofree char *path = attempt_path(attempt, "%s-%zu.pcap", spec->bridge, index);
    CaptureStats stats;
    CaptureRecord record = { .bridge = spec->bridge, .filter = spec->filter, .path = below_lab(attempt, path) };

    if (!capture_end(attempt, index, &stats, error)) {
        g_prefix_error(error, "capture on bridge '%s': ", spec->bridge);
        return false;
    }
    record.packets = stats.packets;
    record.bytes = stats.bytes;
    record.received = stats.received;
    record.dropped = stats.dropped;
    record.first_ns = stats.first_ns;
    record.last_ns = stats.last_ns;
    attempt_send(attempt, MESSAGE_CAPTURE, &record);
    if (stats.dropped > 0)
        attempt_event(attempt, "warning", "capture on bridge '%s' lost %lld packets", spec->bridge, (long long) stats.dropped);
    return true;
}

/* "/var/log/messages" becomes "var_log_messages"; of a path too long for a file's name its end. */
static char *flat_name(const char *path)
{
    size_t length = strlen(path);
    const char *from = length > NAME_BYTES_MAX ? path + length - NAME_BYTES_MAX : path + 1;

    while ((*from & 0xc0) == 0x80) /* not in the middle of a character */
        from++;
    return g_strdelimit(g_strdup(from), "/", '_');
}

/* In a folder of their own and numbered, so that no guest's path makes the name of another file of ours. */
static bool pull_file(Attempt *attempt, size_t index, GError **error)
{
    const CollectSpec *spec = &attempt->spec->collects[index];
    g_autofree char *flat = flat_name(spec->path);
    g_autofree char *folder = attempt_path(attempt, "files");
    g_autofree char *path = attempt_path(attempt, "files/%02zu-%s-%s", index + 1, spec->from, flat);

    if (!folder_make(folder, error) || !attempt_fetch(attempt, spec->from, spec->path, path, error))
        return false;
    attempt_add_artifact(attempt, spec->from, NULL, "file", path);
    return true;
}

/* A guest that hangs costs its patience for each file; the time until the coordinator ends us is for more than that. */
static bool may_pull(Attempt *attempt, GError **error)
{
    return clock_monotonic_ns() < attempt->deadline_ns + PULL_GRACE_NS
           || error_set(error, ERROR_HOST, "not fetched, because the attempt's time was over");
}

static void pull_files(Attempt *attempt, GError **error, bool *ok)
{
    for (size_t i = 0; i < attempt->spec->collect_count; i++) {
        GError *problem = NULL;

        if (may_pull(attempt, &problem) && pull_file(attempt, i, &problem))
            continue;
        g_prefix_error(&problem, "file '%s' of machine '%s': ", attempt->spec->collects[i].path, attempt->spec->collects[i].from);
        attempt_note(attempt, problem, error, ok);
    }
}

void attempt_note(Attempt *attempt, GError *problem, GError **error, bool *ok)
{
    if (*ok) {
        g_propagate_error(error, problem);
        *ok = false;
    } else {
        attempt_event(attempt, "problem", "%s", problem->message);
        g_error_free(problem);
    }
}

bool attempt_collect(Attempt *attempt, GError **error)
{
    bool ok = true;

    attempt_usage_end(attempt);
    attempt_network_rest(attempt);
    if (attempt->ready) /* machines that never answered will not do so now */
        pull_files(attempt, error, &ok);
    for (size_t i = 0; attempt->captures != NULL && i < attempt->spec->capture_count; i++) {
        GError *problem = NULL;

        if ((attempt->captures[i] != NULL || attempt_wire_captures(attempt, i)) && !stop_capture(attempt, i, &problem))
            attempt_note(attempt, problem, error, &ok);
    }
    return ok;
}

/* libvirt gives consoles to their owner alone; who may read a lab may read all of it, as the umask says. */
static void open_to_readers(const char *path)
{
    mode_t mask = umask(0);

    umask(mask);
    chmod(path, 0644 & ~mask); /* where it is not ours, it stays what it is */
}

/* What only this attempt can know is on the disk before the database says so. What a program was told and how it ended the database tells
 * as well, and captures are synced by who writes them. */
static bool is_measured(const char *kind, int64_t size_bytes)
{
    return size_bytes > 0 && (strcmp(kind, "stdout") == 0 || strcmp(kind, "stderr") == 0 || strcmp(kind, "file") == 0);
}

bool attempt_report_artifacts(Attempt *attempt, GError **error)
{
    bool ok = true;

    for (guint i = 0; i < attempt->artifacts->len; i++) {
        const PendingArtifact *pending = g_ptr_array_index(attempt->artifacts, i);
        g_autofree char *sha256 = NULL;
        ArtifactRecord record = { .machine = pending->machine, .step = pending->step, .kind = pending->kind,
                                  .path = below_lab(attempt, pending->path) };
        GError *problem = NULL;

        if (access(pending->path, F_OK) != 0 && errno == ENOENT)
            continue; /* such as the console of a machine that never began */
        open_to_readers(pending->path);
        if (!file_sha256(pending->path, &sha256, &record.size_bytes, &problem)) {
            attempt_note(attempt, problem, error, &ok);
            continue;
        }
        record.sha256 = sha256;
        if (is_measured(pending->kind, record.size_bytes) && !file_sync(pending->path, &problem))
            attempt_note(attempt, problem, error, &ok);
        attempt_send(attempt, MESSAGE_ARTIFACT, &record);
    }
    return ok;
}

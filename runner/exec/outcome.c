// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/outcome.h"

#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"

static void add_file(const OutcomePlace *place, const char *name, GArray *artifacts)
{
    g_autofree char *path = g_build_filename(place->folder, name, NULL);
    g_autofree char *sha256 = NULL;
    ArtifactRecord record = { .kind = "log" };

    if (!file_sha256(path, &sha256, &record.size_bytes, NULL))
        return;
    record.path = g_string_chunk_insert(place->strings, path + strlen(place->lab_folder) + 1);
    record.sha256 = g_string_chunk_insert(place->strings, sha256);
    g_array_append_val(artifacts, record);
}

static bool is_told(const OutcomePlace *place, const AttemptRecord *attempt, const char *name)
{
    g_autofree char *path = g_build_filename(place->folder, name, NULL);
    const char *relative = path + strlen(place->lab_folder) + 1;

    for (size_t i = 0; i < attempt->artifact_count; i++)
        if (strcmp(attempt->artifacts[i].path, relative) == 0)
            return true;
    return false;
}

/* A worker that was killed while it told of its files has told of some. */
static GArray *all_artifacts(const OutcomePlace *place, const AttemptRecord *attempt)
{
    GArray *artifacts = g_array_new(FALSE, TRUE, sizeof(ArtifactRecord));
    g_autoptr(GPtrArray) files = NULL;

    if (attempt->artifact_count > 0)
        g_array_append_vals(artifacts, attempt->artifacts, (guint) attempt->artifact_count);
    if (attempt->status == ATTEMPT_COMPLETED)
        add_file(place, "worker.log", artifacts);
    else if (folder_list(place->folder, &files, NULL))
        for (guint i = 0; i < files->len; i++)
            if (!is_told(place, attempt, g_ptr_array_index(files, i)))
                add_file(place, g_ptr_array_index(files, i), artifacts);
    return artifacts;
}

bool outcome_store(Store *store, const OutcomePlace *place, AttemptRecord *attempt, GError **error)
{
    g_autoptr(GArray) artifacts = all_artifacts(place, attempt);
    bool ok;

    attempt->artifacts = (const ArtifactRecord *) artifacts->data;
    attempt->artifact_count = artifacts->len;
    ok = store_attempt_finish(store, attempt, error);
    attempt->artifacts = NULL;
    attempt->artifact_count = 0;
    return ok;
}

bool outcome_store_refused(Store *store, const OutcomePlace *place, AttemptRecord *attempt, const GError *problem,
                           GError **error)
{
    g_autofree char *reason = error_first_line(problem);

    /* Only how it went: all that the worker brought may be what was refused. */
    *attempt = (AttemptRecord) {
        .run_id = attempt->run_id,
        .attempt = attempt->attempt,
        .status = ATTEMPT_FAILED,
        .failure_class = "collect",
        .failure_phase = "collect",
        .failure_reason = g_string_chunk_insert(place->strings, reason),
        .final = true,
        .started_realtime_ns = attempt->started_realtime_ns,
        .duration_ns = attempt->duration_ns,
        .platform = attempt->platform,
        .accelerator = attempt->accelerator,
        .emulator = attempt->emulator,
        .backend = attempt->backend,
        .concurrent = attempt->concurrent,
    };
    return outcome_store(store, place, attempt, error);
}

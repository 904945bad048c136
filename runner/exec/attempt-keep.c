// SPDX-License-Identifier: GPL-3.0-or-later
/* Machines that serve one run of a cell after the other (`start: keep`). Between two runs the worker waits with all that it has; the next
 * attempt takes over machines and networks as the last one left them. */
#include <string.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/exec/attempt-network.h"
#include "runner/exec/attempt.h"

enum { ANSWER_LIMIT_MS = 10000 };

bool attempt_keeps(const Attempt *attempt)
{
    return attempt->spec != NULL && strcmp(attempt->spec->start, "keep") == 0;
}

char *attempt_console_path(Attempt *attempt, const char *machine)
{
    return attempt_keeps(attempt) ? g_strdup_printf("%s/%s.console.log", attempt->scratch, machine)
                                  : attempt_path(attempt, "%s.console.log", machine);
}

void attempt_renew(Attempt *attempt, const Job *job, int64_t now_ns)
{
    attempt->job = job;
    attempt->started_ns = now_ns;
    attempt->deadline_ns = now_ns + attempt->spec->timeout_ms * 1000000;
    attempt->failure_class = NULL;
    g_clear_pointer(&attempt->failure_phase, g_free);
    g_clear_pointer(&attempt->usages, g_free);
    g_ptr_array_set_size(attempt->steps, 0);
    g_ptr_array_set_size(attempt->artifacts, 0);
    attempt->net->stop = false;
}

static bool answers(Attempt *attempt, size_t index, GError **error)
{
    static const char *const argv[] = { "/bin/sh", "-c", "echo kept", NULL };
    ExecRequest request = { .argv = argv, .timeout_ms = attempt_time_left_ms(attempt, ANSWER_LIMIT_MS) };
    ExecResult result;

    return attempt->backend->exec(attempt->machines[index], &request, &result, error)
           && (!result.timed_out
               || error_set(error, ERROR_HOST, "machine '%s' took more than %d s for a word", attempt->spec->machines[index].name,
                            ANSWER_LIMIT_MS / 1000));
}

/* Links are as the scenario says at a run's beginning, whatever the last one's events did to them. */
static bool renew_links(Attempt *attempt, GError **error)
{
    if (!attempt_is_fake(attempt)
        && (!net_impair_all(attempt, false, error) || !net_impair_all(attempt, true, error)))
        return false;
    return net_events_start(attempt, error);
}

bool attempt_take_over(Attempt *attempt, GError **error)
{
    g_autofree char *job_path = attempt_path(attempt, "job.json");
    g_autofree char *job_text = message_write(MESSAGE_JOB, attempt->job);

    attempt->kept_runs++;
    attempt_event(attempt, "kept", "the machines are those of run %" G_GINT64_FORMAT " of this cell, as %u run%s left them",
                  attempt->kept_from, attempt->kept_runs, attempt->kept_runs == 1 ? "" : "s");
    attempt_add_artifact(attempt, NULL, NULL, "definition", job_path);
    if (!file_write(job_path, job_text, strlen(job_text), error))
        return false;
    attempt_send_machines(attempt);
    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        if (!answers(attempt, i, error) || !attempt_note_machine(attempt, i, error)) {
            g_prefix_error(error, "kept machine '%s': ", attempt->spec->machines[i].name);
            return false;
        }
    }
    return attempt_captures_start(attempt, error) && renew_links(attempt, error);
}

/* What the console has said since the last run's end. */
static bool copy_console(Attempt *attempt, size_t index, GError **error)
{
    const char *machine = attempt->spec->machines[index].name;
    g_autofree char *from = attempt_console_path(attempt, machine);
    g_autofree char *to = attempt_path(attempt, "%s.console.log", machine);
    g_autofree char *text = NULL;
    gsize size = 0, before = attempt->console_sizes[index];

    if (!g_file_get_contents(from, &text, &size, NULL))
        return true; /* it has none */
    attempt->console_sizes[index] = size;
    before = MIN(before, size);
    return file_write(to, text + before, size - before, error);
}

bool attempt_keep_consoles(Attempt *attempt, GError **error)
{
    bool ok = true;

    if (!attempt_keeps(attempt) || attempt->machines == NULL)
        return true;
    if (attempt->console_sizes == NULL)
        attempt->console_sizes = g_new0(gsize, attempt->spec->machine_count);
    for (size_t i = 0; i < attempt->spec->machine_count; i++) {
        GError *problem = NULL;

        if (!copy_console(attempt, i, &problem))
            attempt_note(attempt, problem, error, &ok);
    }
    return ok;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/cmd/notify.h"

#include <json-glib/json-glib.h>
#include <stdio.h>

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/base/proc.h"

enum { NOTIFY_TIMEOUT_MS = 60000 };

static const char *status_of(const GError *end)
{
    if (end == NULL)
        return "completed";
    switch (error_kind(end)) {
    case ERROR_RUNS:
        return "failed";
    case ERROR_INTERRUPTED:
        return "interrupted";
    default:
        return "error";
    }
}

static void add_text(JsonBuilder *builder, const char *name, const char *text)
{
    json_builder_set_member_name(builder, name);
    if (text != NULL)
        json_builder_add_string_value(builder, text);
    else
        json_builder_add_null_value(builder);
}

static void add_count(JsonBuilder *builder, const char *name, size_t count)
{
    json_builder_set_member_name(builder, name);
    json_builder_add_int_value(builder, (gint64) count);
}

char *notify_summary(const Notice *notice)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *message = notice->end != NULL ? error_first_line(notice->end) : NULL;

    json_builder_begin_object(builder);
    add_count(builder, "experiment", (size_t) notice->experiment_id);
    add_text(builder, "name", notice->name);
    add_text(builder, "uuid", notice->uuid);
    add_text(builder, "lab", notice->lab);
    add_text(builder, "status", status_of(notice->end));
    add_count(builder, "completed", notice->result.completed);
    add_count(builder, "failed", notice->result.failed);
    add_count(builder, "tainted", notice->result.tainted);
    add_count(builder, "left", notice->result.left);
    json_builder_set_member_name(builder, "duration_s");
    json_builder_add_double_value(builder, (double) notice->result.duration_ns / 1e9);
    add_text(builder, "message", message);
    add_text(builder, "resume", notice->resume);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    return json_to_string(root, FALSE);
}

void notify_send(const char *command, const Notice *notice)
{
    g_autofree char *summary = notify_summary(notice);
    g_autofree char *line = g_strconcat(summary, "\n", NULL);
    const char *argv[] = { "/bin/sh", "-c", command, NULL };
    ProcSpec spec = { .argv = argv, .stdin_text = line, .timeout_ms = NOTIFY_TIMEOUT_MS };
    g_auto(ProcResult) result = { 0 };
    g_autoptr(GError) problem = NULL;

    if (!proc_run(&spec, &result, &problem)) {
        log_warning("--notify: %s", problem->message);
        return;
    }
    fputs(result.output, stderr);
    fputs(result.errors, stderr);
    if (result.timed_out)
        log_warning("--notify: command '%s' was ended after %d s", command, NOTIFY_TIMEOUT_MS / 1000);
    else if (result.exit_status != 0)
        log_warning("--notify: command '%s' ended with status %d", command, result.exit_status);
}

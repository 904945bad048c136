// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/event-log.h"

#include <errno.h>
#include <fcntl.h>
#include <json-glib/json-glib.h>
#include <math.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/clock.h"
#include "runner/base/files.h"
#include "runner/base/log.h"

struct EventLog {
    char *path;
    int fd;
};

static void give_up(EventLog *log)
{
    log_warning("could not write '%s': %s; the database has all that is in it", log->path, g_strerror(errno));
    if (log->fd >= 0)
        close(log->fd);
    log->fd = -1;
}

EventLog *event_log_open(const char *folder)
{
    EventLog *log = g_new0(EventLog, 1);

    log->path = g_build_filename(folder, "log.jsonl", NULL);
    log->fd = open(log->path, O_WRONLY | O_APPEND | O_CREAT | O_CLOEXEC, 0666);
    if (log->fd < 0)
        give_up(log);
    return log;
}

static void add_field(JsonBuilder *builder, const EventField *field)
{
    json_builder_set_member_name(builder, field->name);
    if (field->type == EVENT_INTEGER)
        json_builder_add_int_value(builder, field->integer);
    else if (field->type == EVENT_REAL && isfinite(field->real))
        json_builder_add_double_value(builder, field->real);
    else if (field->type == EVENT_TEXT && field->text != NULL)
        json_builder_add_string_value(builder, field->text);
    else
        json_builder_add_null_value(builder);
}

/* One write() a line: also a coordinator that is killed leaves whole lines. */
void event_log_write(EventLog *log, const char *event, const EventField *fields)
{
    g_autoptr(JsonBuilder) builder = json_builder_new();
    g_autoptr(JsonNode) root = NULL;
    g_autofree char *time = clock_format_utc(clock_realtime_ns());
    g_autofree char *text = NULL;
    g_autofree char *line = NULL;

    if (log->fd < 0)
        return;
    json_builder_begin_object(builder);
    add_field(builder, &EVENT_TEXT("time", time));
    add_field(builder, &EVENT_TEXT("event", event));
    for (const EventField *field = fields; field->name != NULL; field++)
        add_field(builder, field);
    json_builder_end_object(builder);
    root = json_builder_get_root(builder);
    text = json_to_string(root, FALSE);
    line = g_strconcat(text, "\n", NULL);
    if (!fd_write_all(log->fd, line, strlen(line)))
        give_up(log);
}

void event_log_close(EventLog *log)
{
    if (log == NULL)
        return;
    if (log->fd >= 0)
        close(log->fd);
    g_free(log->path);
    g_free(log);
}

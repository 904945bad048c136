// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/log.h"

#include <stdio.h>

static LogLevel current = LOG_NORMAL;

void log_set_level(LogLevel level)
{
    current = level;
}

LogLevel log_level(void)
{
    return current;
}

static void log_line(const char *prefix, const char *format, va_list args)
{
    g_autofree char *text = g_strdup_vprintf(format, args);

    fprintf(stderr, "%s%s\n", prefix, text);
}

void log_warning(const char *format, ...)
{
    va_list args;

    va_start(args, format);
    log_line("trialbed: warning: ", format, args);
    va_end(args);
}

void log_info(const char *format, ...)
{
    va_list args;

    if (current < LOG_NORMAL)
        return;
    va_start(args, format);
    log_line("", format, args);
    va_end(args);
}

void log_debug(const char *format, ...)
{
    va_list args;

    if (current < LOG_VERBOSE)
        return;
    va_start(args, format);
    log_line("", format, args);
    va_end(args);
}

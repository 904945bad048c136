// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/error.h"

#include <errno.h>
#include <string.h>

static GQuark error_domain(void)
{
    return g_quark_from_static_string("trialbed");
}

bool error_set(GError **error, ErrorKind kind, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    if (error != NULL)
        *error = g_error_new_valist(error_domain(), kind, format, args);
    va_end(args);
    return false;
}

bool error_set_errno(GError **error, ErrorKind kind, const char *format, ...)
{
    int saved = errno;
    g_autofree char *what = NULL;
    va_list args;

    va_start(args, format);
    what = g_strdup_vprintf(format, args);
    va_end(args);
    return error_set(error, kind, "%s: %s", what, g_strerror(saved));
}

void error_hint(GError **error, const char *format, ...)
{
    g_autofree char *hint = NULL;
    g_autofree char *before = NULL;
    va_list args;

    if (error == NULL || *error == NULL)
        return;
    va_start(args, format);
    hint = g_strdup_vprintf(format, args);
    va_end(args);
    before = (*error)->message;
    (*error)->message = g_strdup_printf("%s\nhint: %s", before, hint);
}

ErrorKind error_kind(const GError *error)
{
    return error->domain == error_domain() ? (ErrorKind) error->code : ERROR_HOST;
}

char *error_first_line(const GError *error)
{
    return g_strndup(error->message, strcspn(error->message, "\n"));
}

int error_report(const GError *error, FILE *out)
{
    fprintf(out, "trialbed: %s\n", error->message);
    return error_kind(error);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef COLLECTORS_MEASURE_KINDS_H
#define COLLECTORS_MEASURE_KINDS_H

#include <glib.h>
#include <stdbool.h>

/* Between measure.c and the kinds of rules, and for nobody else. */

/* Whether the rule can be used (ERROR_SCENARIO). */
bool measure_regex_check(const char *pattern, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool measure_jsonpath_check(const char *path, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool measure_csv_check(const char *column, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool measure_parser_check(const char *name, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Append what the rule finds in `text` to `values` (double), perhaps nothing. */
bool measure_regex_find(const char *pattern, const char *text, size_t size, GArray *values, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
bool measure_jsonpath_find(const char *path, const char *text, size_t size, GArray *values, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
bool measure_csv_find(const char *column, const char *text, size_t size, GArray *values, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;
bool measure_parser_read(const char *name, const char *text, size_t size, GArray *values, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Every row of the table in `text` whose line of names has `column`, until a row is too short for it: its fields (char *), the
 * column's place among them, and the row's number from 1. */
typedef bool (*MeasureCsvRow)(const GPtrArray *fields, guint place, unsigned row, void *data, GError **error);
bool measure_csv_rows(const char *text, const char *column, MeasureCsvRow take, void *data, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif

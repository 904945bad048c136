// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef REPORTS_ROUNDING_H
#define REPORTS_ROUNDING_H

#include "db/table.h"

/* The one rule by which numbers are rounded for people: a number has the digits that its uncertainty (its standard
 * error) leaves two significant digits of. 12.3456 with 0.0789 is 12.346, and 45678 with 1234 is 45700. Files for
 * programs (CSV, JSON, .tsv) are never rounded. */

/* Without uncertainty (NAN or 0): 6 significant digits. Caller frees. */
char *rounding_text(double value, double uncertainty);

/* The standard error that a 95 % interval tells of: it is about four of them wide. NAN without an interval. */
double rounding_uncertainty(double low, double high);

/* A summary (summary.sql) as people read it: every metric in the unit of its kind that needs no more than three digits
 * before the point (us, ms, s ...), one for all its rows; all numbers of a row rounded by its standard error. They are
 * texts then. */
Table *rounding_summary(const Table *summary);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_BUNDLE_BUNDLE_DATABASE_H
#define DB_BUNDLE_BUNDLE_DATABASE_H

#include "db/store.h"

/* Open the database of a bundle, which a stranger may have made to do harm, for reading. Refused (ERROR_DATA): another
 * program's, a newer trialbed's, any table, view, trigger or index that our schema does not have, rows that break it,
 * values that are no text, no number or too long, numbers that do not follow from the stored samples, paths and names
 * that lead out of the lab, and any number of experiments but one. An older schema is brought up to date, in the file.
 * NULL on error. */
Store *bundle_database_open(const char *path, GError **error);

#endif

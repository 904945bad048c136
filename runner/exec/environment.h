// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_ENVIRONMENT_H
#define RUNNER_EXEC_ENVIRONMENT_H

#include <glib.h>

#include "db/table.h"

/* What the host is: host name, kernel, CPU, cores, memory, versions, kernel settings, our command line. Sorted by
 * key. */
typedef struct Environment {
    GArray *pairs; /* of KeyValue (db/records.h); texts are owned by `texts` */
    GPtrArray *texts;
} Environment;

Environment *environment_gather(void);
void environment_add(Environment *environment, const char *key, const char *value);
void environment_free(Environment *environment);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Environment, environment_free)

/* What the database's query "environment" has under a key; NULL: nothing. */
const char *environment_stored(const Table *environment, const char *key);

/* The first line "KEY : VALUE" of a /proc file; NULL when there is none. Caller frees. */
char *environment_proc_value(const char *path, const char *key);

/* Memory that could be used now, in MiB. */
unsigned environment_free_memory_mb(void);

/* The first line that `PROGRAM --version` prints; NULL when it does not run. Caller frees. */
char *environment_program_version(const char *program);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_SQL_H
#define DB_SQL_H

#include <stddef.h>

/* The .sql files below db/, compiled in. A name is a file's name without ".sql". */
typedef struct NamedSql {
    const char *name, *text;
} NamedSql;

typedef struct SqlList {
    const NamedSql *items;
    size_t count;
} SqlList;

extern const SqlList sql_migrations; /* db/migrations/: in their order; number N makes schema N */
extern const SqlList sql_queries;    /* db/queries/: statements of the store's own functions */
extern const SqlList sql_reads;      /* db/queries/read/: what store_read() may ask */
extern const SqlList sql_scripts;    /* db/queries/script/: several statements each */

/* A text by its name; a name that is not there is our own bug and aborts. */
const char *sql_find(const SqlList *list, const char *name);

#endif

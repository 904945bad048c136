// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef DB_STORE_H
#define DB_STORE_H

#include <glib.h>
#include <stdbool.h>
#include <stdint.h>

#include "db/records.h"
#include "db/table.h"

/* The result database. Every statement lives in db/queries/ and is named by its file; nothing outside db/ speaks SQL,
 * except the user's own in store_query(). Errors are ERROR_DATA: "database 'lab/trialbed.db': query
 * 'run-start': ...".
 * TOUR 7/8: all that was planned and measured is here; whoever reads results reads them from here. Next:
 * reports/report.h.
 * A Store belongs to one thread at a time, and not to a process that was forked off. docs/database.md describes what is
 * in the file. */
typedef struct Store Store;

/* Open for writing, creating and migrating when needed (WAL, foreign keys on). One writer at a time: a second one is
 * refused with a message that names the process (the lock is lab/trialbed.lock; a forked child holds it too, until it
 * ends or closes it). A database of a newer trialbed, or of another program, is refused untouched. NULL and *error on
 * failure. */
Store *store_open(const char *path, GError **error);

/* Open for reading only; the file must exist and have our schema. Never blocks the writer. One of an older schema is read
 * as it is at this moment, through a copy in a temporary file that is brought up to date; it stays as it is. */
Store *store_open_readonly(const char *path, GError **error);

/* Whether some process has a database open for writing: then its running runs do run. */
bool store_is_being_written(const char *path);

/* From now on only small transactions will come, for hours and beside what is measured: keep 4 MiB of the database in memory, instead of as much as a
 * large plan needs. */
bool store_shrink(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

void store_close(Store *store);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Store, store_close)

/* Newest schema this program knows. */
int store_schema_version(void);

/* Store an experiment with all its planned runs, in one transaction. Run IDs follow the planned order without gaps, until
 * store_runs_append() adds some. */
bool store_experiment_insert(Store *store, const ExperimentRecord *experiment, int64_t *ret_experiment_id,
                             GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Plan further runs behind all others, in one transaction and in this order. */
bool store_runs_append(Store *store, int64_t experiment_id, const RunAddition *runs, size_t count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Plan those of these runs again that failed or are tainted; *ret_count says how many they were. */
bool store_runs_reset(Store *store, const int64_t *run_ids, size_t count, size_t *ret_count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Take planned runs back that have never begun, except the first `kept` repetitions of each cell. */
bool store_runs_withdraw(Store *store, int64_t experiment_id, unsigned kept, size_t *ret_count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Note that an attempt begins: the run is `running` now, and the attempt has a row without an end. *ret_attempt is its
 * number, from 1, counting attempts that a crash cut off. Other processes see it at once, but only the next commit takes it to the disk: when
 * the power fails before, the attempt never was. */
bool store_attempt_start(Store *store, int64_t run_id, int64_t started_realtime_ns, unsigned *ret_attempt,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Before an attempt makes anything outside its namespaces: note the libvirt at `uri`, where its machines and bridges will be, and `folder`. On the
 * disk when this returns. */
bool store_outside_note(Store *store, int64_t run_id, unsigned attempt, const char *uri, const char *folder, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Once all of it is gone. */
bool store_outside_forget(Store *store, int64_t run_id, unsigned attempt, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Store all that an attempt produced, the run's new status (`planned` when the attempt is not final), the run's values
 * and its cell's statistics, in one transaction. Phases and captures become samples of `phase.NAME`, `capture.packets`,
 * ... as well. A sample that is no number, or that gives a known metric another unit or aggregate, is ERROR_DATA and
 * nothing is stored. */
bool store_attempt_finish(Store *store, const AttemptRecord *attempt, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* An artifact is not what it was any more: it is now of `size` bytes with `sha256`, or is gone (NULL). An event `lost` of its attempt says
 * `what` it was. */
bool store_artifact_lose(Store *store, int64_t run_id, unsigned attempt, int64_t sequence, const char *sha256, int64_t size, const char *what,
                         GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* After a crash: every attempt of the experiment without an end gets class `host` and a reason, its run is `planned`
 * again. Call only with no worker alive. *ret_count says how many. */
bool store_attempts_abandon(Store *store, int64_t experiment_id, int64_t *ret_count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Set failed runs of an experiment back to planned (`resume --failed`). */
bool store_failed_reset(Store *store, int64_t experiment_id, int64_t *ret_count, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* An experiment by its number, its name (newest) or a unique prefix of its UUID; NULL means the newest. ERROR_USAGE
 * with hints when there is none or more than one. */
bool store_experiment_find(Store *store, const char *wanted, int64_t *ret_experiment_id, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* One named query of db/queries/read/ with parameters bound in order; those that are not given are NULL. The last is
 * PARAM_END. Example: store_read(store, "summary", &table, error, PARAM_INTEGER(id), PARAM_TEXT(metric), PARAM_END) */
typedef struct Param {
    enum { PARAM_TYPE_END, PARAM_TYPE_INTEGER, PARAM_TYPE_REAL, PARAM_TYPE_TEXT } type;
    union {
        int64_t integer;
        double real;
        const char *text; /* NULL binds SQL NULL */
    };
} Param;
#define PARAM_INTEGER(value) ((Param) { .type = PARAM_TYPE_INTEGER, .integer = (value) })
#define PARAM_REAL(value) ((Param) { .type = PARAM_TYPE_REAL, .real = (value) })
#define PARAM_TEXT(value) ((Param) { .type = PARAM_TYPE_TEXT, .text = (value) })
#define PARAM_END ((Param) { .type = PARAM_TYPE_END })
bool store_read(Store *store, const char *query, Table **ret_table, GError **error, ...) G_GNUC_WARN_UNUSED_RESULT;

/* The user's own SQL, exactly one read-only statement. ERROR_USAGE for anything else, for SQL errors, and when it takes
 * more than `timeout_ms` (0: no limit) or more than 512 MiB of memory, or answers more than 1 GiB. One value that is hard to make (a LIKE with
 * many wildcards) is not stopped while it is made. */
bool store_query(Store *store, const char *sql, unsigned timeout_ms, Table **ret_table, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Write one experiment's rows into a new database file of the same schema (for bundles). */
bool store_experiment_copy(Store *store, int64_t experiment_id, const char *path, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Integrity, foreign keys, samples that belong to nothing, and whether stored values and statistics are those of the
 * samples. `problems` (of char*) gets one line each, at most about a hundred of a kind; false only when it cannot be
 * asked. */
bool store_problems(Store *store, GPtrArray *problems, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* The same; any problem is an error that names the first. */
bool store_check(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* For tests: prepare every named query, so that a typo in SQL fails `make check`. */
bool store_selftest(Store *store, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_AGENDA_H
#define RUNNER_EXEC_AGENDA_H

#include "db/store.h"
#include "runner/exec/breaker.h"
#include "runner/exec/experiment.h"

/* Which runs an experiment still gets, and whether there is time for them: `precision`, `budget` and `--until`.
 *
 * Whenever all that is planned is done, a round is planned: one more repetition of every open cell. A cell is open until
 * its interval is narrow enough (stats/stopping.h) or it has its most repetitions. Rows are only ever added, behind the
 * others and in the order that the whole plan would have had; so all that is planned shall be run, and what turned out not
 * to be needed was never planned. All that decides is read from the database: a resume goes on as if nothing had been.
 *
 * With a deadline no run begins that has not ended by then, judging by the longest of its cell so far, and no block whose
 * runs do not fit. When a round does not fit, the cells whose intervals are widest get what time is left. */
typedef struct Agenda Agenda;

/* `until_realtime_ns`: the command line's end, which takes the place of the scenario's budget; 0: none. `width`: how many
 * runs go side by side, about. Keeps `scenario`. */
Agenda *agenda_new(Store *store, int64_t experiment_id, const Scenario *scenario, const Settings *settings,
                   int64_t until_realtime_ns, unsigned width, GError **error);
void agenda_free(Agenda *agenda);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Agenda, agenda_free)

/* From now on no round has runs of cells that `breaker` has given up, and no time is kept for them. Keeps it. */
void agenda_heed(Agenda *agenda, const Breaker *breaker);

/* Whether the run of this row of `pending` (pending.h) may begin now. Once it says no, the time is over: so it stays. */
bool agenda_allows(Agenda *agenda, const GArray *pending, size_t row);
bool agenda_is_over(Agenda *agenda);

/* A run has been completed in so long a time. */
void agenda_note(Agenda *agenda, int64_t cell_id, int64_t duration_ns);

/* All that is planned is done: plan another round, if there shall be one. *ret_added says how many runs it has. */
bool agenda_grow(Agenda *agenda, size_t *ret_added, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Cells that shall get further runs for which there is no row yet, because the command line's time is over. */
size_t agenda_open_cells(const Agenda *agenda);

/* Cells that would get further runs, had they not been given up; there is no row for these yet. */
size_t agenda_given_up_cells(const Agenda *agenda);

/* Nothing is under way any more: runs of the last round for which the scenario's budget did not suffice are taken back, so
 * that nothing stays planned that nobody will run. *ret_withdrawn says how many. */
bool agenda_close(Agenda *agenda, size_t *ret_withdrawn, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* How well a cell is known by now. */
typedef struct CellPrecision {
    const char *cell;     /* its label; the agenda owns it until it looks again */
    size_t values;        /* of counted runs */
    double half_width;    /* of the interval, as a share of the mean; INFINITY: not known */
    unsigned repetitions; /* planned so far */
    bool reached;         /* narrow enough */
    bool open;            /* it is to get further runs, or has some left */
} CellPrecision;

/* Look at all cells, in design order. *ret_cells is an array of CellPrecision, or NULL without `precision`; caller frees. */
bool agenda_precision(Agenda *agenda, GArray **ret_cells, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Seconds until the deadline: INFINITY when there is none, 0 when it is over. */
double agenda_left_s(const Agenda *agenda);

/* Say how it ended: which cells are not known well enough and why, what there was no time for. */
bool agenda_tell(Agenda *agenda, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

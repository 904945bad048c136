// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/exec/agenda.h"

#include <math.h>
#include <stdlib.h>

#include "runner/base/clock.h"
#include "runner/base/log.h"
#include "runner/exec/durations.h"
#include "runner/exec/pending.h"
#include "runner/exec/progress.h"
#include "stats/stopping.h"

G_STATIC_ASSERT((int) PRECISION_MIN == (int) STOPPING_MIN);

enum { TOLD_CELLS = 8 };

typedef struct AgendaCell {
    int64_t cell_id;
    char *label;
    unsigned repetitions, left, block;
    GArray *values; /* of the metric of `precision`, by repetition */
    double half_width; /* INFINITY: not known */
    bool reached;
} AgendaCell;

struct Agenda {
    Store *store;
    int64_t experiment_id;
    const Scenario *scenario;
    Rounds rounds;
    uint64_t seed;
    int64_t deadline_ns; /* real time; 0: none */
    bool by_command;     /* the deadline is the command line's */
    unsigned width;
    Durations *durations;
    GArray *cells;       /* of AgendaCell, in design order; as of the last look */
    bool over;           /* a run was refused */
    char *why;           /* the first refusal; NULL: none */
    size_t open_cells;
    const Breaker *breaker; /* NULL: no cell is given up */
    size_t given_up_cells;  /* that would be open */
    unsigned granted;    /* the block that was planned because it fits; 0: none */
};

static void cell_clear(void *data)
{
    AgendaCell *cell = data;

    g_free(cell->label);
    g_array_unref(cell->values);
}

/* How long the experiment has been worked on: runs side by side count once, pauses not at all. */
static bool read_worked_ns(const Agenda *agenda, int64_t *ret_ns, GError **error)
{
    g_autoptr(Table) spans = NULL;
    int64_t until = INT64_MIN, sum = 0;

    if (!store_read(agenda->store, "attempt-spans", &spans, error, PARAM_INTEGER(agenda->experiment_id), PARAM_END))
        return false;
    for (size_t row = 0; row < spans->row_count; row++) {
        int64_t begin = MAX(table_integer(spans, row, "started_ns"), until), end = table_integer(spans, row, "ended_ns");

        if (end <= begin)
            continue;
        sum += end - begin;
        until = end;
    }
    *ret_ns = sum;
    return true;
}

static bool find_deadline(Agenda *agenda, int64_t until_realtime_ns, GError **error)
{
    const Budget *budget = &agenda->scenario->budget;
    int64_t now_ns = clock_realtime_ns(), worked_ns;

    agenda->by_command = until_realtime_ns != 0;
    agenda->deadline_ns = until_realtime_ns;
    if (agenda->by_command)
        return true;
    if (budget->until != NULL && !clock_next_time_of_day(budget->until, now_ns, &agenda->deadline_ns))
        g_assert_not_reached(); /* the scenario is checked */
    if (budget->time_ms > 0) {
        if (!read_worked_ns(agenda, &worked_ns, error))
            return false;
        agenda->deadline_ns = now_ns + budget->time_ms * 1000000 - worked_ns;
    }
    return true;
}

Agenda *agenda_new(Store *store, int64_t experiment_id, const Scenario *scenario, const Settings *settings,
                   int64_t until_realtime_ns, unsigned width, GError **error)
{
    g_autoptr(Agenda) agenda = g_new0(Agenda, 1);
    g_autoptr(Table) experiment = NULL;

    agenda->store = store;
    agenda->experiment_id = experiment_id;
    agenda->scenario = scenario;
    agenda->rounds = experiment_rounds(scenario, settings);
    agenda->width = MAX(width, 1);
    agenda->cells = g_array_new(FALSE, TRUE, sizeof(AgendaCell));
    g_array_set_clear_func(agenda->cells, cell_clear);
    if (!store_read(store, "experiment", &experiment, error, PARAM_INTEGER(experiment_id), PARAM_END))
        return NULL;
    agenda->seed = (uint64_t) table_integer(experiment, 0, "seed");
    if (!find_deadline(agenda, until_realtime_ns, error))
        return NULL;
    if (agenda->deadline_ns != 0 && (agenda->durations = durations_read(store, experiment_id, error)) == NULL)
        return NULL;
    return g_steal_pointer(&agenda);
}

void agenda_free(Agenda *agenda)
{
    if (agenda == NULL)
        return;
    durations_free(agenda->durations);
    g_array_unref(agenda->cells);
    g_free(agenda->why);
    g_free(agenda);
}

void agenda_heed(Agenda *agenda, const Breaker *breaker)
{
    agenda->breaker = breaker;
}

static bool is_given_up(const Agenda *agenda, int64_t cell_id)
{
    return agenda->breaker != NULL && breaker_has_left(agenda->breaker, cell_id);
}

double agenda_left_s(const Agenda *agenda)
{
    if (agenda->deadline_ns == 0)
        return INFINITY;
    return MAX((double) (agenda->deadline_ns - clock_realtime_ns()) / 1e9, 0);
}

/* No more time; the first reason is the one that is told. */
static bool refuse(Agenda *agenda, char *why)
{
    agenda->over = true;
    if (agenda->why == NULL)
        agenda->why = why;
    else
        g_free(why);
    return false;
}

static char *why_too_long(const char *what, double takes_s, double has_s)
{
    g_autofree char *takes = progress_duration(takes_s);
    g_autofree char *has = progress_duration(MAX(has_s, 0));

    return g_strdup_printf("%s takes about %s and there were %s", what, takes, has);
}

/* The seconds that runs take side by side, judging by their cells; 0 when nothing is known. */
static double together_s(const Agenda *agenda, double sum_s, double longest_s)
{
    return MAX(sum_s / agenda->width, longest_s);
}

static bool block_fits(Agenda *agenda, const GArray *pending, size_t row, double has_s)
{
    unsigned block = pending_run(pending, row)->block;
    double sum_s = 0, longest_s = 0, takes_s;
    g_autofree char *what = g_strdup_printf("block %u", block);

    for (; row < pending->len && pending_run(pending, row)->block == block; row++) {
        int64_t cell_id = pending_run(pending, row)->cell_id;
        double mean_s = is_given_up(agenda, cell_id) ? 0 : durations_mean_s(agenda->durations, cell_id);

        sum_s += mean_s;
        longest_s = MAX(longest_s, mean_s);
    }
    takes_s = together_s(agenda, sum_s, longest_s);
    return takes_s <= has_s || refuse(agenda, why_too_long(what, takes_s, has_s));
}

/* Whether a new block of a blocked order begins here. In the others blocks mean nothing. Rows of cells that were given up are passed
 * over, so that they begin none. */
static bool begins_block(const Agenda *agenda, const GArray *pending, size_t row)
{
    unsigned block = pending_run(pending, row)->block;
    Order order = agenda->scenario->order;

    while (row > 0 && is_given_up(agenda, pending_run(pending, row - 1)->cell_id))
        row--;
    return (order == ORDER_BLOCKS || order == ORDER_INTERLEAVED) && block > 0 && block != agenda->granted
           && (row == 0 || pending_run(pending, row - 1)->block != block);
}

bool agenda_allows(Agenda *agenda, const GArray *pending, size_t row)
{
    double has_s, takes_s;

    if (agenda_is_over(agenda))
        return false;
    if (agenda->deadline_ns == 0)
        return true;
    has_s = agenda_left_s(agenda);
    if (begins_block(agenda, pending, row) && !block_fits(agenda, pending, row, has_s))
        return false;
    takes_s = durations_longest_s(agenda->durations, pending_run(pending, row)->cell_id);
    return takes_s <= has_s || refuse(agenda, why_too_long("a run of the next cell", takes_s, has_s));
}

bool agenda_is_over(Agenda *agenda)
{
    if (!agenda->over && agenda->deadline_ns != 0 && agenda_left_s(agenda) <= 0)
        refuse(agenda, g_strdup("the time is over"));
    return agenda->over;
}

void agenda_note(Agenda *agenda, int64_t cell_id, int64_t duration_ns)
{
    if (agenda->durations != NULL)
        durations_note(agenda->durations, cell_id, (double) duration_ns / 1e9);
}

static bool read_values(Agenda *agenda, GError **error)
{
    g_autoptr(Table) values = NULL;
    guint i = 0;

    if (!store_read(agenda->store, "round-values", &values, error, PARAM_INTEGER(agenda->experiment_id),
                    PARAM_TEXT(agenda->rounds.precision->metric), PARAM_END))
        return false;
    for (size_t row = 0; row < values->row_count; row++) {
        double value = table_real(values, row, "value");

        while (g_array_index(agenda->cells, AgendaCell, i).cell_id != table_integer(values, row, "cell_id"))
            i++; /* both are in design order */
        g_array_append_val(g_array_index(agenda->cells, AgendaCell, i).values, value);
    }
    return true;
}

static void judge(Agenda *agenda, AgendaCell *cell)
{
    const Precision *precision = agenda->rounds.precision;
    StoppingRule rule = { precision->relative_percent / 100, precision->confidence_percent / 100, precision->min,
                          STOPPING_LOOKS };
    Sample sample = { (const double *) (const void *) cell->values->data, cell->values->len };

    cell->half_width = stopping_half_width(sample, rule.confidence);
    cell->reached = stopping_is_reached(sample, &rule);
}

/* What the database says of every cell by now. */
static bool look(Agenda *agenda, GError **error)
{
    g_autoptr(Table) cells = NULL;

    if (!store_read(agenda->store, "round-cells", &cells, error, PARAM_INTEGER(agenda->experiment_id), PARAM_END))
        return false;
    g_array_set_size(agenda->cells, 0);
    for (size_t row = 0; row < cells->row_count; row++) {
        AgendaCell cell = { .cell_id = table_integer(cells, row, "cell_id"), .label = g_strdup(table_text(cells, row, "cell")),
                            .repetitions = (unsigned) table_integer(cells, row, "repetitions"),
                            .left = (unsigned) table_integer(cells, row, "left"),
                            .block = (unsigned) table_integer(cells, row, "block"),
                            .values = g_array_new(FALSE, FALSE, sizeof(double)), .half_width = INFINITY };

        g_array_append_val(agenda->cells, cell);
    }
    if (agenda->rounds.precision == NULL)
        return true;
    if (!read_values(agenda, error))
        return false;
    for (guint i = 0; i < agenda->cells->len; i++)
        judge(agenda, &g_array_index(agenda->cells, AgendaCell, i));
    return true;
}

/* A cell with rows left was given up or waits for `resume`: it needs no new ones. */
static bool is_open(const Agenda *agenda, const AgendaCell *cell)
{
    return cell->left == 0 && !cell->reached && cell->repetitions < agenda->rounds.most;
}

static int by_width(const void *a, const void *b)
{
    const AgendaCell *x = *(const AgendaCell *const *) a, *y = *(const AgendaCell *const *) b;

    if (x->half_width != y->half_width)
        return x->half_width > y->half_width ? -1 : 1;
    return (x->cell_id > y->cell_id) - (x->cell_id < y->cell_id);
}

/* Of the open cells those that there is time for, widest first, are left in `open`. Without `precision` no cell is wider
 * than the others: then all or none. */
static void keep_what_fits(Agenda *agenda, GPtrArray *open)
{
    double has_s = agenda_left_s(agenda), sum_s = 0, longest_s = 0;
    guint kept = 0;

    qsort(open->pdata, open->len, sizeof *open->pdata, by_width);
    for (guint i = 0; i < open->len; i++) {
        const AgendaCell *cell = open->pdata[i];
        double mean_s = durations_mean_s(agenda->durations, cell->cell_id), takes_s;

        takes_s = together_s(agenda, sum_s + mean_s, MAX(longest_s, durations_longest_s(agenda->durations, cell->cell_id)));
        if (takes_s > has_s) {
            g_autofree char *what = g_strdup_printf("a round of the %u open cells", open->len);

            sum_s = 0;
            for (guint j = 0; j < open->len; j++)
                sum_s += durations_mean_s(agenda->durations, ((AgendaCell *) open->pdata[j])->cell_id);
            refuse(agenda, why_too_long(what, together_s(agenda, sum_s, longest_s), has_s));
            break;
        }
        sum_s += mean_s;
        longest_s = MAX(longest_s, mean_s);
        kept++;
    }
    if (kept < open->len && agenda->rounds.precision == NULL)
        kept = 0;
    agenda->over = kept == 0 && agenda->over; /* those that fit shall run */
    g_ptr_array_set_size(open, (gint) kept);
}

/* The round's rows, in the order in which the whole plan has them. */
static bool plan_round(Agenda *agenda, const GPtrArray *open, GError **error)
{
    Order order = agenda->scenario->order;
    g_autoptr(GHashTable) wanted = g_hash_table_new(NULL, NULL);
    g_autoptr(GArray) runs = g_array_new(FALSE, FALSE, sizeof(RunAddition));
    g_autofree uint32_t *cells = NULL;
    unsigned round = 1;

    for (guint i = 0; i < agenda->cells->len; i++)
        round = MAX(round, g_array_index(agenda->cells, AgendaCell, i).block + 1);
    if (order == ORDER_SHUFFLED) /* all is one block there */
        round = ((AgendaCell *) open->pdata[0])->repetitions + 1;
    agenda->granted = round;
    for (guint i = 0; i < open->len; i++)
        g_hash_table_add(wanted, open->pdata[i]);
    cells = order_round(order, agenda->cells->len, round, agenda->seed);
    for (guint i = 0; i < agenda->cells->len; i++) {
        AgendaCell *cell = &g_array_index(agenda->cells, AgendaCell, cells[i]);
        RunAddition run = { cell->cell_id, cell->repetitions + 1,
                            order == ORDER_SHUFFLED ? 1 : order == ORDER_SEQUENTIAL ? cell->repetitions + 1 : round };

        if (g_hash_table_contains(wanted, cell))
            g_array_append_val(runs, run);
    }
    return store_runs_append(agenda->store, agenda->experiment_id, (const RunAddition *) (const void *) runs->data,
                             runs->len, error);
}

bool agenda_grow(Agenda *agenda, size_t *ret_added, GError **error)
{
    g_autoptr(GPtrArray) open = g_ptr_array_new();

    *ret_added = 0;
    if (!look(agenda, error))
        return false;
    agenda->given_up_cells = 0;
    for (guint i = 0; i < agenda->cells->len; i++) {
        AgendaCell *cell = &g_array_index(agenda->cells, AgendaCell, i);

        if (is_open(agenda, cell) && is_given_up(agenda, cell->cell_id))
            agenda->given_up_cells++;
        else if (is_open(agenda, cell))
            g_ptr_array_add(open, cell);
    }
    agenda->open_cells = open->len;
    if (open->len == 0 || agenda_is_over(agenda))
        return true;
    if (agenda->deadline_ns != 0)
        keep_what_fits(agenda, open);
    *ret_added = open->len;
    return open->len == 0 || plan_round(agenda, open, error);
}

bool agenda_close(Agenda *agenda, size_t *ret_withdrawn, GError **error)
{
    *ret_withdrawn = 0;
    return agenda->by_command || !agenda->over
           || store_runs_withdraw(agenda->store, agenda->experiment_id, agenda->rounds.first, ret_withdrawn, error);
}

size_t agenda_open_cells(const Agenda *agenda)
{
    return agenda->by_command ? agenda->open_cells : 0;
}

size_t agenda_given_up_cells(const Agenda *agenda)
{
    return agenda->given_up_cells;
}

bool agenda_precision(Agenda *agenda, GArray **ret_cells, GError **error)
{
    GArray *cells;

    if (agenda->rounds.precision == NULL) {
        *ret_cells = NULL;
        return true;
    }
    if (!look(agenda, error))
        return false;
    cells = g_array_new(FALSE, FALSE, sizeof(CellPrecision));
    for (guint i = 0; i < agenda->cells->len; i++) {
        const AgendaCell *cell = &g_array_index(agenda->cells, AgendaCell, i);
        CellPrecision precision = { cell->label, cell->values->len, cell->half_width, cell->repetitions, cell->reached,
                                    cell->left > 0 || is_open(agenda, cell) };

        g_array_append_val(cells, precision);
    }
    *ret_cells = cells;
    return true;
}

/* "delay=10ms (3.1 % after 50), ..." */
static void list_wide_cells(const Agenda *agenda, GString *list, guint count)
{
    guint told = 0;

    for (guint i = 0; i < agenda->cells->len && told < TOLD_CELLS; i++) {
        const AgendaCell *cell = &g_array_index(agenda->cells, AgendaCell, i);

        if (cell->reached)
            continue;
        g_string_append_printf(list, "%s%s (", told++ > 0 ? ", " : "", cell->label);
        if (isfinite(cell->half_width))
            g_string_append_printf(list, "%.2g %% of %u", cell->half_width * 100, cell->values->len);
        else
            g_string_append_printf(list, "%u value%s", cell->values->len, cell->values->len == 1 ? "" : "s");
        g_string_append_c(list, ')');
    }
    if (count > told)
        g_string_append_printf(list, " and %u more", count - told);
}

static void tell_precision(const Agenda *agenda)
{
    const Precision *precision = agenda->rounds.precision;
    g_autoptr(GString) list = g_string_new(NULL);
    guint reached = 0, count = agenda->cells->len;

    for (guint i = 0; i < count; i++)
        reached += g_array_index(agenda->cells, AgendaCell, i).reached;
    if (reached == count) {
        log_info("'%s' is known to %g %% in all of %u cell%s", precision->metric, precision->relative_percent, count,
                 count == 1 ? "" : "s");
        return;
    }
    list_wide_cells(agenda, list, count - reached);
    log_info("'%s' is known to %g %% in %u of %u cell%s; not in %s", precision->metric, precision->relative_percent,
             reached, count, count == 1 ? "" : "s", list->str);
}

/* What there was no time for. */
static void tell_budget(const Agenda *agenda)
{
    unsigned least = UINT_MAX, most = 0;

    if (agenda->why == NULL)
        return;
    for (guint i = 0; i < agenda->cells->len; i++) {
        const AgendaCell *cell = &g_array_index(agenda->cells, AgendaCell, i);

        if (is_given_up(agenda, cell->cell_id)) /* that is told elsewhere */
            continue;
        least = MIN(least, cell->repetitions - MIN(cell->left, cell->repetitions));
        most = MAX(most, cell->repetitions - MIN(cell->left, cell->repetitions));
    }
    if (least > most || (agenda->open_cells == 0 && least == agenda->rounds.most))
        return;
    if (least == most)
        log_info("every cell has %u of %u repetitions; left out were the others, as %s", most, agenda->rounds.most, agenda->why);
    else
        log_info("the cells have %u to %u of %u repetitions; left out were the others, as %s", least, most,
                 agenda->rounds.most, agenda->why);
}

bool agenda_tell(Agenda *agenda, GError **error)
{
    if (!look(agenda, error))
        return false;
    if (agenda->rounds.precision != NULL)
        tell_precision(agenda);
    tell_budget(agenda);
    return true;
}

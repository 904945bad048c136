// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_CAMPAIGN_H
#define RUNNER_EXEC_CAMPAIGN_H

#include "db/store.h"
#include "runner/base/nursery.h"
#include "runner/exec/experiment.h"
#include "runner/exec/lab.h"

typedef struct CampaignOptions {
    const char *program;       /* ourselves, to be started as workers */
    unsigned jobs;             /* 0: as many as CPUs and memory allow */
    int64_t until_realtime_ns; /* no run starts after that; 0: no end */
    unsigned halt_failures;    /* no run starts after so many failed ones; 0: however many */
    const char *resume;        /* the command that goes on, for people; NULL: not told */
    bool keep_going;           /* whatever the scenario's `breaker` says */
    const char *notify;        /* a shell command that whoever calls us runs at the end; NULL: none */
    Nursery *nursery;          /* campaign_nursery(), which campaign_run() takes over; NULL: it makes its own */
    GHashTable *wanted;        /* run IDs (int64_t *): do these of the planned runs and no others; NULL: all */
} CampaignOptions;

/* Why no more runs were started although some are left. */
typedef enum {
    CAMPAIGN_TO_THE_END, /* or --until */
    CAMPAIGN_INTERRUPTED,
    CAMPAIGN_HALTED,     /* options.halt_failures */
    CAMPAIGN_HOST_BROKEN, /* the scenario's `breaker.host` */
} CampaignStop;

typedef struct CampaignResult {
    size_t completed, failed; /* of this call */
    size_t tainted;           /* of those completed */
    size_t left;              /* runs that are still planned, and one for every cell that waits for another round */
    size_t left_cells, left_in_cells; /* cells that `breaker.cell` gave up, and of `left` the runs in them */
    int64_t duration_ns;      /* of this call */
    CampaignStop stop;
} CampaignResult;

/* Begin with the first worker, for those who have something else to do until campaign_run(). */
Nursery *campaign_nursery(const char *program, const Lab *lab, const Matrix *matrix, const Settings *settings);

/* The coordinator: do all planned runs of an experiment, in order, and store each as it finishes. It is the only writer of the database. Failed
 * runs do not stop it, unless the scenario's `breaker` or the options say so; a database that cannot be written does. SIGINT or SIGTERM: the first lets running attempts finish, the second
 * ends them. Runs that an earlier coordinator left behind (a crash) are planned again first. */
bool campaign_run(Store *store, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                  CampaignResult *ret_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_CAMPAIGN_H
#define RUNNER_EXEC_CAMPAIGN_H

#include "db/store.h"
#include "runner/exec/lab.h"

typedef struct CampaignOptions {
    const char *program;       /* ourselves, to be started as workers */
    unsigned jobs;             /* 0: as many as CPUs and memory allow */
    int64_t until_realtime_ns; /* no run starts after that; 0: no end */
    const char *notify;        /* a shell command that whoever calls us runs at the end; NULL: none */
    GHashTable *wanted;        /* run IDs (int64_t *): do these of the planned runs and no others; NULL: all */
} CampaignOptions;

typedef struct CampaignResult {
    size_t completed, failed; /* of this call */
    size_t left;              /* runs that are still planned */
    int64_t duration_ns;      /* of this call */
    bool interrupted;
} CampaignResult;

/* The coordinator: do all planned runs of an experiment, in order, and store each as it finishes. It is the only writer of the database. Failed
 * runs do not stop it; a database that cannot be written does. SIGINT or SIGTERM: the first lets running attempts finish, the second
 * ends them. Runs that an earlier coordinator left behind (a crash) are planned again first. */
bool campaign_run(Store *store, const Lab *lab, int64_t experiment_id, const CampaignOptions *options,
                  CampaignResult *ret_result, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

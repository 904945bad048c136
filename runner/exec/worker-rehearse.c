// SPDX-License-Identifier: GPL-3.0-or-later
#include <string.h>

#include "collectors/measure.h"
#include "runner/base/files.h"
#include "runner/exec/attempt.h"
#include "runner/exec/message.h"
#include "runner/exec/worker.h"
#include "runner/plan/run-spec.h"
#include "runner/plan/scenario.h"

static const char play[] = "name: play\n"
                           "machines: [{name: a, image: tiny}]\n"
                           "matrix: {factors: {x: [1, 2]}}\n"
                           "steps: [{name: s, on: a, run: 'echo ${x}', measure: [{metric: m, regex: '([0-9.]+)'}]}]\n";

static void rehearse_scenario(void)
{
    g_autoptr(Problems) problems = problems_new("play");
    g_autoptr(Scenario) scenario = scenario_parse("play", play, strlen(play), NULL, problems);
    g_autoptr(RunSpec) spec = scenario != NULL ? scenario_resolve(scenario, (const char *const[]) { "1", NULL }, NULL) : NULL;

    g_assert(spec != NULL);
}

static void rehearse_messages(void)
{
    const Job job = { .scenario = play, .lab = "/" };
    const StepRecord step = { .name = "s", .machine = "a", .command = play };
    g_autofree char *job_line = message_write(MESSAGE_JOB, &job), *step_line = message_write(MESSAGE_STEP, &step);
    g_autoptr(GStringChunk) strings = g_string_chunk_new(4096);
    g_autofree void *record = NULL;
    MessageKind kind;
    bool ok = message_read(job_line, strings, &kind, &record, NULL);

    g_assert(ok);
    g_free(((Job *) record)->levels);
}

static void rehearse_results(void)
{
    const MeasureRule rule = { .regex = "([0-9.]+)", .scale = 1 };
    g_autofree char *digest = data_sha256(play, strlen(play));
    g_autoptr(GArray) values = NULL;
    bool ok = measure_extract(&rule, "1 2", &values, NULL);

    g_assert(ok);
}

void worker_rehearse(void)
{
    rehearse_scenario();
    rehearse_messages();
    rehearse_results();
}

/* An accelerator is none of its business. */
void worker_furnish(const char *cache)
{
    MachineHostConfig config = { .scratch = ATTEMPT_SCRATCH, .cache = cache, .accel = "tcg" };

    if (folder_make(config.scratch, NULL))
        machine_backend_libvirt.host_ahead(&config);
}

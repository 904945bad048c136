// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_STEP_H
#define RUNNER_EXEC_STEP_H

#include <stdio.h>

#include "runner/exec/attempt.h"

/* A step under way is one program for every machine it is on, and that as often as it is repeated. Lists of steps are
 * in attempt-steps.c, when each begins in step-order.c, how a program goes in step-program.c, when one in the
 * background is ready in step-ready.c. Private to runner/exec. */

/* One program. Its outputs are written as they come, by whichever thread brings them. */
typedef struct StepProgram {
    RunningStep *step;
    const char *machine;  /* or "host" */
    unsigned iteration;   /* from 1; 0: the step is done once */
    GMutex lock;          /* of all below */
    GCond changed;        /* more output, or the end */
    FILE *files[2];       /* stdout, stderr; NULL: closed */
    GString *outputs[2];  /* the same in memory, as far as somebody will look at it */
    bool write_failed;
    bool started;         /* in the background, where it may still run */
    bool ended;           /* `record` has its status then */
    StepRecord record;
} StepProgram;

struct RunningStep {
    Attempt *attempt;
    const StepSpec *spec;
    GPtrArray *programs;  /* of StepProgram, in the order of iterations and machines */
    int64_t *sequences;   /* how many samples each `measure` has given */
};

/* Why a step failed: `failure_class` as in AttemptRecord (static). */
typedef struct StepFailure {
    const char *failure_class;
    GError *error;
} StepFailure;

/* A step before it begins. */
RunningStep *running_step_new(Attempt *attempt, const StepSpec *spec);
void running_step_free(RunningStep *step);

/* Do the step to its end, or, in the background, until it is ready: all iterations on all machines. */
bool running_step_perform(RunningStep *step, StepFailure *ret_failure);

/* What could only be done now, when nobody writes to the outputs any more; and every program's record. */
bool running_step_end(RunningStep *step, GError **error);

/* Where a program's files are: "02-ping.stdout" in the attempt's folder; with the machine's name when the step has
 * several, and with the iteration when it is repeated: "02-ping.client.007.stdout". Caller frees. */
char *step_program_path(const StepProgram *program, const char *suffix);

/* Its place among all steps of the scenario, from 1. */
size_t step_number(const Attempt *attempt, const StepSpec *spec);

/* --- step-program.c --- */

StepProgram *step_program_new(RunningStep *step, const char *machine, unsigned iteration);
void step_program_free(StepProgram *program);

/* Run it: to its end, or, in the background, until it is ready. False with a class when it failed. */
bool step_program_run(StepProgram *program, StepFailure *ret_failure);

/* The number of the signal that it is told to end by. */
int step_signal(const StepSpec *spec);

/* Close its outputs; false when some of it could not be written. What is kept in memory stays. */
bool step_program_close(StepProgram *program, GError **error);

/* Write its exit status beside its outputs. */
bool step_program_write_exit(StepProgram *program, GError **error);

/* Send the numbers that its output holds. Of a step's programs one after the other, so that samples are in order. */
bool step_program_measure(StepProgram *program, GError **error);

/* Forget its output in memory. */
void step_program_forget(StepProgram *program);

/* --- step-stop.c --- */

/* Tell all programs in the background to end, wait for them, and kill those that do not. Problems become events; false: one still runs. */
bool steps_stop(GPtrArray *steps);

/* --- step-ready.c --- */

/* Wait until a program in the background is as ready as the step wants, at most `timeout_ms`. Class "timeout" when it
 * is not, "step" when it ended before. */
bool step_program_wait_ready(StepProgram *program, unsigned timeout_ms, StepFailure *ret_failure);

/* Whether a pattern (as GRegex has them; ^ and $ at every line) is found in a text. */
bool step_pattern_matches(const char *pattern, const char *text);

#endif

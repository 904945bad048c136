// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_FINGERPRINT_H
#define RUNNER_EXEC_FINGERPRINT_H

#include "db/records.h"
#include "db/table.h"
#include "runner/exec/environment.h"
#include "runner/plan/run-spec.h"

/* What a run's result depends on, as far as we decide it: what the scenario tells it with the cell's levels put in, the
 * content of `files` and of kernels and the like that it names, the digests of its images, and the versions of trialbed, libvirt and QEMU. */
typedef struct Inputs Inputs;

/* What the environment record of an experiment says (a Table of key and value), or what this host has now. `files`: where
 * the scenario's files are. */
Inputs *inputs_of_record(const Table *environment, const char *files);
Inputs *inputs_of_host(const Environment *environment, const char *files);
void inputs_free(Inputs *inputs);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Inputs, inputs_free)

/* A line "WHAT<TAB>VALUE" for every input of a run. Caller frees. */
char *inputs_text(Inputs *inputs, const RunSpec *spec);

/* SHA-256 of inputs_text(), hexadecimal. Caller frees. */
char *inputs_fingerprint(Inputs *inputs, const RunSpec *spec);

/* Which image an attempt's machines booted although the inputs have another one, in words: "image 'tiny' is 5e527177, but the
 * experiment began with 02ab7799". NULL: none. Caller frees. */
char *inputs_other_image(const Inputs *inputs, const AttemptRecord *attempt);

/* Which input differs, in words: "step 'ping': run was 'ping -c 20', is 'ping -c 30'"; with more than one "... and 2 more".
 * NULL when none does. Caller frees. */
char *inputs_difference(const char *before, const char *now);

#endif

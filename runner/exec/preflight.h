// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_PREFLIGHT_H
#define RUNNER_EXEC_PREFLIGHT_H

#include <glib.h>
#include <stdbool.h>

#include "runner/exec/admission.h"
#include "runner/exec/environment.h"
#include "runner/exec/lab.h"
#include "runner/plan/matrix.h"
#include "runner/plan/run-spec.h"

/* Can this host do it? Asked before anything is started, so that a sweep does not fail at three in the morning. */

/* The checks that a scenario's filters and patterns need from the collectors. */
extern const ScenarioChecks preflight_scenario_checks;

/* Everything that the cells of an experiment need: namespaces, taps, accelerator, images, memory, disk. What was found out
 * (accelerator and why, image digests) is added to `environment`, which may be NULL. Skips machines for the fake back end. */
bool preflight_check(const Lab *lab, const Matrix *matrix, const char *backend, const char *uri, Environment *environment,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Whether the lab's disk has room for another run. */
bool preflight_room(const Lab *lab, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Single facts, for `doctor`. */
bool preflight_programs(GError **error) G_GNUC_WARN_UNUSED_RESULT; /* QEMU and libvirt's QEMU driver */

/* What a run of this cell takes from the host; fake machines need no memory. To be cleared. */
Demand preflight_demand(const RunSpec *spec, const char *backend);

/* MiB that a machine needs beyond its own memory. */
enum { PREFLIGHT_MACHINE_OVERHEAD_MB = 96 };

#endif

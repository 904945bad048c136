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

/* What the cells of an experiment need. */
typedef struct PreflightNeeds {
    GHashTable *images, *accels; /* the distinct names; of an image, the least memory in MiB that a machine of it gets */
    GHashTable *files;           /* the distinct paths of disks, kernels, initramfs and firmware in place of what is there anyway */
    GHashTable *emulators;       /* the distinct paths of emulators */
    GHashTable *image_archs;     /* the distinct images: which architecture the machines of each have */
    GHashTable *agent_images;    /* the distinct images whose own agent is what their machines may be reached by */
    GHashTable *foreign;         /* the distinct architectures, other than the host's, whose usual emulator is needed */
    unsigned huge_mb;            /* MiB of huge pages that any one run takes at most */
    GHashTable *programs;        /* the distinct programs that not every scenario needs: "qemu-img", "nft", ... */
    Demand most;                 /* of any one run */
    bool links;                  /* there are networks */
    bool virtual;                /* there are virtual machines */
    bool embedded;               /* there is a start policy or platform that only our own libvirt has */
    char *too_big;               /* the first cell that asks for CPUs which this host never has, and why; NULL: none */
} PreflightNeeds;

/* False and ERROR_SCENARIO when a cell has a value that is impossible. */
bool preflight_needs(const Matrix *matrix, PreflightNeeds *ret_needs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
void preflight_needs_clear(PreflightNeeds *needs);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC(PreflightNeeds, preflight_needs_clear)

/* Everything that the cells of an experiment need: namespaces, taps, accelerator, images, memory, disk. What was found out
 * (accelerator and why, image digests) is added to `environment`, which may be NULL. Skips machines for the fake back end. */
bool preflight_check(const Lab *lab, const Matrix *matrix, const char *backend, const char *uri, Environment *environment,
                     GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Add the digests of the images and files that the cells need and that are there: "image.tiny", "image./path". */
void preflight_note_images(const Lab *lab, const Matrix *matrix, Environment *environment);

/* Whether the lab's disk has room for another run. */
bool preflight_room(const Lab *lab, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Add the programs that a run of this cell needs (preflight-programs.c). */
void preflight_note_programs(PreflightNeeds *needs, const RunSpec *spec);

/* Single facts, for `doctor`. */
bool preflight_programs(GError **error) G_GNUC_WARN_UNUSED_RESULT; /* QEMU and libvirt's QEMU driver */
bool preflight_program(const char *program, GError **error) G_GNUC_WARN_UNUSED_RESULT; /* whether it is installed; the hint names its package */
bool preflight_all_programs(const PreflightNeeds *needs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool preflight_memory(const PreflightNeeds *needs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool preflight_cpus(const PreflightNeeds *needs, GError **error) G_GNUC_WARN_UNUSED_RESULT;
bool preflight_huge_pages(const PreflightNeeds *needs, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* What a run of this cell takes from the host; fake machines need no memory. To be cleared. */
Demand preflight_demand(const RunSpec *spec, const char *backend);

/* The accelerator that a cell wishes for: "auto", "kvm" or "tcg"; "none" where machines are bare. Static, or of the spec. */
const char *preflight_accel(const RunSpec *spec);

/* MiB that a machine needs beyond its own memory. */
enum { PREFLIGHT_MACHINE_OVERHEAD_MB = 96 };

#endif

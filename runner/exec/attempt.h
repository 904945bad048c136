// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_EXEC_ATTEMPT_H
#define RUNNER_EXEC_ATTEMPT_H

#include <stdio.h>

#include "collectors/capture.h"
#include "images/store.h"
#include "runner/exec/message.h"
#include "runner/plan/run-spec.h"
#include "runner/vm/machine.h"
#include "runner/vm/memory-image.h"
#include "runner/vm/network.h"

/* One attempt of one run, inside its worker. worker.c takes it through its phases, which live in attempt-*.c; all
 * they learn goes to the coordinator as messages. Private to runner/exec. */

typedef struct AttemptNet AttemptNet;   /* attempt-network.h */
typedef struct RunningStep RunningStep; /* step.h */

/* A file that shall become an artifact once everything has stopped. */
typedef struct PendingArtifact {
    char *machine, *step; /* or NULL */
    const char *kind;     /* static */
    char *path;           /* absolute */
} PendingArtifact;

#define ATTEMPT_SCRATCH "/run/tb" /* on the worker's own tmpfs */

typedef struct Attempt {
    const Job *job;
    int channel; /* to the coordinator */
    GMutex lock; /* of `channel` and `artifacts`: steps may run side by side */
    Scenario *scenario;
    RunSpec *spec;
    int64_t started_ns, deadline_ns;
    bool ready;          /* all machines answered */
    const char *scratch; /* folder for sockets and what else need not stay */

    Image **images; /* one a machine */
    Network *network;
    AttemptNet *net;     /* NULL before its phase, and after the end of the machines */
    const MachineBackend *backend;
    MachineHost *host;
    MemoryImage **memories; /* one a machine with `start: restore`; else NULL */
    Machine **machines;   /* one a machine of the spec; NULL before define */
    Capture **captures;   /* one a capture of the spec; NULL when not running */
    unsigned *wire_captures; /* one a capture of the spec: its number + 1 where the wire captures, else 0 */
    struct HostPrograms *host_programs; /* for steps on the host; NULL when there are none */
    char **host_environment;
    GPtrArray *overlays; /* paths of the machines' disks, until they are open; NULL: none yet */
    char *ssh_key;       /* path of the key that was made for this attempt, or NULL */
    Machine *host_machine; /* the host among fake machines */
    MachineUsage *usages; /* one a machine, as the steps begin; NULL before; cpu_ns -1: not known */
    GPtrArray *steps;     /* of RunningStep, in the scenario's order */
    GPtrArray *artifacts; /* of PendingArtifact */
    GPtrArray *bridges;   /* names of the links that we made, of char */
    bool kept;           /* nothing went wrong so far, and the machines are to be kept: attempt_teardown() leaves them */
    bool unclean;        /* something of this run goes on in its machines: they are not to be kept */
    int64_t kept_from;   /* the run that made the machines */
    unsigned kept_runs;  /* that these machines have served before this one */
    gsize *console_sizes; /* one a machine: what earlier runs have of its console; NULL: nothing yet */
    const char *failure_class; /* the first failure's, when its phase knows better than worker.c's table; static */
    char *failure_phase;       /* the same for its name: "step:NAME" */
} Attempt;

/* The phases, in order. Each returns false with an error that says what and why; the caller adds the phase. */
bool attempt_prepare(Attempt *attempt, GError **error);
bool attempt_network(Attempt *attempt, GError **error);
bool attempt_save(Attempt *attempt, GError **error); /* makes the phase `save` itself, when there is something to save */
bool attempt_define(Attempt *attempt, GError **error);
bool attempt_boot(Attempt *attempt, GError **error);
bool attempt_ready(Attempt *attempt, GError **error);
bool attempt_files(Attempt *attempt, GError **error); /* its phase is there only when the scenario has files */
bool attempt_setup(Attempt *attempt, GError **error);
void attempt_warm(Attempt *attempt); /* let every machine run a program once, so that its first step waits for no page and no translation */
bool attempt_steps(Attempt *attempt, GError **error);
bool attempt_steps_teardown(Attempt *attempt, GError **error); /* the scenario's `teardown` */
bool attempt_steps_stop(Attempt *attempt, GError **error); /* steps in the background are told to end, and then are ended */
bool attempt_collect(Attempt *attempt, GError **error);
bool attempt_teardown(Attempt *attempt, GError **error);

/* After the machines have stopped: close the steps' outputs, measure those of the background, report every step. */
bool attempt_steps_end(Attempt *attempt, GError **error);

/* Hash and report every pending artifact; those that were never written are left out. */
bool attempt_report_artifacts(Attempt *attempt, GError **error);

/* How much longer the scenario's `teardown` may take when the attempt's time is over. */
enum { ATTEMPT_TEARDOWN_MS = 10000 };

/* Tools for the phases. Those that send or note something may be called from several threads at once. */
void attempt_send(Attempt *attempt, MessageKind kind, const void *record);
int64_t attempt_begin_phase(Attempt *attempt, const char *name); /* returns the time that attempt_end_phase() takes */
void attempt_end_phase(Attempt *attempt, const char *name, int64_t start_ns);
void attempt_event(Attempt *attempt, const char *kind, const char *format, ...) G_GNUC_PRINTF(3, 4);
char *attempt_path(Attempt *attempt, const char *format, ...) G_GNUC_PRINTF(2, 3); /* in the attempt's folder */
void attempt_add_artifact(Attempt *attempt, const char *machine, const char *step, const char *kind, const char *path);

/* Milliseconds for something that may take `limit_ms`, cut to what is left of the attempt (at least 1). */
unsigned attempt_time_left_ms(Attempt *attempt, int64_t limit_ms);

/* Add the machine's own account of its end as a hint. */
void attempt_diagnose(Attempt *attempt, Machine *machine, GError **error);

/* Whether the machines come out of saved memories. */
bool attempt_restores(const Attempt *attempt);

/* --- start: keep --- */

/* Whether the machines are to serve the cell's next run, too. */
bool attempt_keeps(const Attempt *attempt);

/* The same machines for another job; then its phase, in place of all up to `ready`: they answer, and captures and links are as in the beginning. */
void attempt_renew(Attempt *attempt, const Job *job, int64_t now_ns);
bool attempt_take_over(Attempt *attempt, GError **error);

/* Where a machine writes its console: into the attempt's folder, or, when it outlives the attempt, from where attempt_keep_consoles() copies
 * this run's part. Caller frees. */
char *attempt_console_path(Attempt *attempt, const char *machine);
bool attempt_keep_consoles(Attempt *attempt, GError **error);

/* Parts of the phases `define` and `network` that a run on kept machines does as well: tell the machines that it has, note the definition of
 * one as an artifact, and begin the captures. */
void attempt_send_machines(Attempt *attempt);
void attempt_send_machine(Attempt *attempt, size_t index); /* once more, when more is known of it: the last one counts */
bool attempt_note_machine(Attempt *attempt, size_t index, GError **error);
bool attempt_captures_start(Attempt *attempt, GError **error);

bool attempt_is_fake(const Attempt *attempt);
bool attempt_is_bare(const Attempt *attempt);

/* What a bridge of the scenario is called on this host. Caller frees. */
char *attempt_link_name(const Attempt *attempt, const char *bridge);

/* --- attempt-disks.c: disks, seeds and keys --- */

enum { ATTEMPT_SSH_PORT = 2200 }; /* of the first machine, on the worker's own 127.0.0.1 */

/* How the machine is to be reached: what the scenario says, else the image. Static, or of the spec or image. */
const char *attempt_channel(const Attempt *attempt, size_t machine);
bool attempt_needs_ssh(const Attempt *attempt);

/* How it is reached, now that it has answered. Static. */
const char *attempt_channel_used(const Attempt *attempt, size_t machine);

/* A new disk over the image's, or over the saved machine's. `saving`: the one that stays with a saved memory. Caller frees. */
bool attempt_overlay(Attempt *attempt, size_t machine, bool saving, char **ret_path, GError **error);

/* The machines have their overlays open: nobody else needs the files' names, and so nothing can be left of them. */
void attempt_overlays_forget(Attempt *attempt);

/* The private key for a machine: the scenario's, or one that is made once for the attempt. Of the spec or the attempt. */
bool attempt_ssh_key(Attempt *attempt, size_t machine, const char **ret_key, GError **error);

/* What cloud-init is to set in the machine of this configuration. Caller frees. */
bool attempt_seed(Attempt *attempt, size_t machine, const MachineConfig *config, char **ret_path, GError **error);

/* How a machine's card is plugged in: fills the ends of `nic`. */
void attempt_nic(const Attempt *attempt, size_t machine, size_t card, NicConfig *nic);

/* When the machines answer: give the cards what they lack, impair by guests, begin with the scenario's link events. */
bool attempt_network_ready(Attempt *attempt, GError **error);

/* After the steps: no more events; tell what passed the links. */
void attempt_network_rest(Attempt *attempt);

/* Captures by the wire, which has begun with this one or not. */
bool attempt_wire_captures(const Attempt *attempt, size_t capture);
bool attempt_wire_capture_end(Attempt *attempt, size_t capture, CaptureStats *ret_stats, GError **error);

/* End what carries the networks. */
void attempt_network_clear(Attempt *attempt);

/* A machine by its name, which the scenario has. */
Machine *attempt_machine(Attempt *attempt, const char *name);

/* A file of a machine into a new one here, compared by hash where the machine has sha256sum. */
bool attempt_fetch(Attempt *attempt, const char *machine, const char *path, const char *to, GError **error);

/* A small file into a machine. */
bool attempt_put(Attempt *attempt, Machine *machine, const char *path, unsigned mode, const void *data, size_t size, GError **error);

/* What the machines cost from one to the other: metrics cpu.time and memory.resident. */
void attempt_usage_begin(Attempt *attempt);
void attempt_usage_end(Attempt *attempt);

/* For steps on the host, if there are any (from the main thread). Closing ends their programs and keeps their files. */
bool attempt_host_open(Attempt *attempt, GError **error);
bool attempt_host_close(Attempt *attempt, GError **error);

/* As MachineBackend.signal, the same way. */
bool attempt_signal(Attempt *attempt, const char *name, const void *data, int number, GError **error);

/* As MachineBackend.exec, on a machine by its name or on the "host". From any thread; an error has the machine's own account. */
bool attempt_exec(Attempt *attempt, const char *name, const ExecRequest *request, ExecResult *ret_result, GError **error);

/* Keep the first error of several, tell the others as events; sets *ok to false. Takes `problem`. */
void attempt_note(Attempt *attempt, GError *problem, GError **error, bool *ok);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_NURSERY_H
#define RUNNER_BASE_NURSERY_H

#include "runner/base/sandbox.h"

/* A process that makes sandboxes (sandbox.h) with copies of itself in them. It is a program that has been loaded once: to load one anew costs ten
 * times what making a sandbox does. The sandboxes are the children of whoever asked, as if sandbox_spawn() had made them, and their output is
 * kept in memory. One is always made ahead, while its user is busy with those before it. */
typedef struct Nursery Nursery;

typedef struct Nursling {
    pid_t pid;   /* of the sandbox's init, to wait for */
    int channel; /* leads to the program; both belong to the caller */
    int output;  /* a file in memory */
} Nursling;

/* `program` is started with the argument "worker", at the first sandbox and again should it die, and must call nursery_serve(). */
Nursery *nursery_new(const char *program);

enum { NURSERY_FURNITURE_LIMIT = 4096 + 64 }; /* room for a path */

typedef struct NurseryWish {
    bool share_network; /* as in SandboxSpec */
    bool equipped;      /* what is done in it needs what nursery_serve() loads late */
    char furniture[NURSERY_FURNITURE_LIMIT]; /* with `equipped`: for NurseryDuty.furnish, or "" */
} NurseryWish;

/* Take a sandbox; from the main thread. */
bool nursery_take(Nursery *nursery, const NurseryWish *wish, Nursling *ret_nursling, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* One like this will be wanted: begin with it, and do not wait. From the main thread. */
void nursery_expect(Nursery *nursery, const NurseryWish *wish);

void nursery_free(Nursery *nursery);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Nursery, nursery_free)

/* What the program does as a nursery. It must have but one thread. */
typedef struct NurseryDuty {
    SandboxWork work;
    void (*rehearse)(void); /* called once at first, and in every sandbox while it waits */
    void (*equip)(void);    /* called once, before the first sandbox that is to be equipped: that one and all later ones share what it loads */
    void (*furnish)(const char *with); /* called in every sandbox that is to be equipped while it waits, unless `with` is "" */
} NurseryDuty;

/* The program itself: make sandboxes in which `work` is done, until nobody can ask any more. False when it was not started by a nursery. */
bool nursery_serve(const NurseryDuty *duty, GError **error) G_GNUC_WARN_UNUSED_RESULT;

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_NAMESPACE_H
#define TESTS_UNIT_NAMESPACE_H

#include <errno.h>
#include <sched.h>
#include <stdbool.h>
#include <stdio.h>
#include <sys/mount.h>
#include <sys/wait.h>
#include <unistd.h>

#include "tests/unit/unit.h"

/* In a mount namespace of our own: what is mounted from now on shows nowhere else. In a chroot "/" is no mount, and cannot be
 * made private; whoever tests there has made the mounts above it private or slaves. */
static inline void unit_mounts_private(void)
{
    ck_assert(mount(NULL, "/", NULL, MS_REC | MS_PRIVATE, NULL) == 0 || errno == EINVAL);
}

/* Whether an ordinary user may make a user namespace here: not in a chroot, nor where the system forbids it. Says so when not. */
static inline bool unit_user_namespaces(void)
{
    int status = 0;
    pid_t pid = fork();

    if (pid == 0)
        _exit((geteuid() == 0 && setresuid(65534, 65534, 65534) != 0) || unshare(CLONE_NEWUSER) != 0);
    waitpid(pid, &status, 0);
    if (status != 0)
        printf("# not tried: this host gives an ordinary user no user namespace\n");
    return status == 0;
}

#endif

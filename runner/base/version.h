// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_VERSION_H
#define RUNNER_BASE_VERSION_H

/* The program's version, from git or version.txt. */
extern const char program_version[];

/* How it was built: the compiler, and the variant of the Makefile. */
extern const char program_build[];

#endif

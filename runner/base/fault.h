// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_BASE_FAULT_H
#define RUNNER_BASE_FAULT_H

/* A moment between two things that belong together, such as the note of what will be made and making it. With TRIALBED_STOP_AT=NAME in the
 * environment whoever comes there stops (SIGSTOP), so that a test may look around and kill it just then. Otherwise nothing happens. */
void fault_point(const char *name);

#endif

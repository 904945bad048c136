// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_VM_ACCEL_H
#define RUNNER_VM_ACCEL_H

#include <glib.h>
#include <stdbool.h>

/* Decide "kvm" or "tcg". `wish` is "auto", "kvm" or "tcg". A device node that opens proves nothing, so for "auto" and "kvm"
 * a minimal guest is run once with a time limit, and the answer kept in `cache` (a folder), keyed by host kernel and emulator
 * version. "kvm" where no guest runs is an ERROR_HOST. *ret_accel is static; *ret_reason says why, for people; caller frees. */
bool accel_choose(const char *wish, const char *cache, const char **ret_accel, char **ret_reason, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* The trial itself: run the guest of accel-guest.h with "kvm" or "tcg" for at most limit_ms. False only when nothing could be
 * tried. *ret_reason says what was seen; caller frees. */
bool accel_probe(const char *accel, unsigned limit_ms, bool *ret_runs, char **ret_reason, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

#endif

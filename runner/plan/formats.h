// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_FORMATS_H
#define RUNNER_PLAN_FORMATS_H

#include <glib.h>
#include <stdbool.h>

/* Texts that must have a certain form. Each error completes "key 'x' ...": "must be ..., not '...'". */
bool format_scenario_name(const char *text, GError **error);
bool format_machine_name(const char *text, GError **error);
bool format_link_name(const char *text, GError **error);
bool format_image_name(const char *text, GError **error);
bool format_factor_name(const char *text, GError **error);
bool format_label(const char *text, GError **error);
bool format_metric(const char *text, GError **error);
bool format_address(const char *text, GError **error);
bool format_address6(const char *text, GError **error);
bool format_bare_address(const char *text, GError **error); /* without prefix length */
bool format_interface_address(const char *text, GError **error); /* or "dhcp" */
bool format_link(const char *text, GError **error); /* "BRIDGE/MACHINE" or "BRIDGE" */
bool format_vlan(const char *text, GError **error);
/* The address of copy number `copy` of a machine with this one: `copy` further on, inside the same network. The error
 * completes "key 'x' ...". Caller frees. */
char *address_of_copy(const char *address, unsigned copy, GError **error);

bool format_mac(const char *text, GError **error);
bool format_guest_path(const char *text, GError **error);
bool format_pattern(const char *text, GError **error);
bool format_word(const char *text, GError **error);
bool format_words(const char *text, GError **error);
bool format_variable(const char *text, GError **error);
bool format_mode(const char *text, GError **error);
bool format_clock(const char *text, GError **error);
bool format_cpus(const char *text, GError **error);
bool format_aggregate(const char *text, GError **error);

/* Whether a metric is there without a step that measures it: "phase.boot", "capture.packets". */
bool metric_is_automatic(const char *name);

#endif

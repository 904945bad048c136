// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_PLAN_REAL_CHECKS_H
#define TESTS_UNIT_PLAN_REAL_CHECKS_H

#include <json-glib/json-glib.h>
#include <pcap/pcap.h>
#include <string.h>

#include "runner/base/error.h"
#include "runner/plan/checks.h"

/* What the collectors do, in small: this layer cannot see them. The words are ours, as the libraries' may change. */
static inline bool real_filter(const char *filter, GError **error)
{
    pcap_t *pcap = pcap_open_dead(DLT_EN10MB, 2048);
    struct bpf_program program;
    bool ok = pcap_compile(pcap, &program, filter, 1, PCAP_NETMASK_UNKNOWN) == 0;

    if (ok)
        pcap_freecode(&program);
    else
        error_set(error, ERROR_SCENARIO, "libpcap does not understand it");
    pcap_close(pcap);
    return ok;
}

static inline bool real_measure(const char *kind, const char *rule, GError **error)
{
    g_autoptr(JsonPath) path = json_path_new();
    g_autoptr(GRegex) regex = NULL;
    g_autoptr(GError) inner = NULL;

    if (strcmp(kind, "regex") == 0)
        regex = g_regex_new(rule, 0, 0, &inner);
    else if (strcmp(kind, "jsonpath") == 0)
        json_path_compile(path, rule, &inner);
    else
        return strchr(rule, '!') == NULL || error_set(error, ERROR_SCENARIO, "there is no %s '%s'", kind, rule);
    return inner == NULL ? true : error_set(error, ERROR_SCENARIO, "it is no %s", kind);
}

static const ScenarioChecks real_checks = { .capture_filter = real_filter, .measure = real_measure };

#endif

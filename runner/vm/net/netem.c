// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/vm/net/netem.h"

#include "runner/base/error.h"
#include "runner/base/proc.h"

enum { TC_TIMEOUT_MS = 10000 };

static void add(GPtrArray *words, const char *format, ...) G_GNUC_PRINTF(2, 3);

static void add(GPtrArray *words, const char *format, ...)
{
    va_list args;

    va_start(args, format);
    g_ptr_array_add(words, g_strdup_vprintf(format, args));
    va_end(args);
}

static void add_percent(GPtrArray *words, const char *name, double percent)
{
    char digits[G_ASCII_DTOSTR_BUF_SIZE];

    if (percent <= 0)
        return;
    add(words, "%s", name);
    add(words, "%s%%", g_ascii_formatd(digits, sizeof digits, "%.6g", percent));
}

char **netem_command(const char *device, const Impairment *impairment)
{
    static const char *const start[] = { "tc", "qdisc", "replace", "dev" };
    GPtrArray *words = g_ptr_array_new();

    for (size_t i = 0; i < G_N_ELEMENTS(start); i++)
        add(words, "%s", start[i]);
    add(words, "%s", device);
    add(words, "root");
    add(words, "netem");
    add(words, "limit");
    add(words, "%u", impairment->queue);
    if (impairment->delay_s > 0 || impairment->jitter_s > 0) {
        add(words, "delay");
        add(words, "%.0fus", impairment->delay_s * 1e6);
        add(words, "%.0fus", impairment->jitter_s * 1e6);
    }
    add_percent(words, "loss", impairment->loss_percent);
    add_percent(words, "duplicate", impairment->duplicate_percent);
    add_percent(words, "corrupt", impairment->corrupt_percent);
    if (impairment->delay_s > 0) /* tc refuses to let something overtake what does not wait */
        add_percent(words, "reorder", impairment->reorder_percent);
    if (impairment->rate_bit_s > 0) {
        add(words, "rate");
        add(words, "%.0fbit", impairment->rate_bit_s);
    }
    g_ptr_array_add(words, NULL);
    return (char **) g_ptr_array_free(words, FALSE);
}

static bool run(const char *const *argv, GError **error)
{
    const ProcSpec spec = { .argv = argv, .timeout_ms = TC_TIMEOUT_MS };
    g_auto(ProcResult) result = { 0 };

    return proc_run_checked(&spec, &result, error);
}

#define RUN(error, ...) run((const char *const[]) { __VA_ARGS__, NULL }, error)

/* What comes out of the tap goes through the intermediate device before it goes on. Done already: nothing to do. */
static bool redirect(const char *tap, const char *ifb, GError **error)
{
    if (!RUN(NULL, "ip", "link", "add", ifb, "type", "ifb"))
        return true; /* it is there; when it is not, the next command says so */
    return RUN(error, "ip", "link", "set", ifb, "up") && RUN(error, "tc", "qdisc", "add", "dev", tap, "ingress")
           && RUN(error, "tc", "filter", "add", "dev", tap, "ingress", "matchall", "action", "mirred", "egress", "redirect", "dev", ifb);
}

bool netem_set(const char *tap, const char *ifb, Way way, const Impairment *impairment, GError **error)
{
    g_auto(GStrv) command = netem_command(way == WAY_FROM_MACHINE ? ifb : tap, impairment);

    return (way == WAY_TO_MACHINE || redirect(tap, ifb, error)) && run((const char *const *) command, error);
}

bool netem_probe(void)
{
    const Impairment some = { .delay_s = 0.001, .queue = 10 };

    return RUN(NULL, "ip", "link", "add", "probe0", "type", "veth", "peer", "name", "probe1")
           && netem_set("probe0", "probe-ifb", WAY_TO_MACHINE, &some, NULL)
           && netem_set("probe0", "probe-ifb", WAY_FROM_MACHINE, &some, NULL);
}

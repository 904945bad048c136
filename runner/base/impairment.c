// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/base/impairment.h"

#include <glib.h>
#include <math.h>

/* The numbers, in the order in which they are told. */
static const struct {
    const char *name, *unit;
    double scale; /* from the base unit to `unit` */
    size_t offset;
} numbers[] = {
    { "delay", "ms", 1e3, offsetof(Impairment, delay_s) },
    { "jitter", "ms", 1e3, offsetof(Impairment, jitter_s) },
    { "loss", "%", 1, offsetof(Impairment, loss_percent) },
    { "duplicate", "%", 1, offsetof(Impairment, duplicate_percent) },
    { "reorder", "%", 1, offsetof(Impairment, reorder_percent) },
    { "corrupt", "%", 1, offsetof(Impairment, corrupt_percent) },
    { "rate", "bit", 1, offsetof(Impairment, rate_bit_s) },
    { "burst", "B", 1, offsetof(Impairment, burst_bytes) },
};

static double number_of(const Impairment *impairment, size_t index)
{
    return *(const double *) (const void *) ((const char *) impairment + numbers[index].offset);
}

bool impairment_is_none(const Impairment *impairment)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (number_of(impairment, i) > 0 && numbers[i].offset != offsetof(Impairment, burst_bytes))
            return false; /* a burst alone holds back nothing, nor does a queue in which nothing waits */
    return true;
}

void impairment_overlay(Impairment *base, const Impairment *change)
{
    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++)
        if (!isnan(number_of(change, i)))
            *(double *) (void *) ((char *) base + numbers[i].offset) = number_of(change, i);
    if (change->queue > 0)
        base->queue = change->queue;
}

char *impairment_text(const Impairment *impairment)
{
    GString *text = g_string_new(NULL);

    for (size_t i = 0; i < G_N_ELEMENTS(numbers); i++) {
        double number = number_of(impairment, i);
        char digits[G_ASCII_DTOSTR_BUF_SIZE];

        if (number > 0)
            g_string_append_printf(text, "%s%s %s%s", text->len > 0 ? " " : "", numbers[i].name,
                                   g_ascii_formatd(digits, sizeof digits, "%.9g", number * numbers[i].scale), numbers[i].unit);
    }
    if (text->len == 0)
        g_string_append(text, "nothing");
    return g_string_free(text, FALSE);
}

const char *way_name(Way way)
{
    return way == WAY_FROM_MACHINE ? "from" : "to";
}

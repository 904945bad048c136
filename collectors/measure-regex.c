// SPDX-License-Identifier: GPL-3.0-or-later
#define PCRE2_CODE_UNIT_WIDTH 8
#include <math.h>
#include <pcre2.h>
#include <stdint.h>
#include <string.h>

#include "collectors/measure-kinds.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"

/* PCRE2 itself and not GRegex, because an author's pattern must not stop a run: MATCH_LIMIT bounds what one starting
 * place may cost, and searching WINDOW starting places at a time lets us look at the clock in between. GRegex offers
 * neither. The searcher's own shortcuts look far beyond a window, again in every window, so they are off
 * (NO_START_OPTIMIZE). */
enum { MATCH_LIMIT = 1000000, HEAP_LIMIT_KIB = 65536, WINDOW = 64 };

G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_code, pcre2_code_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_match_data, pcre2_match_data_free)
G_DEFINE_AUTOPTR_CLEANUP_FUNC(pcre2_match_context, pcre2_match_context_free)

static pcre2_code *compile(const char *pattern, GError **error)
{
    uint32_t options = PCRE2_MULTILINE | PCRE2_UTF | PCRE2_NEVER_BACKSLASH_C | PCRE2_NO_START_OPTIMIZE
                       | PCRE2_USE_OFFSET_LIMIT;
    PCRE2_SIZE offset = 0;
    int code = 0;
    pcre2_code *regex = pcre2_compile((PCRE2_SPTR) pattern, PCRE2_ZERO_TERMINATED, options, &code, &offset, NULL);
    char reason[256];

    if (regex == NULL) {
        pcre2_get_error_message(code, (PCRE2_UCHAR *) reason, sizeof reason);
        error_set(error, ERROR_SCENARIO, "regex '%s' cannot be used: at character %zu: %s", pattern, offset + 1,
                  reason);
    }
    return regex;
}

bool measure_regex_check(const char *pattern, GError **error)
{
    g_autoptr(pcre2_code) regex = compile(pattern, error);

    return regex != NULL;
}

static bool append_number(const char *pattern, const char *text, size_t size, GArray *values, GError **error)
{
    g_autofree char *number = g_strndup(text, size);
    char *end = NULL;
    double value;

    g_strstrip(number);
    value = g_ascii_strtod(number, &end);
    /* g_ascii_strtod also reads hexadecimal numbers, which no tool means by "0x10 ms". */
    if (end == number || *end != '\0' || strpbrk(number, "xX") != NULL || !isfinite(value))
        return error_set(error, ERROR_HOST, "regex '%s' matches '%.80s', which is no number", pattern, number);
    g_array_append_val(values, value);
    return true;
}

/* Search from `start` on; the result is that of pcre2_match(). */
static int search(const pcre2_code *regex, const char *text, size_t size, size_t start, uint32_t options,
                  pcre2_match_data *match, pcre2_match_context *context, int64_t deadline_ns)
{
    int found = PCRE2_ERROR_NOMATCH;

    for (; start <= size && found == PCRE2_ERROR_NOMATCH; start += WINDOW) {
        if (clock_monotonic_ns() > deadline_ns)
            return PCRE2_ERROR_MATCHLIMIT;
        while ((text[start] & 0xC0) == 0x80) /* a window begins with a whole character */
            start++;
        pcre2_set_offset_limit(context, start + WINDOW - 1);
        found = pcre2_match(regex, (PCRE2_SPTR) text, size, start, options, match, context);
        options &= ~(uint32_t) PCRE2_NOTEMPTY_ATSTART;
    }
    return found;
}

static bool search_failed(const char *pattern, size_t size, int code, GError **error)
{
    char reason[256];

    if (code == PCRE2_ERROR_MATCHLIMIT || code == PCRE2_ERROR_HEAPLIMIT || code == PCRE2_ERROR_DEPTHLIMIT) {
        error_set(error, ERROR_HOST, "regex '%s' takes too long on %zu bytes of output", pattern, size);
        error_hint(error, "repetitions inside repetitions, such as (a+)+, and several '.*' cost most.");
        return false;
    }
    pcre2_get_error_message(code, (PCRE2_UCHAR *) reason, sizeof reason);
    return error_set(error, ERROR_HOST, "regex '%s' cannot be searched for: %s", pattern, reason);
}

/* Append the number that the match found, and say where it ended, and how to go on from there. */
static bool match_take(pcre2_match_data *match, const char *pattern, const char *text, GArray *values, size_t *ret_end,
                       uint32_t *ret_options, GError **error)
{
    const size_t *ends = pcre2_get_ovector_pointer(match);
    unsigned group = pcre2_get_ovector_count(match) > 1 ? 1 : 0;
    bool unset = ends[2 * group] == PCRE2_UNSET; /* the group took no part */
    const char *number = unset ? "" : text + ends[2 * group];

    *ret_end = ends[1];
    *ret_options = PCRE2_NO_UTF_CHECK | (ends[0] == ends[1] ? PCRE2_NOTEMPTY_ATSTART : 0);
    return append_number(pattern, number, unset ? 0 : ends[2 * group + 1] - ends[2 * group], values, error);
}

bool measure_regex_find(const char *pattern, const char *text, size_t size, GArray *values, GError **error)
{
    g_autoptr(pcre2_code) regex = compile(pattern, error);
    g_autoptr(pcre2_match_context) context = pcre2_match_context_create(NULL);
    g_autoptr(pcre2_match_data) match = NULL;
    g_autofree char *valid = g_utf8_make_valid(text, (gssize) size);
    int64_t deadline_ns = clock_monotonic_ns() + 2000000000 + (int64_t) (size >> 20) * 1000000000;
    uint32_t options = PCRE2_NO_UTF_CHECK; /* g_utf8_make_valid() has done it, and once is enough */
    size_t valid_size = strlen(valid), start = 0;
    int found;

    if (regex == NULL)
        return false;
    match = pcre2_match_data_create_from_pattern(regex, NULL);
    pcre2_set_match_limit(context, MATCH_LIMIT);
    pcre2_set_heap_limit(context, HEAP_LIMIT_KIB);
    while ((found = search(regex, valid, valid_size, start, options, match, context, deadline_ns)) >= 0)
        if (!match_take(match, pattern, valid, values, &start, &options, error))
            return false;
    return found == PCRE2_ERROR_NOMATCH || search_failed(pattern, size, found, error);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/formats.h"

#include <arpa/inet.h>
#include <string.h>

#include "runner/base/cpus.h"
#include "runner/base/error.h"

/* ASCII letters and digits and the characters of `more`; a letter or digit first; at most `longest` bytes. */
static bool is_word(const char *text, const char *more, size_t longest)
{
    size_t length = strlen(text);

    if (length > longest || !g_ascii_isalnum(text[0]))
        return false;
    for (size_t i = 0; i < length; i++)
        if (!g_ascii_isalnum(text[i]) && strchr(more, text[i]) == NULL)
            return false;
    return true;
}

bool format_label(const char *text, GError **error)
{
    if (is_word(text, "-_.", 64))
        return true;
    return error_set(error, ERROR_SCENARIO,
                     "must be a letter or digit and then at most 63 letters, digits, '-', '_' and '.', not '%s'", text);
}

bool format_scenario_name(const char *text, GError **error)
{
    if (!format_label(text, error))
        return false;
    if (strspn(text, "0123456789") < strlen(text))
        return true;
    error_set(error, ERROR_SCENARIO, "must have more than digits, not '%s'", text);
    error_hint(error, "a bare number means an experiment's number on the command line.");
    return false;
}

bool format_machine_name(const char *text, GError **error)
{
    if (strcmp(text, "all") == 0 || strcmp(text, "host") == 0)
        return error_set(error, ERROR_SCENARIO, "must not be '%s', which means something else in a step's 'on'", text);
    if (is_word(text, "-", 32))
        return true;
    return error_set(error, ERROR_SCENARIO,
                     "must be a letter or digit and then at most 31 letters, digits and '-', not '%s'", text);
}

bool format_link_name(const char *text, GError **error)
{
    if (is_word(text, "-_.", 15))
        return true;
    return error_set(error, ERROR_SCENARIO,
                     "must be a letter or digit and then at most 14 letters, digits, '-', '_' and '.', not '%s'", text);
}

bool format_image_name(const char *text, GError **error)
{
    if (is_word(text, "-_.+:", 128))
        return true;
    return error_set(error, ERROR_SCENARIO, "must be the name of an image, such as 'tiny', not '%s'", text);
}

/* A factor becomes TRIALBED_FACTOR_NAME in a guest, and "machine.address" must not look like one. */
bool format_factor_name(const char *text, GError **error)
{
    if (is_word(text, "-_", 32) && g_ascii_isalpha(text[0]))
        return true;
    return error_set(error, ERROR_SCENARIO,
                     "must be a letter and then at most 31 letters, digits, '-' and '_', not '%s'", text);
}

bool metric_is_automatic(const char *name)
{
    return g_str_has_prefix(name, "phase.") || g_str_has_prefix(name, "capture.") || strcmp(name, "cpu.time") == 0
           || strcmp(name, "memory.resident") == 0;
}

bool format_metric(const char *text, GError **error)
{
    if (!metric_is_automatic(text))
        return format_label(text, error);
    return error_set(error, ERROR_SCENARIO, "must not be one that is measured without asking, such as '%s'", text);
}

static bool address_is(int family, const char *address, const char *prefix)
{
    unsigned char bytes[sizeof(struct in6_addr)];
    guint64 bits;

    return inet_pton(family, address, bytes) == 1 && strlen(prefix) <= 3 &&
           g_ascii_string_to_unsigned(prefix, 10, 0, family == AF_INET ? 32 : 128, &bits, NULL);
}

bool format_address(const char *text, GError **error)
{
    const char *slash = strchr(text, '/');
    g_autofree char *address = g_strndup(text, slash != NULL ? (size_t) (slash - text) : strlen(text));

    if (slash != NULL && (address_is(AF_INET, address, slash + 1) || address_is(AF_INET6, address, slash + 1)))
        return true;
    error_set(error, ERROR_SCENARIO, "must be an address with its prefix length, such as 10.0.0.1/24, not '%s'", text);
    if (slash == NULL && (address_is(AF_INET, address, "0") || address_is(AF_INET6, address, "0")))
        error_hint(error, "add the prefix length: %s/%s.", text, strchr(text, ':') != NULL ? "64" : "24");
    return false;
}

bool format_interface_address(const char *text, GError **error)
{
    return strcmp(text, "dhcp") == 0 || format_address(text, error);
}

bool format_address6(const char *text, GError **error)
{
    if (!format_address(text, error))
        return false;
    return strchr(text, ':') != NULL || error_set(error, ERROR_SCENARIO, "must be an IPv6 address, not '%s'", text);
}

bool format_bare_address(const char *text, GError **error)
{
    if (address_is(AF_INET, text, "0") || address_is(AF_INET6, text, "0"))
        return true;
    error_set(error, ERROR_SCENARIO, "must be an address such as 10.0.0.254, not '%s'", text);
    if (strchr(text, '/') != NULL)
        error_hint(error, "leave the prefix length out.");
    return false;
}

bool format_link(const char *text, GError **error)
{
    const char *slash = strchr(text, '/');
    g_autofree char *bridge = g_strndup(text, slash != NULL ? (size_t) (slash - text) : strlen(text));

    if (format_link_name(bridge, NULL) && (slash == NULL || format_machine_name(slash + 1, NULL)))
        return true;
    return error_set(error, ERROR_SCENARIO, "must be BRIDGE/MACHINE, such as br0/client, or BRIDGE, not '%s'", text);
}

bool format_vlan(const char *text, GError **error)
{
    guint64 number;

    return g_ascii_string_to_unsigned(text, 10, 1, 4094, &number, NULL)
           || error_set(error, ERROR_SCENARIO, "must have numbers from 1 to 4094, not '%s'", text);
}

char *address_of_copy(const char *address, unsigned copy, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(address, "/", 2);
    int family = strchr(address, ':') != NULL ? AF_INET6 : AF_INET;
    int size = family == AF_INET6 ? 16 : 4;
    unsigned prefix = parts[0] != NULL && parts[1] != NULL ? (unsigned) g_ascii_strtoull(parts[1], NULL, 10) : 0;
    unsigned char bytes[sizeof(struct in6_addr)] = { 0 }, first[sizeof bytes] = { 0 };
    char text[INET6_ADDRSTRLEN];
    unsigned carry = copy;
    bool is_last = family == AF_INET && prefix < 31;

    if (parts[0] == NULL || inet_pton(family, parts[0], bytes) != 1)
        return g_strdup(address);
    memcpy(first, bytes, sizeof bytes);
    for (int i = size - 1; i >= 0; i--, carry >>= 8) {
        carry += bytes[i];
        bytes[i] = (unsigned char) carry;
    }
    for (int bit = 0; bit < size * 8; bit++) {
        unsigned char mask = (unsigned char) (0x80 >> bit % 8);

        if (bit < (int) prefix && ((bytes[bit / 8] ^ first[bit / 8]) & mask) != 0)
            carry = 1;
        else if (bit >= (int) prefix && (bytes[bit / 8] & mask) == 0)
            is_last = false;
    }
    if (carry == 0 && (!is_last || copy == 0) && inet_ntop(family, bytes, text, sizeof text) != NULL)
        return g_strconcat(text, "/", parts[1], NULL);
    error_set(error, ERROR_SCENARIO, "'%s' leaves no room in its network for machine number %u", address, copy);
    error_hint(error, "begin with a lower address, or use a shorter prefix length.");
    return NULL;
}

bool format_mac(const char *text, GError **error)
{
    bool is_mac = strlen(text) == 17;

    for (size_t i = 0; is_mac && i < 17; i++)
        is_mac = i % 3 == 2 ? text[i] == ':' : g_ascii_isxdigit(text[i]);
    if (!is_mac)
        return error_set(error, ERROR_SCENARIO, "must be a hardware address such as 52:54:00:00:00:01, not '%s'", text);
    if ((g_ascii_xdigit_value(text[1]) & 1) == 0 && strcmp(text, "00:00:00:00:00:00") != 0)
        return true;
    error_set(error, ERROR_SCENARIO, "must be the hardware address of one card, not '%s'", text);
    error_hint(error, "begin it with 52:54:00.");
    return false;
}

bool format_guest_path(const char *text, GError **error)
{
    g_auto(GStrv) parts = g_strsplit(text, "/", -1);

    if (text[0] != '/' || text[1] == '\0' || g_str_has_suffix(text, "/"))
        return error_set(error, ERROR_SCENARIO, "must be the absolute path of a file, not '%s'", text);
    if (g_strv_contains((const char *const *) parts, ".."))
        return error_set(error, ERROR_SCENARIO, "must be a path without '..', not '%s'", text);
    return true;
}

bool format_aggregate(const char *text, GError **error)
{
    static const char *const names[] = { "mean", "median", "min", "max", "sum", "last", NULL };
    guint64 percentile;

    if (g_strv_contains(names, text) ||
        (text[0] == 'p' && text[1] != '0' && g_ascii_string_to_unsigned(text + 1, 10, 1, 99, &percentile, NULL)))
        return true;
    return error_set(error, ERROR_SCENARIO, "must be mean, median, min, max, sum, last or p1 to p99, not '%s'", text);
}

bool format_pattern(const char *text, GError **error)
{
    g_autoptr(GError) inner = NULL;
    g_autoptr(GRegex) regex = g_regex_new(text, 0, 0, &inner);

    return regex != NULL || error_set(error, ERROR_SCENARIO, "must be a regular expression, not '%s'", text);
}

bool format_word(const char *text, GError **error)
{
    if (text[0] != '\0' && text[strspn(text, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._+-")] == '\0')
        return true;
    return error_set(error, ERROR_SCENARIO, "must be one word of letters, digits, '.', '_', '+' and '-', not '%s'", text);
}

bool format_words(const char *text, GError **error)
{
    g_auto(GStrv) words = NULL;
    g_autoptr(GError) problem = NULL;

    if (g_shell_parse_argv(text, NULL, &words, &problem))
        return true;
    return error_set(error, ERROR_SCENARIO, "must be words, quoted as for a shell, not '%s' (%s)", text, problem->message);
}

bool format_variable(const char *text, GError **error)
{
    const char *equals = strchr(text, '=');
    g_autofree char *name = equals != NULL ? g_strndup(text, (size_t) (equals - text)) : NULL;
    size_t digits = strspn(text, "0123456789");

    if (name != NULL && name[0] != '\0' && digits == 0
        && strspn(name, "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_") == strlen(name))
        return true;
    return error_set(error, ERROR_SCENARIO, "must be a variable as NAME=VALUE, with letters, digits and '_' in its name, not '%s'", text);
}

bool format_mode(const char *text, GError **error)
{
    size_t length = strlen(text);

    if ((length == 3 || length == 4) && strspn(text, "01234567") == length)
        return true;
    return error_set(error, ERROR_SCENARIO, "must be a mode of three or four octal digits, such as 0755, not '%s'",
                     text);
}

bool format_cpus(const char *text, GError **error)
{
    cpu_set_t cpus;

    return cpus_parse(text, &cpus, error);
}

bool format_clock(const char *text, GError **error)
{
    if (strlen(text) == 5 && text[2] == ':' && strspn(text, "0123456789:") == 5 && strchr(text, ':') == text + 2 &&
        g_ascii_strtoull(text, NULL, 10) < 24 && g_ascii_strtoull(text + 3, NULL, 10) < 60 && text[3] != ':' &&
        text[4] != ':')
        return true;
    return error_set(error, ERROR_SCENARIO, "must be a time of day such as 07:00, not '%s'", text);
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "runner/plan/yaml-text.h"

#include <string.h>

#include "runner/plan/limits.h"

void text_place(const char *text, size_t offset, unsigned *ret_line, unsigned *ret_column)
{
    unsigned line = 1;
    unsigned column = 1;

    for (size_t i = 0; i < offset; i++) {
        if (text[i] == '\n')
            line++, column = 1;
        else if ((text[i] & 0xC0) != 0x80)
            column++;
    }
    *ret_line = line;
    *ret_column = column;
}

/* The first byte that YAML does not allow, or the end. */
static size_t allowed_size(const char *text, size_t size)
{
    const char *end;
    const char *at;

    g_utf8_validate_len(text, size, &end);
    for (at = text; at < end; at = g_utf8_next_char(at)) {
        gunichar c = g_utf8_get_char(at);

        if ((c < ' ' && c != '\t' && c != '\n' && c != '\r') || (c >= 0x7F && c < 0xA0 && c != 0x85) || c == 0xFFFE ||
            c == 0xFFFF)
            break;
    }
    return (size_t) (at - text);
}

size_t text_readable_size(const char *text, size_t size, Problems *problems)
{
    size_t offset;
    unsigned line, column;
    gunichar found;

    if (size > SCENARIO_BYTES_MAX) {
        problems_add(problems, problems->first_line, 0,
                     g_strdup_printf("the file has %zu bytes, the limit is %d", size, SCENARIO_BYTES_MAX), NULL);
        return 0;
    }
    offset = allowed_size(text, size);
    if (offset == size)
        return size;
    text_place(text, offset, &line, &column);
    found = g_utf8_get_char_validated(text + offset, (gssize) (size - offset));
    if (found <= 0x10FFFF || text[offset] == '\0')
        problems_add(problems, problems->first_line + line, column,
                     g_strdup_printf("character U+%04X cannot stand here", text[offset] != '\0' ? found : 0),
                     g_strdup("remove it; in double quotes it can be written as '\\xNN'."));
    else
        problems_add(problems, problems->first_line + line, column,
                     g_strdup_printf("byte 0x%02X is not UTF-8 here", (unsigned char) text[offset]),
                     g_strdup("save the file as UTF-8."));
    while (offset > 0 && text[offset - 1] != '\n')
        offset--;
    return offset;
}

TabRepair *tab_repair_new(const char *text, size_t size)
{
    TabRepair *repair = g_new0(TabRepair, 1);

    repair->text = g_string_new_len(text, (gssize) size);
    repair->shifts = g_hash_table_new(NULL, NULL);
    repair->indents = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, NULL);
    return repair;
}

void tab_repair_free(TabRepair *repair)
{
    if (repair == NULL)
        return;
    g_string_free(repair->text, TRUE);
    g_hash_table_unref(repair->shifts);
    g_hash_table_unref(repair->indents);
    g_free(repair);
}

unsigned tab_repair_column(const TabRepair *repair, unsigned line, unsigned column)
{
    int shift = GPOINTER_TO_INT(g_hash_table_lookup(repair->shifts, GUINT_TO_POINTER(line)));

    return (unsigned) MAX(1, (int) column + shift);
}

static size_t line_start(const char *text, size_t offset)
{
    while (offset > 0 && text[offset - 1] != '\n')
        offset--;
    return offset;
}

/* The line before that has something on it; false when there is none. */
static bool line_before(const char *text, size_t start, size_t *ret_start, size_t *ret_length)
{
    while (start > 0) {
        size_t end = start - 1;
        size_t begin = line_start(text, end);

        if (strspn(text + begin, " \t\r") < end - begin && text[begin + strspn(text + begin, " \t")] != '#') {
            *ret_start = begin;
            *ret_length = end - begin;
            return true;
        }
        start = begin;
    }
    return false;
}

/* How far a line stands to the right that follows `before`: as its text, or deeper when it opens something. */
static size_t guess_indent(const char *before, size_t length, bool is_item)
{
    size_t indent = strspn(before, " ");
    size_t content = indent;

    while (content + 1 < length && before[content] == '-' && before[content + 1] == ' ')
        content += 2;
    while (length > 0 && g_ascii_isspace(before[length - 1]))
        length--;
    if (length > 0 && before[length - 1] == ':')
        return content + 2;
    return is_item ? indent : content;
}

bool tab_repair_line(TabRepair *repair, size_t index, unsigned *ret_line, unsigned *ret_column)
{
    char *text = repair->text->str;
    glong last = g_utf8_strlen(text, (gssize) repair->text->len);
    size_t at = (size_t) (g_utf8_offset_to_pointer(text, MIN((glong) index, last)) - text);
    size_t start = line_start(text, at);
    size_t width = strspn(text + start, " \t");
    g_autofree char *white = g_strndup(text + start, width);
    const char *tab = strchr(white, '\t');
    size_t before = 0, before_length = 0, indent = 0;
    gpointer known;

    if (tab == NULL)
        return false;
    if (g_hash_table_lookup_extended(repair->indents, white, NULL, &known))
        indent = GPOINTER_TO_SIZE(known);
    else if (line_before(text, start, &before, &before_length))
        indent = guess_indent(text + before, before_length, text[start + width] == '-');
    text_place(text, start, ret_line, ret_column);
    *ret_column = (unsigned) (tab - white) + 1;
    g_hash_table_insert(repair->shifts, GUINT_TO_POINTER(*ret_line), GINT_TO_POINTER((int) width - (int) indent));
    g_string_erase(repair->text, (gssize) start, (gssize) width);
    for (size_t i = 0; i < indent; i++)
        g_string_insert_c(repair->text, (gssize) start, ' ');
    g_hash_table_replace(repair->indents, g_steal_pointer(&white), GSIZE_TO_POINTER(indent));
    repair->count++;
    return true;
}

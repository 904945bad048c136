// SPDX-License-Identifier: GPL-3.0-or-later
#include "db/bundle/bag.h"

#include <string.h>

#include "runner/base/error.h"

const BagManifest bag_manifests[BAG_DIGESTS] = {
    [BAG_SHA256] = { "manifest-sha256.txt", "tagmanifest-sha256.txt", "SHA-256", 64 },
    [BAG_SHA512] = { "manifest-sha512.txt", "tagmanifest-sha512.txt", "SHA-512", 128 },
};

const char *bag_path_fault(const char *path)
{
    g_auto(GStrv) parts = g_strsplit(path, "/", -1);

    if (path[0] == '/')
        return "is absolute";
    if (!g_utf8_validate(path, -1, NULL))
        return "is no UTF-8";
    for (char **part = parts; *part != NULL; part++) {
        if (strcmp(*part, "..") == 0)
            return "leads out of its folder";
        if (**part == '\0' || strcmp(*part, ".") == 0)
            return "has an empty part";
    }
    return parts[0] == NULL ? "is empty" : NULL;
}

static bool has_file_above(GHashTable *paths, const char *path)
{
    g_autofree char *above = g_strdup(path);
    char *slash;

    while ((slash = strrchr(above, '/')) != NULL) {
        *slash = '\0';
        if (g_hash_table_contains(paths, above))
            return true;
    }
    return false;
}

const char *bag_path_below_file(GHashTable *paths)
{
    GHashTableIter iter;
    gpointer path;

    g_hash_table_iter_init(&iter, paths);
    while (g_hash_table_iter_next(&iter, &path, NULL))
        if (has_file_above(paths, path))
            return path;
    return NULL;
}

/* RFC 8493 wants CR, LF and % written as %0D, %0A and %25, and nothing else. */
static char *path_encode(const char *path, bool all_controls)
{
    GString *text = g_string_new(NULL);

    for (; *path != '\0'; path++) {
        if (*path == '\r' || *path == '\n' || *path == '%' || (all_controls && g_ascii_iscntrl(*path)))
            g_string_append_printf(text, "%%%02X", (unsigned char) *path);
        else
            g_string_append_c(text, *path);
    }
    return g_string_free(text, FALSE);
}

/* The character that `text` begins with, and how many bytes it takes. */
static char character_decode(const char *text, size_t size, size_t *ret_used)
{
    static const struct {
        const char *code;
        char character;
    } codes[] = { { "%0D", '\r' }, { "%0A", '\n' }, { "%25", '%' } };

    for (size_t i = 0; size >= 3 && i < G_N_ELEMENTS(codes); i++) {
        if (g_ascii_strncasecmp(text, codes[i].code, 3) == 0) {
            *ret_used = 3;
            return codes[i].character;
        }
    }
    *ret_used = 1;
    return *text;
}

static char *path_decode(const char *text, size_t size)
{
    GString *path = g_string_new(NULL);

    for (size_t used; size > 0; text += used, size -= used)
        g_string_append_c(path, character_decode(text, size, &used));
    return g_string_free(path, FALSE);
}

char *bag_path_show(const char *path)
{
    g_autofree char *valid = g_utf8_make_valid(path, -1);

    return path_encode(valid, true);
}

void bag_manifest_append(GString *manifest, const char *digest, const char *path)
{
    g_autofree char *encoded = path_encode(path, false);

    g_string_append_printf(manifest, "%s  %s\n", digest, encoded);
}

static bool line_parse(const char *line, size_t size, unsigned wanted, GHashTable *digests)
{
    size_t digits = strspn(line, "0123456789abcdefABCDEF");
    size_t blanks = strspn(line + digits, " \t");
    g_autofree char *path = NULL;

    if (digits != wanted || blanks == 0 || digits + blanks >= size)
        return false;
    path = path_decode(line + digits + blanks, size - digits - blanks);
    if (bag_path_fault(path) != NULL || g_hash_table_contains(digests, path))
        return false;
    g_hash_table_insert(digests, g_steal_pointer(&path), g_ascii_strdown(line, wanted));
    return true;
}

GHashTable *bag_manifest_parse(const char *name, const BagManifest *kind, const char *text, GError **error)
{
    g_autoptr(GHashTable) digests = g_hash_table_new_full(g_str_hash, g_str_equal, g_free, g_free);

    for (unsigned number = 1; *text != '\0'; number++) {
        size_t size = strcspn(text, "\r\n");

        if (!line_parse(text, size, kind->digits, digests)) {
            error_set(error, ERROR_DATA, "%s:%u is not a %s and a new path inside the bag", name, number,
                      kind->algorithm);
            return NULL;
        }
        text += size;
        text += g_str_has_prefix(text, "\r\n") ? 2 : *text != '\0';
    }
    return g_steal_pointer(&digests);
}

char *bag_path_fold(const char *path)
{
    g_autofree char *folded = g_utf8_casefold(path, -1);

    return g_utf8_normalize(folded, -1, G_NORMALIZE_ALL_COMPOSE);
}

locale_t bag_locale_enter(void)
{
    locale_t utf8 = newlocale(LC_CTYPE_MASK, "C.UTF-8", (locale_t) 0);

    return utf8 != (locale_t) 0 ? uselocale(utf8) : (locale_t) 0;
}

void bag_locale_leave(locale_t before)
{
    if (before != (locale_t) 0)
        freelocale(uselocale(before));
}

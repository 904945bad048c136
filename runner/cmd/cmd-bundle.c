// SPDX-License-Identifier: GPL-3.0-or-later
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "db/bundle/bundle.h"
#include "runner/base/error.h"
#include "runner/cmd/cmd.h"

extern const Command cmd_bundle;

/* "        1234  data/path" becomes {"size": 1234, "path": "data/path"}. */
static void print_list_json(const char *text)
{
    g_auto(GStrv) lines = g_strsplit(text, "\n", -1);
    bool first = true;

    putchar('[');
    for (char **line = lines; *line != NULL; line++) {
        char *path = NULL;
        gint64 size = g_ascii_strtoll(*line, &path, 10);
        g_autofree char *quoted = NULL;

        if (!g_str_has_prefix(path, "  "))
            continue;
        quoted = print_json(path + 2);
        printf("%s\n  {\"size\": %lld, \"path\": %s}", first ? "" : ",", (long long) size, quoted);
        first = false;
    }
    puts("]");
}

static void print_file_json(const char *path, const char *text, size_t size)
{
    g_autofree char *valid = g_utf8_make_valid(text, (gssize) size);
    g_autofree char *quoted_path = print_json(path);
    g_autofree char *quoted = print_json(valid);

    printf("{\"path\": %s, \"text\": %s}\n", quoted_path, quoted);
}

/* `path` NULL: list, else print that file. */
static bool browse_as_json(const char *bundle, const char *path, GError **error)
{
    char *text = NULL;
    size_t size = 0;
    FILE *out = open_memstream(&text, &size);
    bool ok = path == NULL ? bundle_list(bundle, out, error) : bundle_cat(bundle, path, out, error);

    fclose(out);
    if (ok && path == NULL)
        print_list_json(text);
    else if (ok)
        print_file_json(path, text, size);
    free(text);
    return ok;
}

static bool run(const Context *context, int argc, char **argv, GError **error)
{
    const char *path = argc == 3 ? argv[2] : "README.md";
    bool ls = strcmp(argv[0], "ls") == 0 && argc == 2, cat = strcmp(argv[0], "cat") == 0 && argc > 1;

    if ((ls || cat) && context->json)
        return browse_as_json(argv[1], ls ? NULL : path, error);
    if (ls)
        return bundle_list(argv[1], stdout, error);
    if (cat)
        return bundle_cat(argv[1], path, stdout, error);
    error_set(error, ERROR_USAGE, "command 'bundle' does not know '%s' with %d argument%s", argv[0], argc - 1,
              argc == 2 ? "" : "s");
    error_hint(error, "usage: trialbed bundle %s", context->command->usage);
    return false;
}

const Command cmd_bundle = {
    .name = "bundle", .usage = "ls FILE | cat FILE [PATH]", .summary = "look into a bundle without importing it",
    .details = "'ls' prints size and path of every file; 'cat' prints one, README.md when none is named. Neither\n"
               "checks digests: 'trialbed verify' does.",
    .json = "[{\"size\": N, \"path\": PATH}]; from cat {\"path\": PATH, \"text\": TEXT}",
    .min_args = 2, .max_args = 3, .run = run,
};

// SPDX-License-Identifier: GPL-3.0-or-later
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "runner/cmd/cmd.h"
#include "runner/exec/lab.h"
#include "runner/plan/suggest.h"

static char *lab;
static gboolean json, verbose, quiet;

static const GOptionEntry global_options[] = {
    { "lab", 0, 0, G_OPTION_ARG_FILENAME, &lab, "the folder that holds it all (default: TRIALBED_LAB or ./lab)",
      "DIR" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "print results as JSON", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "say what is being done", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "warnings and errors only", NULL },
    G_OPTION_ENTRY_NULL,
};

static void help(FILE *out)
{
    fputs("usage: trialbed [--lab DIR] [--json] [-v|-q] COMMAND [ARGS...]\n\n", out);
    for (size_t i = 0; i < command_count; i++)
        if (commands[i]->summary != NULL)
            fprintf(out, "  %-9s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n'trialbed COMMAND --help' says what a command takes.\n\n"
          "Results go to stdout, everything else to stderr. Exit status: 0 all well; 1 it ran, but some runs failed;\n"
          "2 wrong command line; 3 a scenario with problems; 4 this host cannot do it; 5 a database, file or bundle\n"
          "fails its check; 70 a bug of trialbed; 130 interrupted, 'trialbed resume' goes on.\n", out);
}

static const Command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
    return NULL;
}

/* "did you mean '--format'?" for the first word that looks like an option and is none of these. NULL: nothing is near. */
static char *suggest_option(const Command *command, char **argv)
{
    g_autoptr(GPtrArray) known = g_ptr_array_new();

    for (const GOptionEntry *entry = global_options; entry->long_name != NULL; entry++)
        g_ptr_array_add(known, (gpointer) entry->long_name);
    for (const GOptionEntry *entry = command->options; entry != NULL && entry->long_name != NULL; entry++)
        g_ptr_array_add(known, (gpointer) entry->long_name);
    for (; *argv != NULL && strcmp(*argv, "--") != 0; argv++) {
        g_autofree char *name = g_str_has_prefix(*argv, "--") ? g_strndup(*argv + 2, strcspn(*argv + 2, "=")) : NULL;
        const char *found = name != NULL ? suggest_nearest(name, known) : NULL;

        if (found != NULL && strcmp(found, name) != 0)
            return g_strdup_printf("did you mean '--%s'?", found);
    }
    return NULL;
}

/* Reads options into the static variables; `argv` keeps the other words. */
static bool parse_options(GOptionContext *options, int *argc, char ***argv, const char *where, GError **error)
{
    g_autoptr(GError) problem = NULL;

    if (g_option_context_parse(options, argc, argv, &problem))
        return true;
    error_set(error, ERROR_USAGE, "%s%c%s", where, (char) g_ascii_tolower(problem->message[0]), problem->message + 1);
    return false;
}

/* What a word of a usage line stands for. */
static const struct {
    const char *word, *meaning;
} arguments[] = {
    { "SCENARIO", "SCENARIO is a YAML file; docs/scenario.md describes it." },
    { "EXPERIMENT",
      "EXPERIMENT is its number, its scenario's name (the newest of that name) or the beginning of its UUID." },
    { "RUN", "RUN is a run's number; 'trialbed status EXPERIMENT --runs' lists them." },
};

static bool has_word(const char *usage, const char *word)
{
    const char *at = strstr(usage, word);

    return at != NULL && !g_ascii_isalpha(at[strlen(word)]);
}

static void print_command_help(const Command *command, GOptionContext *options)
{
    g_autofree char *text = g_option_context_get_help(options, FALSE, NULL);
    const char *list = strstr(text, "\n\n"); /* GLib's own usage line does not know the command */
    const char *space = command->usage[0] != '\0' ? " " : "";

    printf("usage: trialbed %s%s%s\n\n", command->name, space, command->usage);
    if (command->summary != NULL)
        printf("%c%s.\n", g_ascii_toupper(command->summary[0]), command->summary + 1);
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    for (size_t i = 0; i < G_N_ELEMENTS(arguments); i++)
        if (has_word(command->usage, arguments[i].word))
            printf("\n%s\n", arguments[i].meaning);
    printf("%s\n", list != NULL ? g_strchomp((char *) list) + 1 : "");
    if (command->json != NULL)
        printf("\nWith --json: %s\n", command->json);
    if (command->exits != NULL)
        printf("\nExit status: %s.\n", command->exits);
}

/* --lab, else TRIALBED_LAB, else "lab"; an empty variable is none. */
static const char *lab_folder(void)
{
    const char *variable = g_getenv("TRIALBED_LAB");

    if (lab != NULL)
        return lab;
    return variable != NULL && variable[0] != '\0' ? variable : "lab";
}

static bool store_prepare(const Command *command, Context *context, GError **error)
{
    g_autofree char *path = g_build_filename(context->lab, "trialbed.db", NULL);

    if (!(command->needs & (CMD_NEEDS_STORE | CMD_NEEDS_STORE_READONLY)))
        return true;
    if (command->needs & CMD_MAKES_STORE) {
        if (!lab_make(context->lab, error))
            return false;
    } else if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
        error_set(error, ERROR_USAGE, "there is no lab at '%s'", context->lab);
        error_hint(error, "'trialbed run SCENARIO' makes one, --lab DIR names another.");
        return false;
    }
    context->store = command->needs & CMD_NEEDS_STORE ? store_open(path, error) : store_open_readonly(path, error);
    return context->store != NULL;
}

static bool check_arg_count(const Command *command, int argc, GError **error)
{
    if (argc >= command->min_args && (command->max_args < 0 || argc <= command->max_args))
        return true;
    error_set(error, ERROR_USAGE, "command '%s' got %d argument%s", command->name, argc, argc == 1 ? "" : "s");
    error_hint(error, "usage: trialbed %s %s", command->name, command->usage);
    return false;
}

/* --lab is the first of the global options; behind a command that gives it a meaning of its own it is not global. */
static bool has_own_lab(const Command *command)
{
    for (const GOptionEntry *entry = command->options; entry != NULL && entry->long_name != NULL; entry++)
        if (strcmp(entry->long_name, "lab") == 0)
            return true;
    return false;
}

/* `argv` begins with the command's name. */
static bool run_command(const Command *command, int argc, char **argv, GError **error)
{
    g_autoptr(GOptionContext) options = g_option_context_new(NULL);
    g_autofree char *where = g_strdup_printf("command '%s': ", command->name);
    g_autofree char *program = g_file_read_link("/proc/self/exe", NULL);
    gboolean wants_help = FALSE;
    GOptionEntry help_option[] = { { "help", 'h', 0, G_OPTION_ARG_NONE, &wants_help, "print this", NULL },
                                   G_OPTION_ENTRY_NULL };
    Context context = { .program = program, .command = command };
    bool ok;

    g_option_context_set_help_enabled(options, FALSE);
    if (command->options != NULL)
        g_option_context_add_main_entries(options, command->options, NULL);
    g_option_context_add_main_entries(options, global_options + has_own_lab(command), NULL);
    g_option_context_add_main_entries(options, help_option, NULL);
    if (!parse_options(options, &argc, &argv, where, error)) {
        g_autofree char *near = suggest_option(command, argv + 1);

        if (near != NULL)
            error_hint(error, "%s", near);
        error_hint(error, "'trialbed %s --help' lists the options.", command->name);
        return false;
    }
    if (wants_help) {
        print_command_help(command, options);
        return true;
    }
    if (argc > 1 && strcmp(argv[1], "--") == 0) /* GLib leaves it when everything behind it is a word */
        argv[1] = argv[0], argv++, argc--;
    if (!check_arg_count(command, argc - 1, error))
        return false;
    log_set_level(quiet ? LOG_QUIET : verbose ? LOG_VERBOSE : LOG_NORMAL);
    context.lab = lab_folder();
    context.json = json;
    if (!store_prepare(command, &context, error))
        return false;
    ok = command->run(&context, argc - 1, argv + 1, error);
    store_close(context.store);
    return ok;
}

/* `argv` begins with what should be a command's name. */
static bool run_by_name(int argc, char **argv, GError **error)
{
    const Command *command = find_command(argv[0]);
    g_autoptr(GPtrArray) known = g_ptr_array_new();
    g_autofree char *near = NULL;

    if (command != NULL)
        return run_command(command, argc, argv, error);
    error_set(error, ERROR_USAGE, "there is no command '%s'", argv[0]);
    for (size_t i = 0; i < command_count; i++)
        if (commands[i]->summary != NULL)
            g_ptr_array_add(known, (gpointer) commands[i]->name);
    near = suggest(argv[0], known, NULL);
    if (near != NULL)
        error_hint(error, "%s", near);
    error_hint(error, "'trialbed help' lists the commands.");
    return false;
}

static bool dispatch(int argc, char **argv, GError **error)
{
    g_autoptr(GOptionContext) options = g_option_context_new(NULL);

    g_option_context_set_strict_posix(options, TRUE);
    g_option_context_set_help_enabled(options, FALSE);
    g_option_context_add_main_entries(options, global_options, NULL);
    if (argc > 1 && (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0))
        argv[1] = (char *) "help";
    if (argc > 1 && strcmp(argv[1], "--version") == 0)
        argv[1] = (char *) "version";
    if (!parse_options(options, &argc, &argv, "", error)) {
        error_hint(error, "'trialbed help' lists options and commands.");
        return false;
    }
    if (argc < 2) {
        error_set(error, ERROR_USAGE, "no command given");
        error_hint(error, "'trialbed help' lists the commands.");
        return false;
    }
    if (strcmp(argv[1], "help") != 0)
        return run_by_name(argc - 1, argv + 1, error);
    if (argc > 2)
        return run_by_name(2, (char *[]) { argv[2], (char *) "--help", NULL }, error);
    help(stdout);
    return true;
}

/* TOUR 1/8: from here a command is found in its table (runner/cmd/commands.c), its options are read, the database is
 * opened if its record asks for it, and its run() is called. Next: runner/cmd/commands.c. */
int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    setlocale(LC_CTYPE, ""); /* for file names only; numbers are written the same everywhere */
    if (!dispatch(argc, argv, &error))
        return error_report(error, stderr);
    if (fflush(stdout) != 0 || ferror(stdout)) {
        error_set(&error, ERROR_HOST, "could not write the whole result to standard output");
        return error_report(error, stderr);
    }
    return EXIT_SUCCESS;
}

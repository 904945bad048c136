// SPDX-License-Identifier: GPL-3.0-or-later
#include <locale.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"
#include "runner/cmd/cmd.h"

static char *lab;
static gboolean json, verbose, quiet;

static const GOptionEntry global_options[] = {
    { "lab", 0, 0, G_OPTION_ARG_FILENAME, &lab, "the directory that holds it all (default: TRIALBED_LAB or ./lab)", "DIR" },
    { "json", 0, 0, G_OPTION_ARG_NONE, &json, "results as JSON", NULL },
    { "verbose", 'v', 0, G_OPTION_ARG_NONE, &verbose, "say what is being done", NULL },
    { "quiet", 'q', 0, G_OPTION_ARG_NONE, &quiet, "warnings and errors only", NULL },
    G_OPTION_ENTRY_NULL,
};

static void help(FILE *out)
{
    fputs("usage: trialbed [--lab DIR] [--json] [-v|-q] COMMAND [ARGS...]\n\n", out);
    for (size_t i = 0; i < command_count; i++)
        if (commands[i]->summary != NULL)
            fprintf(out, "  %-8s %s\n", commands[i]->name, commands[i]->summary);
    fputs("\n'trialbed COMMAND --help' says what a command takes.\n", out);
}

static const Command *find_command(const char *name)
{
    for (size_t i = 0; i < command_count; i++)
        if (strcmp(commands[i]->name, name) == 0)
            return commands[i];
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

static void print_command_help(const Command *command, GOptionContext *options)
{
    g_autofree char *text = g_option_context_get_help(options, FALSE, NULL);
    const char *list = strstr(text, "\n\n"); /* GLib's own usage line does not know the command */

    printf("usage: trialbed %s %s\n\n%s.\n", command->name, command->usage, command->summary);
    if (command->details != NULL)
        printf("\n%s\n", command->details);
    fputs(list != NULL ? list + 1 : "", stdout);
}

static bool store_prepare(const Command *command, Context *context, GError **error)
{
    g_autofree char *path = g_build_filename(context->lab, "trialbed.db", NULL);

    if (command->needs & CMD_NEEDS_STORE) {
        if (!folder_make(context->lab, error))
            return false;
        context->store = store_open(path, error);
    } else if (command->needs & CMD_NEEDS_STORE_READONLY) {
        if (!g_file_test(path, G_FILE_TEST_EXISTS)) {
            error_set(error, ERROR_USAGE, "there is no lab at '%s'", context->lab);
            error_hint(error, "'trialbed run SCENARIO' makes one, --lab DIR names another.");
            return false;
        }
        context->store = store_open_readonly(path, error);
    } else {
        return true;
    }
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
    g_option_context_add_main_entries(options, global_options, NULL);
    g_option_context_add_main_entries(options, help_option, NULL);
    if (!parse_options(options, &argc, &argv, where, error)) {
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
    context.lab = lab != NULL ? lab : g_getenv("TRIALBED_LAB") != NULL ? g_getenv("TRIALBED_LAB") : "lab";
    context.json = json;
    if (!((command->needs & CMD_STORE_ONLY_WITHOUT_WORDS) != 0 && argc > 1) && !store_prepare(command, &context, error))
        return false;
    ok = command->run(&context, argc - 1, argv + 1, error);
    store_close(context.store);
    return ok;
}

static bool dispatch(int argc, char **argv, GError **error)
{
    g_autoptr(GOptionContext) options = g_option_context_new(NULL);
    const Command *command;

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
    command = find_command(argv[1]);
    if (command != NULL)
        return run_command(command, argc - 1, argv + 1, error);
    if (strcmp(argv[1], "help") == 0) {
        command = argc > 2 ? find_command(argv[2]) : NULL;
        if (command != NULL)
            return run_command(command, 2, (char *[]) { argv[2], (char *) "--help", NULL }, error);
        help(stdout);
        return true;
    }
    error_set(error, ERROR_USAGE, "there is no command '%s'", argv[1]);
    error_hint(error, "'trialbed help' lists the commands.");
    return false;
}

/* TOUR 1/8: from here a command is found in its table (runner/cmd/commands.c), its options are read, the database is opened if its
 * record asks for it, and its run() is called. Next: runner/cmd/cmd-run.c. */
int main(int argc, char **argv)
{
    g_autoptr(GError) error = NULL;

    setlocale(LC_CTYPE, ""); /* for file names only; numbers are written the same everywhere */
    if (!dispatch(argc, argv, &error))
        return error_report(error, stderr);
    if (fflush(stdout) != 0) {
        error_set_errno(&error, ERROR_HOST, "could not write the result");
        return error_report(error, stderr);
    }
    return EXIT_SUCCESS;
}

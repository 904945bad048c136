// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_CMD_CMD_H
#define RUNNER_CMD_CMD_H

#include <glib.h>
#include <stdbool.h>

#include "db/store.h"
#include "reports/print.h"

/* What main() must have ready before it calls run(). */
enum {
    CMD_NEEDS_STORE = 1 << 0,          /* the lab's database, open for writing; the lab is made when missing */
    CMD_NEEDS_STORE_READONLY = 1 << 1, /* the lab's database, open for reading; it must exist */
    CMD_STORE_ONLY_WITHOUT_WORDS = 1 << 2, /* with one above: only when the command got no words besides options */
};

/* What main() hands to a command. */
typedef struct Context {
    const char *lab;   /* folder, as given */
    bool json;         /* --json */
    Store *store;      /* when asked for by needs */
    const char *program; /* path of the running program */
    const struct Command *command;
} Context;

/* One sub-command. It lives in one file, runner/cmd/cmd-NAME.c, and is listed in runner/cmd/commands.c. */
typedef struct Command {
    const char *name;
    const char *usage;   /* what follows the name */
    const char *summary; /* one line for `trialbed help` */
    const char *details; /* paragraphs for `trialbed NAME --help`; may be NULL */
    unsigned needs;
    const GOptionEntry *options; /* NULL-terminated, or NULL; values go to the command file's static variables */
    int min_args, max_args;      /* of words that are no options; max -1: any number */
    bool (*run)(const Context *context, int argc, char **argv, GError **error); /* argv without the command's name */
} Command;

extern const Command *const commands[];
extern const size_t command_count;

#endif

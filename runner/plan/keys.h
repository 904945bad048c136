// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef RUNNER_PLAN_KEYS_H
#define RUNNER_PLAN_KEYS_H

#include <glib.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>

#include "runner/base/units.h"

/* What a key's value is, and the C type of the field that holds it. */
typedef enum {
    KEY_TEXT,     /* char * */
    KEY_CHOICE,   /* one of `choices`: char * */
    KEY_ORDER,    /* one of `choices`: int, its index */
    KEY_BOOLEAN,  /* bool */
    KEY_INTEGER,  /* unsigned */
    KEY_SEED,     /* uint64_t up to INT64_MAX */
    KEY_NUMBER,   /* double, NAN when it is not given and has no default */
    KEY_DURATION, /* int64_t milliseconds */
    KEY_QUANTITY, /* double in the base unit of `unit`, NAN as above */
    KEY_MAP,      /* keys of its own, whose fields lie in the same struct */
    KEY_LIST,     /* a list of maps: pointer to the first item, count, size of one */
    KEY_FACTORS,  /* `matrix.factors` */
    KEY_RANGE,    /* the keys of a factor that has no list of levels: Range */
    KEY_ZIP,      /* `matrix.zip` */
    KEY_DERIVED,  /* `matrix.derived` */
    KEY_WHEN,     /* `matrix.when` */
    KEY_EXCLUDE,  /* a list of some factors' levels: uint32_t *, count */
    KEY_INCLUDE,  /* the same with all factors' levels, which may be new ones */
    KEY_DEFAULTS, /* what items of the list of the same name have that do not say otherwise */
    KEY_EXTENDS,  /* `extends`; the text's composition comes before all reading */
    KEY_TARGETS,  /* one machine, several, `all` or `host`: char * (of one, or "host"), char ** (the machines) */
    KEY_NAMES,    /* a list of names, or of texts that pass `check`: char ** */
    KEY_WHERE,    /* some factors' levels: uint32_t * */
    KEY_MARGINS,  /* `reproduce`: Margin *, count */
} KeyType;

/* What `${...}` in the value may name. */
typedef enum { VARY_NEVER, VARY_FACTORS, VARY_ALL } KeyVary;

/* Names that the file declares in one place and uses in others. */
typedef enum {
    NAME_NONE,
    NAME_MACHINE,
    NAME_BRIDGE,
    NAME_STEP,
    NAME_METRIC,
    NAME_FACTOR,
    NAME_DERIVED,
    NAME_ROUTER,
    NAME_KINDS
} NameKind;

/* Which of the caller's checks a text must pass besides. */
typedef enum { CALLER_NONE, CALLER_FILTER, CALLER_REGEX, CALLER_JSONPATH, CALLER_CSV, CALLER_PARSER } CallerCheck;

/* Which struct a top-level key's field lies in. */
typedef enum { IN_SCENARIO, IN_RUN } KeyHome;

/* One key of the scenario language. Everything that is to be known about it follows from its row: what is accepted,
 * where the value goes, what "did you mean" offers, what the reference page says. */
typedef struct Key {
    const char *path; /* "machines.interfaces.address" */
    KeyType type;
    KeyHome home;     /* of a top-level key */
    size_t offset, count_offset, item_size;
    bool required;    /* the key must be there; a list then needs an item */
    bool may_be_empty;
    bool counted;                    /* an item of the list with `count` stands for so many machines */
    const char *preset;              /* the value when the key is not there; NULL: none */
    UnitKind unit;
    double min, max;                 /* in the base unit; both 0: no limits. Of a list: max items. */
    const char *const *choices;      /* NULL-terminated */
    bool host;        /* of KEY_TARGETS: `host` is one */
    const char *like; /* the path of another list of maps, whose keys are also this one's */
    KeyVary vary;
    NameKind declares, refers;
    bool (*check)(const char *text, GError **error); /* says "must be ..." */
    CallerCheck caller;
    const char *about; /* one line for the reference page */
} Key;

extern const Key keys[];
extern const size_t key_count;

/* The last part of the path. */
const char *key_name(const Key *key);

/* The rows of the keys directly below `parent` (NULL: the top), one after the other; begin with previous NULL. */
const Key *key_next(const Key *parent, const Key *previous);

/* The row of `name` below `parent`; NULL when there is none. */
const Key *key_find(const Key *parent, const char *name);

/* "machine", "bridge", ... */
const char *name_kind_text(NameKind kind);

/* The reference page of all keys (docs/scenario.md). */
void keys_write_markdown(FILE *out);

/* A JSON Schema (2020-12) for editors. It is wider than the reader: forms of texts, references and sense are not in
 * it. */
void keys_write_schema(FILE *out);

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_RECIPE_H
#define IMAGES_RECIPE_H

#include <glib.h>
#include <stdbool.h>

/* What an image is made of: images/recipes/NAME.recipe, compiled in. A line is a word and what belongs to it; '#' begins
 * a comment. The same word may come again and adds to what was there.
 *   kernel PACKAGE        the kernel's package, or one that depends on it
 *   packages NAME...      packages to take files from
 *   programs PATH...      taken with the libraries that they need
 *   files PATH...         taken as they are
 *   applets NAME...       links to busybox, where there is no program of that name
 *   modules NAME...       kernel modules that are loaded at boot, with those they need
 *   spare-modules NAME... kernel modules that the kernel asks for when it needs them
 *   folder PATH...
 *   link PATH TARGET
 *   line PATH TEXT        a line of a text file */
typedef struct RecipePair {
    char *path, *text;
} RecipePair;

typedef struct Recipe {
    GPtrArray *kernel; /* exactly one */
    GPtrArray *packages, *programs, *files, *applets, *modules, *spare_modules, *folders; /* char * */
    GPtrArray *links, *lines; /* RecipePair */
} Recipe;

Recipe *recipe_parse(const char *name, const char *text, GError **error);
void recipe_free(Recipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recipe, recipe_free)

/* The recipe of that name that is compiled in; ERROR_USAGE and a hint with the names there are when there is none. */
Recipe *recipe_load(const char *name, GError **error);
bool recipe_exists(const char *name);

#endif

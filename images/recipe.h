// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_RECIPE_H
#define IMAGES_RECIPE_H

#include <glib.h>
#include <stdbool.h>

#include "images/arch.h"

/* What an image is made of: images/recipes/NAME.recipe, compiled in. A line is a word and what belongs to it; '#' begins
 * a comment. The same word may come again and adds to what was there. ${debian} and ${multiarch} are the names that Debian has for the
 * processor which the image is for (images/arch.h).
 *   like RECIPE           all of another recipe, first
 *   kernel PACKAGE        the kernel's package, or one that depends on it
 *   packages NAME...      packages to take files from
 *   programs PATH...      taken with the libraries that they need
 *   files PATH...         taken as they are
 *   applets NAME...       links to busybox, where there is no program of that name
 *   modules NAME...       kernel modules that are loaded at boot, with those they need
 *   spare-modules NAME... kernel modules that the kernel asks for when it needs them
 *   folder PATH...
 *   link PATH TARGET
 *   line PATH TEXT        a line of a text file
 * An image with a disk also has these; its initramfs only leads to the disk, and its first program is the disk's:
 *   suite NAME            of Debian, as bookworm
 *   disk-packages NAME... installed on the disk
 *   disk-mib N            size of its file system
 *   disk-line PATH TEXT   a line of a text file on the disk
 *   disk-link PATH TARGET
 *   mask NAME...          units that systemd shall never start
 *   cmdline WORD...       for the kernel
 *   memory-mb N           what a machine needs at least */
typedef struct RecipePair {
    char *path, *text;
} RecipePair;

typedef struct Recipe {
    GPtrArray *kernel; /* exactly one */
    GPtrArray *packages, *programs, *files, *applets, *modules, *spare_modules, *folders; /* char * */
    GPtrArray *links, *lines; /* RecipePair */
    GPtrArray *suite, *disk_packages, *disk_mib, *masks, *cmdline, *memory_mb; /* char *; suite, disk_mib, memory_mb: one or none */
    GPtrArray *disk_lines, *disk_links; /* RecipePair */
} Recipe;

Recipe *recipe_parse(const char *name, const char *text, const ImageArch *arch, GError **error);
void recipe_free(Recipe *recipe);
G_DEFINE_AUTOPTR_CLEANUP_FUNC(Recipe, recipe_free)

/* The recipe of that name that is compiled in; ERROR_USAGE and a hint with the names there are when there is none. */
Recipe *recipe_load(const char *name, const ImageArch *arch, GError **error);
bool recipe_exists(const char *name);

#endif

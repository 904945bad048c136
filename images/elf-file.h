// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef IMAGES_ELF_FILE_H
#define IMAGES_ELF_FILE_H

#include <glib.h>
#include <stdbool.h>

/* What we ask of ELF files. All answers are in the order in which the file has them. */

bool elf_is_elf(GBytes *data);

/* Programs and libraries: the names of the shared libraries it needs (DT_NEEDED), and its interpreter (NULL: none). */
bool elf_needs(GBytes *data, GPtrArray **ret_libraries, char **ret_interpreter, GError **error)
    G_GNUC_WARN_UNUSED_RESULT;

/* Kernel modules: the values of one key of .modinfo ("depends", "alias"). */
bool elf_module_info(GBytes *data, const char *key, GPtrArray **ret_values, GError **error) G_GNUC_WARN_UNUSED_RESULT;

/* Kernels: whether QEMU can start it directly (the PVH entry note). */
bool elf_has_pvh_entry(GBytes *data);

#endif

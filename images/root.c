// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/root.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/archives.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

/* Whoever is later than another finds the folder there, and it is the same. */
static bool move_into_place(const char *unfinished, const char *folder, GError **error)
{
    if (rename(unfinished, folder) == 0)
        return true;
    if (errno != EEXIST && errno != ENOTEMPTY)
        return error_set_errno(error, ERROR_HOST, "could not make folder '%s'", folder);
    return folder_remove(unfinished, error);
}

bool image_root(const Image *image, const char *cache, char **ret_folder, GError **error)
{
    g_autofree char *above = g_build_filename(cache, "roots", NULL);
    g_autofree char *folder = g_build_filename(above, image->digest, NULL);
    g_autofree char *unfinished = g_strdup_printf("%s.XXXXXX", folder);

    if (!g_file_test(folder, G_FILE_TEST_IS_DIR)) {
        if (image->initrd_path == NULL)
            return error_set(error, ERROR_HOST, "image '%s' has no initramfs that could be a root folder", image->name);
        if (!folder_make(above, error))
            return false;
        if (mkdtemp(unfinished) == NULL || chmod(unfinished, 0755) != 0)
            return error_set_errno(error, ERROR_HOST, "could not make a folder in '%s'", above);
        if (!cpio_unpack(image->initrd_path, unfinished, error) || !move_into_place(unfinished, folder, error)) {
            g_prefix_error(error, "image '%s': ", image->name);
            if (!folder_remove(unfinished, NULL))
                error_hint(error, "'%s' is left over.", unfinished);
            return false;
        }
    }
    *ret_folder = g_steal_pointer(&folder);
    return true;
}

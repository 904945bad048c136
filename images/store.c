// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/store.h"

#include <errno.h>
#include <fcntl.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

#include "images/build.h"
#include "images/description.h"
#include "images/recipe.h"
#include "runner/base/error.h"
#include "runner/base/files.h"

enum { DESCRIPTION_LIMIT = 1 << 20 };

struct ImageStore {
    char *folder, *objects, *names, *packages;
};

void image_free(Image *image)
{
    if (image == NULL)
        return;
    g_free(image->name);
    g_free(image->arch);
    g_free(image->kernel_path);
    g_free(image->kernel_sha256);
    g_free(image->initrd_path);
    g_free(image->initrd_sha256);
    g_free(image->disk_path);
    g_free(image->disk_sha256);
    g_free(image->disk_format);
    g_free(image->kernel_version);
    g_free(image->cmdline);
    g_free(image->channel);
    g_free(image->digest);
    g_strfreev(image->packages);
    g_free(image);
}

ImageStore *image_store_open(const char *folder, GError **error)
{
    g_autoptr(ImageStore) store = g_new0(ImageStore, 1);

    store->folder = g_canonicalize_filename(folder, NULL);
    store->objects = g_build_filename(store->folder, "objects", NULL);
    store->names = g_build_filename(store->folder, "names", NULL);
    store->packages = g_build_filename(store->folder, "packages", NULL);
    if (!folder_make(store->objects, error) || !folder_make(store->names, error))
        return NULL;
    return g_steal_pointer(&store);
}

void image_store_close(ImageStore *store)
{
    if (store == NULL)
        return;
    g_free(store->folder);
    g_free(store->objects);
    g_free(store->names);
    g_free(store->packages);
    g_free(store);
}

const char *image_store_packages_folder(const ImageStore *store)
{
    return store->packages;
}

/* Names become file names. */
static bool check_name(const char *name, GError **error)
{
    size_t length = strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-");

    if (length > 0 && length <= 100 && name[length] == '\0' && name[0] != '.' && name[0] != '-')
        return true;
    return error_set(error, ERROR_USAGE, "image name '%s': use letters, digits, '.', '_' and '-'", name);
}

const char *image_store_folder(const ImageStore *store)
{
    return store->folder;
}

static char *name_path(const ImageStore *store, const char *name)
{
    g_autofree char *file = g_strconcat(name, ".json", NULL);

    return g_build_filename(store->names, file, NULL);
}

/* Writers of names and removers of objects take turns; readers need no lock, since every file appears whole. */
static int store_lock(const ImageStore *store, GError **error)
{
    g_autofree char *path = g_build_filename(store->folder, "lock", NULL);
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0644);

    while (fd >= 0 && flock(fd, LOCK_EX) != 0)
        if (errno != EINTR) {
            close(fd);
            fd = -1;
        }
    if (fd < 0)
        error_set_errno(error, ERROR_HOST, "could not lock '%s'", path);
    return fd;
}

static Image *read_image(ImageStore *store, const char *name, const char *path, GError **error)
{
    g_autoptr(Image) image = g_new0(Image, 1);
    g_autofree char *text = NULL;

    image->name = g_strdup(name);
    if (!file_read(path, DESCRIPTION_LIMIT, &text, NULL, error))
        return NULL;
    if (!description_read(text, store->objects, image, error)) {
        g_prefix_error(error, "image '%s': ", name);
        error_hint(error, "'trialbed image remove %s' and 'trialbed image build %s' make it anew.", name, name);
        return NULL;
    }
    return g_steal_pointer(&image);
}

Image *image_store_get(ImageStore *store, const char *name, GError **error)
{
    g_autofree char *path = name_path(store, name);
    g_autofree char *recipe = NULL;

    if (!check_name(name, error))
        return NULL;
    if (g_file_test(path, G_FILE_TEST_EXISTS))
        return read_image(store, name, path, error);
    error_set(error, ERROR_HOST, "there is no image '%s' in '%s'", name, store->folder);
    image_arch_of(name, &recipe);
    if (recipe_exists(recipe)) {
        error_hint(error, "'trialbed image build %s' makes it.", name);
        image_build_hints(name, error);
    } else {
        error_hint(error, "'trialbed image list' shows the images that there are.");
    }
    return NULL;
}

bool image_store_list(ImageStore *store, GPtrArray **ret_images, GError **error)
{
    g_autoptr(GPtrArray) images = g_ptr_array_new_with_free_func((GDestroyNotify) image_free);
    g_autoptr(GPtrArray) files = NULL;

    if (!folder_list(store->names, &files, error))
        return false;
    for (unsigned i = 0; i < files->len; i++) {
        const char *file = files->pdata[i];
        g_autofree char *path = g_build_filename(store->names, file, NULL);
        g_autofree char *name = NULL;
        Image *image;

        if (!g_str_has_suffix(file, ".json"))
            continue; /* one that is just being written */
        name = g_strndup(file, strlen(file) - strlen(".json"));
        image = read_image(store, name, path, error);
        if (image == NULL)
            return false;
        g_ptr_array_add(images, image);
    }
    *ret_images = g_steal_pointer(&images);
    return true;
}

/* Returns the bytes' name and path; writes nothing when they are there. */
static bool put_object(ImageStore *store, GBytes *bytes, char **ret_sha256, char **ret_path, GError **error)
{
    size_t size;
    const void *data = g_bytes_get_data(bytes, &size);
    struct stat info;

    *ret_sha256 = data_sha256(data, size);
    *ret_path = g_build_filename(store->objects, *ret_sha256, NULL);
    if (stat(*ret_path, &info) == 0 && (size_t) info.st_size == size)
        return true;
    if (!file_write_atomic(*ret_path, data, size, error))
        return false;
    if (chmod(*ret_path, 0444) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make '%s' read-only", *ret_path);
    return true;
}

/* A file that is already in the store's folder becomes an object: nothing of a disk is copied. */
static bool put_file(ImageStore *store, const char *file, char **ret_sha256, char **ret_path, int64_t *size_bytes, GError **error)
{
    int64_t size;

    if (!file_sha256(file, ret_sha256, &size, error))
        return false;
    *size_bytes += size;
    *ret_path = g_build_filename(store->objects, *ret_sha256, NULL);
    if (g_file_test(*ret_path, G_FILE_TEST_EXISTS))
        return unlink(file) == 0 || error_set_errno(error, ERROR_HOST, "could not remove '%s'", file);
    if (chmod(file, 0444) != 0 || rename(file, *ret_path) != 0)
        return error_set_errno(error, ERROR_HOST, "could not move '%s' to '%s'", file, *ret_path);
    return true;
}

static bool put_locked(ImageStore *store, Image *image, const ImageContent *content, GError **error)
{
    g_autofree char *path = name_path(store, image->name);
    g_autofree char *text = NULL;

    image->size_bytes = 0;
    if ((content->kernel != NULL && !put_object(store, content->kernel, &image->kernel_sha256, &image->kernel_path, error))
        || (content->initrd != NULL && !put_object(store, content->initrd, &image->initrd_sha256, &image->initrd_path, error))
        || (content->disk_file != NULL
            && !put_file(store, content->disk_file, &image->disk_sha256, &image->disk_path, &image->size_bytes, error)))
        return false;
    image->size_bytes += (int64_t) (content->kernel != NULL ? g_bytes_get_size(content->kernel) : 0)
                         + (int64_t) (content->initrd != NULL ? g_bytes_get_size(content->initrd) : 0);
    image->digest = image_digest(image);
    text = description_write(image, error);
    return text != NULL && file_write_atomic(path, text, strlen(text), error);
}

bool image_store_put(ImageStore *store, Image *image, const ImageContent *content, GError **error)
{
    int lock;
    bool ok;

    if (!check_name(image->name, error) || (lock = store_lock(store, error)) < 0)
        return false;
    ok = put_locked(store, image, content, error);
    close(lock);
    return ok;
}

static bool any_image_uses(GPtrArray *images, const char *sha256)
{
    for (unsigned i = 0; i < images->len; i++) {
        const Image *image = images->pdata[i];

        if (g_strcmp0(image->kernel_sha256, sha256) == 0 || g_strcmp0(image->initrd_sha256, sha256) == 0
            || g_strcmp0(image->disk_sha256, sha256) == 0)
            return true;
    }
    return false;
}

/* Objects that no name stands for any more. When a description cannot be read, nothing is removed. */
static bool remove_unused_objects(ImageStore *store, GError **error)
{
    g_autoptr(GPtrArray) images = NULL;
    g_autoptr(GPtrArray) objects = NULL;

    if (!image_store_list(store, &images, error) || !folder_list(store->objects, &objects, error))
        return false;
    for (unsigned i = 0; i < objects->len; i++) {
        g_autofree char *path = g_build_filename(store->objects, objects->pdata[i], NULL);

        if (!any_image_uses(images, objects->pdata[i]) && unlink(path) != 0 && errno != ENOENT)
            return error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
    }
    return true;
}

bool image_store_remove(ImageStore *store, const char *name, GError **error)
{
    g_autofree char *path = name_path(store, name);
    int lock;
    bool ok;

    if (!check_name(name, error) || (lock = store_lock(store, error)) < 0)
        return false;
    if (unlink(path) == 0)
        ok = remove_unused_objects(store, error);
    else if (errno == ENOENT)
        ok = error_set(error, ERROR_HOST, "there is no image '%s' in '%s'", name, store->folder);
    else
        ok = error_set_errno(error, ERROR_HOST, "could not remove '%s'", path);
    close(lock);
    return ok;
}

bool image_store_sweep(ImageStore *store, GError **error)
{
    int lock = store_lock(store, error);
    bool ok = lock >= 0 && remove_unused_objects(store, error);

    if (lock >= 0)
        close(lock);
    return ok;
}

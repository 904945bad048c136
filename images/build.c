// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/build.h"

#include "images/apt.h"
#include "images/archives.h"
#include "images/blobs.h"
#include "images/compose.h"
#include "images/recipe.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/log.h"

#define KERNEL_PREFIX "linux-image-"

/* Kernels come by the name of a package that only depends on the newest one. */
static bool resolve_kernel(const char *name, char **ret_name, GError **error)
{
    g_autoptr(GPtrArray) packages = NULL;

    if (!apt_resolve((const char *[]) { name, NULL }, &packages, error))
        return false;
    *ret_name = package_dependency(packages->pdata[0], KERNEL_PREFIX);
    if (*ret_name == NULL)
        *ret_name = g_strdup(name);
    return true;
}

static bool resolve(const Recipe *recipe, GPtrArray **ret_packages, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *kernel = NULL;

    if (!resolve_kernel(recipe->kernel->pdata[0], &kernel, error))
        return false;
    g_ptr_array_add(names, kernel);
    for (unsigned i = 0; i < recipe->packages->len; i++)
        g_ptr_array_add(names, recipe->packages->pdata[i]);
    g_ptr_array_add(names, NULL);
    return apt_resolve((const char *const *) names->pdata, ret_packages, error);
}

static bool unpack(GPtrArray *packages, FileTree *tree, GError **error)
{
    for (unsigned i = 0; i < packages->len; i++) {
        const Package *package = packages->pdata[i];

        if (!deb_unpack(package->path, image_may_want, tree, error)) {
            g_prefix_error(error, "package '%s': ", package->name);
            return false;
        }
    }
    return true;
}

static int compare_texts(const void *a, const void *b)
{
    return g_strcmp0(*(const char *const *) a, *(const char *const *) b);
}

/* "iperf3=3.12-1+deb12u2", sorted. */
static char **describe(GPtrArray *packages)
{
    g_autoptr(GPtrArray) texts = g_ptr_array_new();

    for (unsigned i = 0; i < packages->len; i++) {
        const Package *package = packages->pdata[i];

        g_ptr_array_add(texts, g_strdup_printf("%s=%s", package->name, package->version));
    }
    g_ptr_array_sort(texts, compare_texts);
    g_ptr_array_add(texts, NULL);
    return (char **) g_ptr_array_free(g_steal_pointer(&texts), FALSE);
}

static bool build(ImageStore *store, const char *name, const Recipe *recipe, GError **error)
{
    g_autoptr(GPtrArray) packages = NULL;
    g_autoptr(FileTree) tree = file_tree_new();
    g_autoptr(GBytes) agent = agent_blob();
    g_autoptr(Image) image = g_new0(Image, 1);
    g_auto(Composition) parts = { 0 };
    int64_t started_ns = clock_monotonic_ns();

    if (!resolve(recipe, &packages, error) || !apt_download(image_store_packages_folder(store), packages, error)
        || !unpack(packages, tree, error) || !image_compose(recipe, tree, agent, &parts, error))
        return false;
    image->name = g_strdup(name);
    image->kernel_version = g_strdup(parts.kernel_version);
    image->packages = describe(packages);
    if (!image_store_put(store, image, &(ImageContent) { parts.kernel, parts.initrd, NULL }, error))
        return false;
    log_info("image '%s': kernel %s (%.1f MB), initramfs %.1f MB, %u packages, built in %.1f s", name,
             parts.kernel_version, (double) g_bytes_get_size(parts.kernel) / 1e6,
             (double) g_bytes_get_size(parts.initrd) / 1e6, packages->len,
             (double) (clock_monotonic_ns() - started_ns) / 1e9);
    return true;
}

bool image_build(ImageStore *store, const char *name, GError **error)
{
    g_autoptr(Recipe) recipe = recipe_load(name, error);

    if (recipe == NULL)
        return false;
    if (build(store, name, recipe, error))
        return true;
    g_prefix_error(error, "image '%s': ", name);
    return false;
}

// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/build.h"

#include <stdlib.h>
#include <sys/stat.h>

#include "guest/wire.h"
#include "images/apt.h"
#include "images/archives.h"
#include "images/blobs.h"
#include "images/compose.h"
#include "images/disk.h"
#include "images/recipe.h"
#include "runner/base/clock.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/log.h"

#define KERNEL_PREFIX "linux-image-"

/* Kernels come by the name of a package that only depends on the newest one. */
static bool resolve_kernel(const AptLists *lists, const char *name, char **ret_name, GError **error)
{
    g_autoptr(GPtrArray) packages = NULL;

    if (!apt_resolve(lists, (const char *[]) { name, NULL }, &packages, error))
        return false;
    *ret_name = package_dependency(packages->pdata[0], KERNEL_PREFIX);
    if (*ret_name == NULL)
        *ret_name = g_strdup(name);
    return true;
}

static bool resolve(const AptLists *lists, const Recipe *recipe, GPtrArray **ret_packages, GError **error)
{
    g_autoptr(GPtrArray) names = g_ptr_array_new();
    g_autofree char *kernel = NULL;

    if (!resolve_kernel(lists, recipe->kernel->pdata[0], &kernel, error))
        return false;
    g_ptr_array_add(names, kernel);
    for (unsigned i = 0; i < recipe->packages->len; i++)
        g_ptr_array_add(names, recipe->packages->pdata[i]);
    g_ptr_array_add(names, NULL);
    return apt_resolve(lists, (const char *const *) names->pdata, ret_packages, error);
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

/* A folder beside the objects, so that what is made there need not be copied. */
static bool build_disk(ImageStore *store, const Recipe *recipe, const FileTree *tree, Image *image, ImageContent *content, GError **error)
{
    g_autofree char *folder = g_build_filename(image_store_folder(store), "build-XXXXXX", NULL);
    g_autofree char *disk = NULL;
    g_auto(GStrv) installed = NULL;
    g_autoptr(GStrvBuilder) all = g_strv_builder_new();
    bool ok;

    if (mkdtemp(folder) == NULL || chmod(folder, 0755) != 0)
        return error_set_errno(error, ERROR_HOST, "could not make a folder in '%s'", image_store_folder(store));
    ok = disk_build(recipe, tree, image->kernel_version, folder, &disk, &installed, error);
    content->disk_file = disk;
    g_strv_builder_addv(all, (const char **) image->packages); /* the kernel's */
    if (ok)
        g_strv_builder_addv(all, (const char **) installed);
    g_strfreev(image->packages);
    image->packages = g_strv_builder_end(all);
    ok = ok && image_store_put(store, image, content, error);
    return folder_remove(folder, ok ? error : NULL) && ok;
}

static char *join(GPtrArray *words)
{
    g_autoptr(GString) line = g_string_new(NULL);

    for (unsigned i = 0; i < words->len; i++)
        g_string_append_printf(line, "%s%s", i > 0 ? " " : "", (char *) words->pdata[i]);
    return line->len > 0 ? g_string_free(g_steal_pointer(&line), FALSE) : NULL;
}

static void take_properties(const Recipe *recipe, Image *image)
{
    bool disk = recipe->disk_packages->len > 0;

    image->cmdline = join(recipe->cmdline);
    image->cloud_init = disk;
    image->disk_format = disk ? g_strdup("qcow2") : NULL;
    if (recipe->memory_mb->len > 0)
        image->memory_mb = (unsigned) g_ascii_strtoull(recipe->memory_mb->pdata[0], NULL, 10);
}

/* *ret_lists is NULL for the host's own architecture. */
static bool open_lists(ImageStore *store, const ImageArch *arch, AptLists **ret_lists, GError **error)
{
    g_autofree char *name = g_strconcat("apt-", arch->debian, NULL);
    g_autofree char *folder = g_build_filename(image_store_packages_folder(store), name, NULL);

    if (g_str_equal(arch->name, IMAGE_ARCH_HOST))
        return true;
    *ret_lists = apt_lists_open(arch->debian, folder, error);
    return *ret_lists != NULL;
}

static bool build(ImageStore *store, const char *name, const Recipe *recipe, const ImageArch *arch, GError **error)
{
    g_autoptr(AptLists) lists = NULL;
    g_autoptr(GPtrArray) packages = NULL;
    g_autoptr(FileTree) tree = file_tree_new();
    g_autoptr(GBytes) agent = agent_blob_for(arch, error);
    g_autoptr(Image) image = g_new0(Image, 1);
    g_auto(Composition) parts = { 0 };
    ImageContent content = { 0 };
    int64_t started_ns = clock_monotonic_ns();

    if (agent == NULL || !open_lists(store, arch, &lists, error) || !resolve(lists, recipe, &packages, error)
        || !apt_download(lists, image_store_packages_folder(store), packages, error) || !unpack(packages, tree, error) || !image_compose(recipe, tree, agent, &parts, error))
        return false;
    image->name = g_strdup(name);
    image->arch = g_strdup(arch->name);
    image->kernel_version = g_strdup(parts.kernel_version);
    image->packages = describe(packages);
    image->agent_revision = WIRE_REVISION;
    take_properties(recipe, image);
    content = (ImageContent) { parts.kernel, parts.initrd, NULL };
    if (!(recipe->disk_packages->len > 0 ? build_disk(store, recipe, tree, image, &content, error)
                                          : image_store_put(store, image, &content, error)))
        return false;
    log_info("image '%s': kernel %s (%.1f MB), initramfs %.1f MB%s, %u packages, built in %.1f s", name,
             parts.kernel_version, (double) g_bytes_get_size(parts.kernel) / 1e6,
             (double) g_bytes_get_size(parts.initrd) / 1e6, image->disk_path != NULL ? ", a disk" : "", g_strv_length(image->packages),
             (double) (clock_monotonic_ns() - started_ns) / 1e9);
    return true;
}

void image_build_hints(const char *name, GError **error)
{
    g_autofree char *recipe_name = NULL;
    const ImageArch *arch = image_arch_of(name, &recipe_name);
    g_autoptr(Recipe) recipe = recipe_load(recipe_name, arch, NULL);

    if (recipe != NULL && recipe->disk_packages->len > 0)
        disk_hint_programs(error);
}

bool image_build(ImageStore *store, const char *name, GError **error)
{
    g_autofree char *recipe_name = NULL;
    const ImageArch *arch = image_arch_of(name, &recipe_name);
    g_autoptr(Recipe) recipe = recipe_load(recipe_name, arch, error);

    if (recipe == NULL)
        return false;
    if (recipe->disk_packages->len > 0 && !g_str_equal(arch->name, IMAGE_ARCH_HOST))
        return error_set(error, ERROR_USAGE, "image '%s': disks can only be built for the host's own architecture", name);
    if (build(store, name, recipe, arch, error))
        return true;
    g_prefix_error(error, "image '%s': ", name);
    return false;
}

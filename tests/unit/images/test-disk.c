// SPDX-License-Identifier: GPL-3.0-or-later
/* A disk's making, with played programs on PATH: what they are asked for, and what is made of what they leave. */
#include "images/disk.h"

#include "runner/base/error.h"
#include "runner/base/log.h"
#include "tests/unit/images/fake-apt.h"

#define RECIPE "kernel linux-image\nsuite bookworm\ndisk-packages systemd openssh-server\ndisk-mib 3\n" \
               "disk-line /etc/motd first\ndisk-line /etc/motd second\ndisk-link /etc/localtime /usr/share/zoneinfo/UTC\nmask fstrim.timer\n"

/* Leaves what mmdebstrap leaves, where it was told to. */
#define INSTALLS "echo \"$SOURCE_DATE_EPOCH\" >\"$D/epoch\"\nfor a; do case $a in\n" \
                 "*=download\\ *) printf 'systemd=252\\nbash=5.2\\n' >\"${a##* }\" ;;\n*/root.tar) echo root >\"$a\" ;;\nesac; done\n"
#define FAILS "for a; do case $a in --logfile=*) printf 'I: installing\\nE: no such mirror\\n' >\"${a#*=}\" ;; esac; done; exit 7\n"

static char *folder;
static Recipe *recipe;
static FileTree *kernel;

static void set_up(void)
{
    g_autofree char *bin = NULL, *path = NULL;
    GError *error = NULL;

    log_set_level(LOG_QUIET);
    folder = made_folder();
    bin = g_build_filename(folder, "bin", NULL);
    path = g_strdup_printf("%s:%s", bin, g_getenv("PATH"));
    ck_assert(folder_make(bin, NULL));
    recipe = recipe_parse("test", RECIPE, image_arch_find(IMAGE_ARCH_HOST), &error);
    ck_assert_ok(recipe != NULL, error);
    kernel = file_tree_new();
    made_add(kernel, "usr/lib/modules/6.1/kernel/ext4.ko", g_bytes_new("module", 6));
    made_add(kernel, "boot/vmlinuz-6.1", g_bytes_new("kernel", 6));
    fake_program(folder, "mmdebstrap", INSTALLS);
    fake_program(folder, "genext2fs", "for last; do :; done; echo raw >\"$last\"\n");
    fake_program(folder, "qemu-img", "cp \"$6\" \"$7\"\n");
    g_setenv("PATH", path, TRUE);
}

static void tear_down(void)
{
    file_tree_free(kernel);
    recipe_free(recipe);
    ck_assert(folder_remove(folder, NULL));
    g_free(folder);
}

static bool build(char **ret_disk, char ***ret_packages, GError **error)
{
    return disk_build(recipe, kernel, "6.1", folder, ret_disk, ret_packages, error);
}

/* "PATH MODE TARGET;" of everything in a tar file. */
static char *members(const char *file)
{
    GString *text = g_string_new(NULL);
    struct archive *archive = archive_read_new();
    struct archive_entry *member;

    archive_read_support_format_tar(archive);
    ck_assert_int_eq(archive_read_open_filename(archive, file, 10240), ARCHIVE_OK);
    while (archive_read_next_header(archive, &member) == ARCHIVE_OK)
        if (archive_entry_filetype(member) != AE_IFDIR)
            g_string_append_printf(text, "%s %o %s;", archive_entry_pathname(member), (unsigned) archive_entry_perm(member),
                                   archive_entry_symlink(member) != NULL ? archive_entry_symlink(member) : "");
    archive_read_free(archive);
    return g_string_free(text, FALSE);
}

START_TEST(the_disk_is_what_the_programs_left)
{
    g_autofree char *disk = NULL, *content = NULL, *epoch = NULL;
    g_autofree char *epoch_path = g_build_filename(folder, "epoch", NULL);
    g_auto(GStrv) packages = NULL;
    GError *error = NULL;

    ck_assert_ok(build(&disk, &packages, &error), error);
    ck_assert(g_str_has_suffix(disk, "/disk.qcow2"));
    ck_assert(file_read(disk, 100, &content, NULL, NULL) && file_read(epoch_path, 100, &epoch, NULL, NULL));
    ck_assert_str_eq(content, "raw\n");
    ck_assert_str_eq(epoch, "0\n"); /* nothing is dated by today */
    ck_assert_str_eq(packages[0], "systemd=252");
    ck_assert_str_eq(packages[1], "bash=5.2");
    ck_assert_ptr_null(packages[2]);
}
END_TEST

START_TEST(the_recipe_says_what_is_asked_for)
{
    static const char *const asked[] = { " --include=systemd,openssh-server ", " bookworm ", "depmod 6.1 ", "genext2fs -B 4096 -b 768 ",
                                         "qemu-img convert -f raw -O qcow2 " };
    g_autofree char *disk = NULL, *calls = NULL;
    g_auto(GStrv) packages = NULL;
    GError *error = NULL;

    ck_assert_ok(build(&disk, &packages, &error), error);
    calls = fake_calls(folder);
    for (size_t i = 0; i < G_N_ELEMENTS(asked); i++)
        ck_assert_msg(strstr(calls, asked[i]) != NULL, "'%s' is not in: %s", asked[i], calls);
}
END_TEST

START_TEST(agent_modules_lines_links_and_masks_are_added)
{
    static const char *const added[] = { "usr/local/sbin/trialbed-agent 755 ;", "usr/lib/modules/6.1/kernel/ext4.ko 755 ;", "etc/motd 644 ;",
                                         "etc/localtime 777 /usr/share/zoneinfo/UTC;", "etc/systemd/system/fstrim.timer 777 /dev/null;" };
    g_autofree char *disk = NULL, *text = NULL;
    g_autofree char *additions = g_build_filename(folder, "additions.tar", NULL);
    g_auto(GStrv) packages = NULL;
    GError *error = NULL;

    ck_assert_ok(build(&disk, &packages, &error), error);
    text = members(additions);
    for (size_t i = 0; i < G_N_ELEMENTS(added); i++)
        ck_assert_msg(strstr(text, added[i]) != NULL, "'%s' is not in: %s", added[i], text);
    ck_assert_ptr_null(strstr(text, "vmlinuz")); /* which the machine is given beside the disk */
}
END_TEST

START_TEST(an_installer_that_fails_is_told_with_its_last_words)
{
    g_autofree char *disk = NULL;
    g_auto(GStrv) packages = NULL;
    g_autoptr(GError) error = NULL;

    fake_program(folder, "mmdebstrap", FAILS);
    ck_assert(!build(&disk, &packages, &error));
    ck_assert_msg(strstr(error->message, "mmdebstrap") != NULL && strstr(error->message, "status 7") != NULL, "%s", error->message);
    ck_assert_msg(strstr(error->message, "\nhint: mmdebstrap said last: E: no such mirror.") != NULL, "%s", error->message);
    ck_assert_ptr_null(disk);
    ck_assert_ptr_null(packages);
}
END_TEST

START_TEST(a_program_that_is_missing_comes_with_its_package)
{
    g_autofree char *bin = g_build_filename(folder, "bin", NULL), *genext2fs = g_build_filename(bin, "genext2fs", NULL), *disk = NULL;
    g_auto(GStrv) packages = NULL;
    g_autoptr(GError) error = NULL;

    ck_assert_int_eq(unlink(genext2fs), 0);
    g_setenv("PATH", bin, TRUE);
    ck_assert(!build(&disk, &packages, &error));
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
    ck_assert_msg(g_str_has_suffix(error->message, "\nhint: 'sudo apt-get install -y genext2fs' installs genext2fs."), "%s", error->message);
    ck_assert_ptr_null(strstr(error->message, "-y mmdebstrap"));
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_add_checked_fixture(tcase, set_up, tear_down);
    tcase_add_test(tcase, the_disk_is_what_the_programs_left);
    tcase_add_test(tcase, the_recipe_says_what_is_asked_for);
    tcase_add_test(tcase, agent_modules_lines_links_and_masks_are_added);
    tcase_add_test(tcase, an_installer_that_fails_is_told_with_its_last_words);
    tcase_add_test(tcase, a_program_that_is_missing_comes_with_its_package);
}

int main(void)
{
    return unit_run("images/disk", add_tests);
}

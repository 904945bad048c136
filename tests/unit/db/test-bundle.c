// SPDX-License-Identifier: GPL-3.0-or-later
#include <archive.h>
#include <archive_entry.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <locale.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "db/bundle/bundle.h"
#include "runner/base/error.h"
#include "runner/base/files.h"
#include "runner/base/proc.h"
#include "tests/unit/unit.h"

static char folder[] = "/tmp/trialbed-bundle.XXXXXX";
static char *bundle, *other; /* paths below it */

static char *file(const char *name)
{
    return g_build_filename(folder, name, NULL);
}

static void put(const char *name, const void *data, size_t size)
{
    g_autofree char *path = file(name);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(file_write_atomic(path, data, size, &error), error);
}

static void world_make(void)
{
    g_autofree char *noise = g_malloc(3000000);
    g_autoptr(GRand) random = g_rand_new_with_seed(1);

    ck_assert_ptr_nonnull(g_mkdtemp(folder));
    bundle = file("x.tar.zst");
    other = file("y.tar.zst");
    for (unsigned i = 0; i < 3000000; i++)
        noise[i] = (char) g_rand_int_range(random, 0, 64);
    put("large", noise, 3000000);
    put("small", "hello\n", 6);
    put("empty", "", 0);
}

static void world_remove(void)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(folder_remove(folder, &error), error);
    g_free(bundle);
    g_free(other);
}

static const char *pack_key; /* what bundles are signed with; NULL: not at all */

/* Pack pairs of source (in our folder) and target. */
static bool pack(const char *path, const char *const *pairs, BundleReport *report, GError **error)
{
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(BundleEntry));
    BundleSpec spec = { .name = "exp-1", .key = pack_key };
    bool ok;

    for (; *pairs != NULL; pairs += 2) {
        BundleEntry entry = { file(pairs[0]), (char *) pairs[1], NULL };

        g_array_append_val(entries, entry);
    }
    spec.entries = (BundleEntry *) entries->data;
    spec.entry_count = entries->len;
    ok = bundle_write(path, &spec, report, error);
    for (unsigned i = 0; i < entries->len; i++)
        g_free(g_array_index(entries, BundleEntry, i).source);
    return ok;
}

static const char *const ordinary[] = { "small", "runs/2/log", "large", "runs/1/out.pcap", "empty", "scenario.yaml",
                                        NULL };

static void pack_ordinary(const char *path)
{
    g_autoptr(GError) error = NULL;

    ck_assert_ok(pack(path, ordinary, NULL, &error), error);
}

static void run(const char *const *argv, const char *where)
{
    ProcSpec spec = { .argv = argv, .folder = where, .timeout_ms = 20000 };
    g_auto(ProcResult) result = { 0 };
    g_autoptr(GError) error = NULL;

    ck_assert_ok(proc_run_checked(&spec, &result, &error), error);
}

START_TEST(what_was_packed_verifies)
{
    g_auto(BundleReport) packed = { 0 }, verified = { 0 };
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(pack(bundle, ordinary, &packed, &error), error);
    ck_assert_ok(bundle_verify(bundle, NULL, problems, &verified, &error), error);
    ck_assert_uint_eq(problems->len, 0);
    ck_assert_int_eq(packed.file_count, 3);
    ck_assert_int_eq(packed.size_bytes, 3000006);
    ck_assert_int_eq(verified.file_count, 3);
    ck_assert_int_eq(verified.size_bytes, 3000006);
}
END_TEST

START_TEST(a_bundle_without_files_is_a_bundle)
{
    g_auto(BundleReport) report = { 0 };
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(pack(bundle, (const char *const[]) { NULL }, NULL, &error), error);
    ck_assert_ok(bundle_verify(bundle, NULL, problems, &report, &error), error);
    ck_assert_int_eq(report.file_count, 0);
}
END_TEST

START_TEST(the_same_input_gives_the_same_bytes)
{
    static const char *const turned[] = { "empty", "scenario.yaml", "large", "runs/1/out.pcap", "small", "runs/2/log",
                                          NULL };
    g_autofree char *first = NULL, *second = NULL;
    g_autofree char *small = file("small");
    g_autoptr(GError) error = NULL;

    pack_ordinary(bundle);
    ck_assert_int_eq(utimensat(-1, small, (struct timespec[2]) { { 1, 0 }, { 1, 0 } }, 0), 0);
    setlocale(LC_ALL, "C.UTF-8");
    ck_assert_ok(pack(other, turned, NULL, &error), error);
    ck_assert_ok(file_sha256(bundle, &first, NULL, &error), error);
    ck_assert_ok(file_sha256(other, &second, NULL, &error), error);
    ck_assert_str_eq(first, second);
}
END_TEST

START_TEST(coreutils_and_tar_agree_with_the_bag)
{
    g_autofree char *bag = file("exp-1");
    g_autofree char *info = file("exp-1/bag-info.txt");
    g_autofree char *declaration = file("exp-1/bagit.txt");
    g_autofree char *log = file("exp-1/data/runs/2/log");
    g_autofree char *tool = file("exp-1/data/tool");
    g_autofree char *small = file("small");
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;
    static const char *const with_tool[] = { "small", "runs/2/log", "large", "l\xc3\xa4rge", "small", "tool", NULL };
    struct stat st;
    char *text;

    ck_assert_int_eq(g_chmod(small, 0700), 0);
    ck_assert_ok(pack(bundle, with_tool, NULL, &error), error);
    run((const char *const[]) { "tar", "--zstd", "-xf", "x.tar.zst", NULL }, folder);
    run((const char *const[]) { "sha256sum", "--check", "--strict", "--quiet", "manifest-sha256.txt",
                                "tagmanifest-sha256.txt", NULL }, bag);
    run((const char *const[]) { "sha512sum", "--check", "--strict", "--quiet", "manifest-sha512.txt",
                                "tagmanifest-sha512.txt", NULL }, bag);
    ck_assert_ok(folder_list(bag, &files, &error), error);
    ck_assert_uint_eq(files->len, 6 + 3);
    ck_assert_str_eq(files->pdata[2], "data/l\xc3\xa4rge");
    ck_assert_ok(file_read(info, 1000, &text, NULL, &error), error);
    ck_assert_str_eq(text, "Bag-Software-Agent: trialbed\nBag-Size: 2.9 MiB\nPayload-Oxum: 3000012.3\n");
    g_free(text);
    ck_assert_ok(file_read(declaration, 1000, &text, NULL, &error), error);
    ck_assert_str_eq(text, "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n");
    g_free(text);
    ck_assert_ok(file_read(log, 1000, &text, NULL, &error), error);
    ck_assert_str_eq(text, "hello\n");
    g_free(text);
    ck_assert_int_eq(stat(tool, &st), 0);
    ck_assert_int_eq(st.st_mode & 0777, 0755);
    ck_assert_int_eq(st.st_mtime, 0);
}
END_TEST

START_TEST(strange_names_survive)
{
    g_autofree char *long_name = g_strnfill(250, 'n');
    g_autofree char *longer = g_strconcat(long_name, "/", long_name, "/x", NULL);
    const char *const pairs[] = { "small", "a\nb\rc%0Ad", "small", "100%", "small", "%25", "small",
                                  "\xc3\xa9 \xc2\xb5", "small", longer,
                                  "small", " lead and trail ", "small", "*star", NULL };
    g_auto(BundleReport) report = { 0 };
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autoptr(GError) error = NULL;

    ck_assert_ok(pack(bundle, pairs, NULL, &error), error);
    ck_assert_ok(bundle_verify(bundle, NULL, problems, &report, &error), error);
    ck_assert_int_eq(report.file_count, 7);
}
END_TEST

static const struct {
    const char *pairs[5];
    const char *message;
} unpackable[] = {
    { { "small", "a", "nothing" , "b" }, "nothing': No such file or directory" },
    { { "small", "a", "." , "b" }, "it is no ordinary file" },
    { { "small", "a", "large" , "a" }, "two files would be 'a'" },
    { { "small", "a", "large" , "a/b" }, "'data/a/b' would be below a file" },
    { { "small", "../a" }, "path '../a' leads out of its folder" },
    { { "small", "/a" }, "path '/a' is absolute" },
    { { "small", "a//b" }, "path 'a//b' has an empty part" },
    { { "small", "" }, "path '' is empty" },
    { { "small", "\xff" }, "is no UTF-8" },
    { { "proc", "a" }, "its size changed meanwhile" }, /* says 0 bytes, and has more */
};

START_TEST(what_cannot_be_packed_leaves_nothing)
{
    g_autoptr(GPtrArray) files = NULL;
    g_autoptr(GError) error = NULL;
    g_autofree char *link = file("proc");

    ck_assert_int_eq(symlink("/proc/self/status", link), 0);
    ck_assert(!pack(bundle, unpackable[_i].pairs, NULL, &error));
    ck_assert_msg(strstr(error->message, unpackable[_i].message) != NULL
                  && g_str_has_prefix(error->message, "bundle '"), "%s",
                  error->message);
    g_clear_error(&error);
    ck_assert_ok(folder_list(folder, &files, &error), error);
    for (unsigned i = 0; i < files->len; i++)
        ck_assert_msg(!g_str_has_prefix(files->pdata[i], "x.tar"), "%s is left", (char *) files->pdata[i]);
}
END_TEST

/* Hostile and damaged bundles are written entry by entry. */
typedef struct Made {
    const char *path;    /* NULL ends the list */
    const char *content;
    unsigned type;       /* 0: AE_IFREG */
    const char *link;
} Made;

static void make(const char *path, const Made *entries, bool zstd)
{
    struct archive *archive = archive_write_new();

    ck_assert_int_eq(archive_write_set_format_pax_restricted(archive), ARCHIVE_OK);
    if (zstd)
        ck_assert_int_eq(archive_write_add_filter_zstd(archive), ARCHIVE_OK);
    ck_assert_int_eq(archive_write_open_filename(archive, path), ARCHIVE_OK);
    for (; entries->path != NULL; entries++) {
        struct archive_entry *entry = archive_entry_new();
        size_t size = entries->content != NULL ? strlen(entries->content) : 0;

        archive_entry_copy_pathname(entry, entries->path);
        archive_entry_set_filetype(entry, entries->type != 0 ? entries->type : AE_IFREG);
        archive_entry_set_perm(entry, 0644);
        archive_entry_set_size(entry, (la_int64_t) size);
        if (entries->link != NULL && entries->type == AE_IFLNK)
            archive_entry_set_symlink(entry, entries->link);
        else if (entries->link != NULL)
            archive_entry_set_hardlink(entry, entries->link);
        ck_assert_int_eq(archive_write_header(archive, entry), ARCHIVE_OK);
        ck_assert_int_eq(archive_write_data(archive, entries->content, size), size);
        archive_entry_free(entry);
    }
    ck_assert_int_eq(archive_write_close(archive), ARCHIVE_OK);
    archive_write_free(archive);
}

#define HELLO "5891b5b522d5df086d0ff0b110fbd9d21bb4fc7163af34d08286a2e846f6be03"
#define ZEROS "0000000000000000000000000000000000000000000000000000000000000000"
#define BAGIT "BagIt-Version: 1.0\nTag-File-Character-Encoding: UTF-8\n"
#define DECLARATION { .path = "t/bagit.txt", .content = BAGIT }
#define GOOD DECLARATION, { .path = "t/data/a", .content = "hello\n" }, \
             { .path = "t/manifest-sha256.txt", .content = HELLO "  data/a\n" }

static const struct {
    const char *message;
    Made entries[8];
} hostiles[] = {
    { "entry '/t/data/a' is absolute", { GOOD, { .path = "/t/data/a", .content = "x" } } },
    { "entry 't/../../etc/x' leads out of its folder", { GOOD, { .path = "t/../../etc/x", .content = "x" } } },
    { "entry '..' leads out of its folder", { { .path = "../", .type = AE_IFDIR } } },
    { "entry './t/data/b' has an empty part", { GOOD, { .path = "./t/data/b", .content = "x" } } },
    { "entry 't/data/b' is a link", { GOOD, { .path = "t/data/b", .type = AE_IFLNK, .link = "/etc/passwd" } } },
    { "entry 't/data/b' is a link", { GOOD, { .path = "t/data/b", .link = "t/data/a" } } },
    { "entry 't/data/b' is neither file nor folder", { GOOD, { .path = "t/data/b", .type = AE_IFCHR } } },
    { "entry 't/data/b' is neither file nor folder", { GOOD, { .path = "t/data/b", .type = AE_IFBLK } } },
    { "entry 't/data/b' is neither file nor folder", { GOOD, { .path = "t/data/b", .type = AE_IFIFO } } },
    { "entry 'data/a' is there twice", { GOOD, { .path = "t/data/a", .content = "hello\n" } } },
    { "entry 'data/a/b' is below a file", { GOOD, { .path = "t/data/a/b", .content = "x" } } },
    { "entry 'u/data/b' is outside of the top folder", { GOOD, { .path = "u/data/b", .content = "x" } } },
    { "entry 'u' is outside of the top folder", { GOOD, { .path = "u/", .type = AE_IFDIR } } },
    { "entry 'x' is outside of the top folder", { { .path = "x", .content = "x" } } },
    { "it is no bag: 'bagit.txt' is missing", { { .path = "t/data/a", .content = "hello\n" } } },
    { "it is no bag: 'bagit.txt' is missing", { { .path = NULL } } },
    { "it is no bag: 'manifest-sha256.txt' is missing", { DECLARATION } },
    { "it is no bag: 'bagit.txt' does not begin with 'BagIt-Version: 1.0'",
      { { .path = "t/bagit.txt", .content = "BagIt-Version: 0.97\n" },
        { .path = "t/manifest-sha256.txt", .content = "" } } },
    { "entry 't/data/A' differs from another only in the case of letters",
      { GOOD, { .path = "t/data/A", .content = "x" } } },
    { "entry 't/DATA/b' differs from another only in the case of letters",
      { GOOD, { .path = "t/DATA/b", .content = "x" } } },
    { "manifest-sha512.txt:1 is not a SHA-512",
      { GOOD, { .path = "t/manifest-sha512.txt", .content = HELLO "  data/a\n" } } },
    { "manifest-sha256.txt:2 is not a SHA-256 and a new path inside the bag",
      { DECLARATION, { .path = "t/manifest-sha256.txt", .content = HELLO "  data/a\nabc  data/b\n" } } },
    { "manifest-sha256.txt:1 is not a SHA-256",
      { DECLARATION, { .path = "t/manifest-sha256.txt", .content = HELLO "  ../a\n" } } },
    { "manifest-sha256.txt:1 is not a SHA-256",
      { DECLARATION, { .path = "t/manifest-sha256.txt", .content = HELLO "  \n" } } },
    { "manifest-sha256.txt:2 is not a SHA-256",
      { DECLARATION, { .path = "t/manifest-sha256.txt", .content = HELLO "  data/a\n" HELLO "  data/a\n" } } },
};

START_TEST(hostile_bundles_are_refused_with_the_reason)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    BundleReport report = { .file_count = -1 };
    g_autoptr(GError) error = NULL;

    make(bundle, hostiles[_i].entries, true);
    ck_assert(!bundle_verify(bundle, NULL, problems, &report, &error));
    ck_assert_msg(g_str_has_prefix(error->message, "bundle '")
                  && strstr(error->message, hostiles[_i].message) != NULL, "%s",
                  error->message);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert_int_eq(report.file_count, -1);
}
END_TEST

static const struct {
    const char *problems; /* joined with "; " */
    Made entries[8];
} defects[] = {
    { "tagmanifest-sha256.txt: is missing", { GOOD } },
    { "data/a: is missing; tagmanifest-sha256.txt: is missing",
      { DECLARATION, { .path = "t/manifest-sha256.txt", .content = HELLO "  data/a\n" } } },
    { "data/b%0A: is in no manifest; tagmanifest-sha256.txt: is missing",
      { GOOD, { .path = "t/data/b\n", .content = "x" } } },
    { "data/a: has changed; tagmanifest-sha256.txt: is missing",
      { DECLARATION, { .path = "t/data/a", .content = "hello\n" },
        { .path = "t/manifest-sha256.txt", .content = ZEROS "  data/a\n" } } },
    { "bag-info.txt: its Payload-Oxum does not agree with the files; tagmanifest-sha256.txt: is missing",
      { GOOD, { .path = "t/bag-info.txt", .content = "X: y\nPayload-Oxum: 7.1\n" } } },
    { "bagit.txt: is in no manifest; data/a: is in the wrong manifest; fetch.txt: is in no manifest; "
      "manifest-sha256.txt: has changed",
      { GOOD, { .path = "t/fetch.txt", .content = "x" },
        { .path = "t/tagmanifest-sha256.txt", .content = HELLO " data/a\r\n" ZEROS "\tmanifest-sha256.txt\r\n" } } },
};

START_TEST(every_defect_is_one_line)
{
    g_autoptr(GPtrArray) problems = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *joined = NULL;
    g_autoptr(GError) error = NULL;

    make(bundle, defects[_i].entries, true);
    ck_assert(!bundle_verify(bundle, NULL, problems, NULL, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    g_ptr_array_add(problems, NULL);
    joined = g_strjoinv("; ", (char **) problems->pdata);
    ck_assert_str_eq(joined, defects[_i].problems);
    ck_assert_msg(strstr(error->message, problems->pdata[0]) != NULL, "%s", error->message);
}
END_TEST

START_TEST(without_zstd_it_is_no_bundle)
{
    g_autoptr(GError) error = NULL;

    make(bundle, (const Made[]) { GOOD, { .path = NULL } }, false);
    ck_assert(!bundle_verify(bundle, NULL, NULL, NULL, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert_msg(strstr(error->message, "it is not compressed with zstd") != NULL, "%s", error->message);
}
END_TEST

static const char *const rubbish[] = { "", "x",
                                       "this is no archive of any kind, only text that goes on for a while\n" };

START_TEST(rubbish_is_no_bundle)
{
    g_autoptr(GError) error = NULL;

    put("x.tar.zst", rubbish[_i], strlen(rubbish[_i]));
    ck_assert(!bundle_verify(bundle, NULL, NULL, NULL, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
}
END_TEST

START_TEST(a_bundle_that_is_not_there_is_the_hosts_fault)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!bundle_verify(bundle, NULL, NULL, NULL, &error));
    ck_assert_int_eq(error_kind(error), ERROR_HOST);
}
END_TEST

START_TEST(no_shorter_bundle_verifies)
{
    g_autofree char *data = NULL;
    size_t size;
    g_autoptr(GError) error = NULL;

    pack_ordinary(bundle);
    ck_assert_ok(file_read(bundle, 1 << 24, &data, &size, &error), error);
    for (size_t cut = 1; cut < size; cut = cut < 40 ? cut + 1 : cut * 3 / 2) {
        g_autoptr(GError) why = NULL;

        put("y.tar.zst", data, size - cut);
        ck_assert_msg(!bundle_verify(other, NULL, NULL, NULL, &why), "verifies without its last %zu bytes", cut);
        ck_assert_int_eq(error_kind(why), ERROR_DATA);
    }
}
END_TEST

START_TEST(flipped_bytes_are_found)
{
    g_autofree char *data = NULL;
    size_t size;
    g_autoptr(GError) error = NULL;

    pack_ordinary(bundle);
    ck_assert_ok(file_read(bundle, 1 << 24, &data, &size, &error), error);
    for (size_t at = 0; at < size; at += at < 32 ? 1 : size / 40) {
        g_autoptr(GError) why = NULL;

        /* in zstd's frame header these bits mean nothing, or a larger window: the content is whole */
        if (at == 4 || at == 5)
            continue;
        data[at] ^= 0x10;
        put("y.tar.zst", data, size);
        ck_assert_msg(!bundle_verify(other, NULL, NULL, NULL, &why), "verifies with byte %zu of %zu changed", at, size);
        data[at] ^= 0x10;
    }
}
END_TEST

/* A tar header as it comes, so that its size can lie. The check sum is right. */
static void raw_header(GString *tar, const char *path, int64_t size, char type)
{
    char header[512] = { 0 };
    unsigned sum = 0;

    g_strlcpy(header, path, 100);
    memcpy(header + 100, "0000644\0000000000\0000000000", 24);
    g_snprintf(header + 124, 12, "%011llo", (unsigned long long) size);
    memcpy(header + 136, "00000000000", 11);
    memset(header + 148, ' ', 8);
    header[156] = type;
    memcpy(header + 257, "ustar\00000", 8);
    for (unsigned i = 0; i < sizeof header; i++)
        sum += (unsigned char) header[i];
    g_snprintf(header + 148, 8, "%06o", sum);
    g_string_append_len(tar, header, sizeof header);
}

static void put_compressed(GString *tar)
{
    put("raw.tar", tar->str, tar->len);
    run((const char *const[]) { "zstd", "-q", "-f", "raw.tar", "-o", "x.tar.zst", NULL }, folder);
}

static void refused(const char *message)
{
    g_autoptr(GError) error = NULL;

    ck_assert(!bundle_verify(bundle, NULL, NULL, NULL, &error));
    ck_assert_msg(strstr(error->message, message) != NULL, "%s", error->message);
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
}

static const struct {
    const char *paths[2], *message;
} foreign[] = {
    { { "t/data/\xc3\xa9", "t/data/e\xcc\x81" }, "differs from another only" }, /* composed, and not */
    { { "t/data/\xc3\x89", "t/data/\xc3\xa9" }, "differs from another only" },  /* upper and lower case */
    { { "t/data/\xff", "t/data/b" }, "is no UTF-8" },
    { { "t/data/\xed\xa0\x80", "t/data/b" }, "is no UTF-8" },                   /* half a surrogate pair */
};

START_TEST(names_in_other_letters_are_checked)
{
    g_autoptr(GString) tar = g_string_new(NULL);

    for (unsigned i = 0; i < 2; i++)
        raw_header(tar, foreign[_i].paths[i], 0, '0');
    g_string_append_len(tar, (char[1024]) { 0 }, 1024);
    put_compressed(tar);
    refused(foreign[_i].message);
}
END_TEST

static const int64_t lies[] = { 1000, G_GINT64_CONSTANT(1) << 32, (G_GINT64_CONSTANT(1) << 33) - 1 };

START_TEST(a_size_that_lies_is_found)
{
    g_autoptr(GString) tar = g_string_new(NULL);

    raw_header(tar, "t/data/a", lies[_i], '0');
    g_string_append_len(tar, (char[512]) { "hello" }, 512);
    put_compressed(tar);
    refused("the archive cannot be read");
}
END_TEST

START_TEST(an_old_sparse_file_is_refused)
{
    g_autoptr(GString) tar = g_string_new(NULL);

    raw_header(tar, "t/data/a", 0, 'S');
    g_string_append_len(tar, (char[1024]) { 0 }, 1024);
    put_compressed(tar);
    refused("bundle '");
}
END_TEST

/* Two GiB of nothing are a few hundred kilobytes. */
START_TEST(a_bomb_is_noticed_while_it_goes_off)
{
    static const char script[] = "{ cat head; head -c 2147483648 /dev/zero; } | zstd -q -1 -f -o x.tar.zst";
    g_autoptr(GString) tar = g_string_new(NULL);

    raw_header(tar, "t/data/zeros", G_GINT64_CONSTANT(1) << 31, '0');
    put("head", tar->str, tar->len);
    run((const char *const[]) { "sh", "-c", script, NULL }, folder);
    refused("it is a compression bomb");
}
END_TEST

START_TEST(a_million_folders_are_enough)
{
    g_autoptr(GString) tar = g_string_new(NULL);

    for (unsigned i = 0; i <= 1000000; i++)
        raw_header(tar, "t/", 0, '5');
    put_compressed(tar);
    refused("it has more than 1000000 entries");
}
END_TEST

START_TEST(a_nul_in_a_manifest_hides_nothing)
{
    static const char manifest[] = HELLO "  data/a\n\0" HELLO "  data/b\n";
    g_autoptr(GString) tar = g_string_new(NULL);

    raw_header(tar, "t/bagit.txt", strlen(BAGIT), '0');
    g_string_append_len(tar, (char[512]) { BAGIT }, 512);
    raw_header(tar, "t/manifest-sha256.txt", sizeof manifest - 1, '0');
    g_string_append_len(tar, manifest, sizeof manifest - 1);
    g_string_append_len(tar, (char[512]) { 0 }, 512 - (sizeof manifest - 1) % 512);
    g_string_append_len(tar, (char[1024]) { 0 }, 1024);
    put_compressed(tar);
    refused("'manifest-sha256.txt' is no text");
}
END_TEST

static void make_key(const char *name)
{
    g_autofree char *public = g_strconcat(name, ".pub", NULL);

    run((const char *const[]) { "openssl", "genpkey", "-algorithm", "ed25519", "-out", name, NULL }, folder);
    run((const char *const[]) { "openssl", "pkey", "-in", name, "-pubout", "-out", public, NULL }, folder);
}

static void pack_signed(const char *path, const char *key)
{
    g_autofree char *key_file = file(key);

    pack_key = key_file;
    pack_ordinary(path);
    pack_key = NULL;
}

START_TEST(a_signature_is_checked_with_the_key_that_is_trusted)
{
    g_autofree char *mine = file("mine.pub"), *theirs = file("theirs.pub");
    g_auto(BundleReport) report = { 0 };
    g_autoptr(GError) error = NULL;

    make_key("mine");
    make_key("theirs");
    pack_signed(bundle, "mine");
    ck_assert_ok(bundle_verify(bundle, mine, NULL, NULL, &error), error);
    ck_assert_ok(bundle_verify(bundle, NULL, NULL, &report, &error), error);
    ck_assert(g_str_has_prefix(report.signer, "SHA256:"));
    ck_assert(!bundle_verify(bundle, theirs, NULL, NULL, &error));
    ck_assert_int_eq(error_kind(error), ERROR_DATA);
    ck_assert_msg(strstr(error->message, "is not signed with that key") != NULL, "%s", error->message);
    g_clear_error(&error);
    pack_ordinary(other);
    ck_assert(!bundle_verify(other, mine, NULL, NULL, &error));
    ck_assert_msg(strstr(error->message, "it is not signed") != NULL, "%s", error->message);
}
END_TEST

START_TEST(openssl_agrees_with_the_signature)
{
    g_autofree char *bag = file("exp-1");

    make_key("mine");
    pack_signed(bundle, "mine");
    run((const char *const[]) { "tar", "--zstd", "-xf", "x.tar.zst", NULL }, folder);
    run((const char *const[]) { "openssl", "pkeyutl", "-verify", "-pubin", "-inkey", "signing-key.pem", "-rawin", "-in",
                                "tagmanifest-sha512.txt", "-sigfile", "tagmanifest-sha512.txt.sig", NULL }, bag);
}
END_TEST

/* Whoever signs again what was changed has another key; whoever does not leaves a signature that is not good. */
START_TEST(what_was_changed_behind_a_signature_is_found)
{
    static const char script[] = "tar --zstd -xf x.tar.zst && cd exp-1 && printf 'More: x\\n' >>bag-info.txt && "
                                 "for h in 256 512; do f=tagmanifest-sha$h.txt; "
                                 "cut -c$((h / 4 + 3))- $f | xargs sha${h}sum >new && mv new $f; done && "
                                 "cd .. && tar --zstd -cf x.tar.zst exp-1";

    make_key("mine");
    pack_signed(bundle, "mine");
    run((const char *const[]) { "sh", "-c", script, NULL }, folder);
    refused("its signature is not good");
}
END_TEST

START_TEST(a_file_that_is_no_key_is_the_users_fault)
{
    g_autofree char *key = file("small");
    g_autoptr(GError) error = NULL;

    pack_key = key;
    ck_assert(!pack(bundle, ordinary, NULL, &error));
    pack_key = NULL;
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
    ck_assert(!g_file_test(bundle, G_FILE_TEST_EXISTS));
}
END_TEST

START_TEST(names_that_differ_only_in_case_are_not_packed)
{
    static const char *const pairs[] = { "small", "runs/a", "small", "runs/A", NULL };
    g_autoptr(GError) error = NULL;

    ck_assert(!pack(bundle, pairs, NULL, &error));
    ck_assert_msg(strstr(error->message, "only in the case of letters") != NULL, "%s", error->message);
}
END_TEST

static char *cat(const char *wanted, GError **error)
{
    char *text = NULL;
    size_t size;
    FILE *out = open_memstream(&text, &size);
    bool ok = wanted != NULL ? bundle_cat(bundle, wanted, out, error) : bundle_list(bundle, out, error);

    fclose(out);
    if (!ok)
        g_clear_pointer(&text, free);
    return text;
}

START_TEST(one_file_can_be_read_alone)
{
    char *text, *list;
    g_autoptr(GError) error = NULL;

    pack_ordinary(bundle);
    text = cat("runs/2/log", &error);
    ck_assert_str_eq(text, "hello\n");
    free(text);
    text = cat("data/runs/2/log", &error);
    ck_assert_str_eq(text, "hello\n");
    free(text);
    list = cat(NULL, &error);
    ck_assert(strstr(list, "           6  data/runs/2/log\n") != NULL);
    free(list);
    ck_assert_ptr_null(cat("nothing", &error));
    ck_assert_int_eq(error_kind(error), ERROR_USAGE);
}
END_TEST

START_TEST(the_database_says_what_a_file_must_be)
{
    g_autofree char *small = file("small");
    BundleEntry entry = { small, (char *) "a", (char *) ZEROS };
    BundleSpec spec = { .name = "t", .entries = &entry, .entry_count = 1 };
    g_autoptr(GError) error = NULL;

    ck_assert(!bundle_write(bundle, &spec, NULL, &error));
    ck_assert_msg(strstr(error->message, "its SHA-256 is not the one in the database") != NULL, "%s", error->message);
    g_clear_error(&error);
    entry.sha256 = (char *) HELLO;
    ck_assert_ok(bundle_write(bundle, &spec, NULL, &error), error);
}
END_TEST

static void add_tests(TCase *tcase)
{
    tcase_set_timeout(tcase, 60);
    tcase_add_loop_test(tcase, names_in_other_letters_are_checked, 0, G_N_ELEMENTS(foreign));
    tcase_add_loop_test(tcase, a_size_that_lies_is_found, 0, G_N_ELEMENTS(lies));
    tcase_add_test(tcase, an_old_sparse_file_is_refused);
    tcase_add_test(tcase, a_bomb_is_noticed_while_it_goes_off);
    tcase_add_test(tcase, a_million_folders_are_enough);
    tcase_add_test(tcase, a_nul_in_a_manifest_hides_nothing);
    tcase_add_test(tcase, a_signature_is_checked_with_the_key_that_is_trusted);
    tcase_add_test(tcase, openssl_agrees_with_the_signature);
    tcase_add_test(tcase, what_was_changed_behind_a_signature_is_found);
    tcase_add_test(tcase, a_file_that_is_no_key_is_the_users_fault);
    tcase_add_test(tcase, names_that_differ_only_in_case_are_not_packed);
    tcase_add_test(tcase, one_file_can_be_read_alone);
    tcase_add_test(tcase, the_database_says_what_a_file_must_be);

    tcase_add_checked_fixture(tcase, world_make, world_remove);
    tcase_add_test(tcase, what_was_packed_verifies);
    tcase_add_test(tcase, a_bundle_without_files_is_a_bundle);
    tcase_add_test(tcase, the_same_input_gives_the_same_bytes);
    tcase_add_test(tcase, coreutils_and_tar_agree_with_the_bag);
    tcase_add_test(tcase, strange_names_survive);
    tcase_add_loop_test(tcase, what_cannot_be_packed_leaves_nothing, 0, G_N_ELEMENTS(unpackable));
    tcase_add_loop_test(tcase, hostile_bundles_are_refused_with_the_reason, 0, G_N_ELEMENTS(hostiles));
    tcase_add_loop_test(tcase, every_defect_is_one_line, 0, G_N_ELEMENTS(defects));
    tcase_add_test(tcase, without_zstd_it_is_no_bundle);
    tcase_add_loop_test(tcase, rubbish_is_no_bundle, 0, G_N_ELEMENTS(rubbish));
    tcase_add_test(tcase, a_bundle_that_is_not_there_is_the_hosts_fault);
    tcase_add_test(tcase, no_shorter_bundle_verifies);
    tcase_add_test(tcase, flipped_bytes_are_found);
}

int main(void)
{
    return unit_run("db/bundle", add_tests);
}

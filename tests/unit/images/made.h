// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_IMAGES_MADE_H
#define TESTS_UNIT_IMAGES_MADE_H

#include <archive.h>
#include <archive_entry.h>
#include <fcntl.h>
#include <gelf.h>
#include <glib.h>
#include <glib/gstdio.h>
#include <string.h>
#include <sys/mman.h>
#include <unistd.h>

#include "images/archives.h"
#include "tests/unit/unit.h"

/* Small files of the kinds that images are made of, so that tests need neither network nor packages. */

typedef struct MadeSection {
    const char *name;
    uint32_t type;
    const void *data;
    size_t size;
    uint32_t segment; /* p_type of a segment around it; 0: none */
} MadeSection;

enum { MADE_SECTION_LIMIT = 4 };

static inline Elf_Scn *made_section(Elf *elf, const MadeSection *section, uint32_t name, uint32_t link)
{
    Elf_Scn *scn = elf_newscn(elf);
    Elf_Data *data = elf_newdata(scn);
    GElf_Shdr header;

    *data = (Elf_Data) { .d_buf = (void *) section->data, .d_size = section->size, .d_version = EV_CURRENT };
    data->d_align = 4;
    data->d_type = section->type == SHT_DYNAMIC ? ELF_T_DYN : ELF_T_BYTE;
    gelf_getshdr(scn, &header);
    header.sh_name = name;
    header.sh_type = section->type;
    header.sh_link = link;
    header.sh_entsize = section->type == SHT_DYNAMIC ? sizeof(Elf64_Dyn) : 0;
    gelf_update_shdr(scn, &header);
    return scn;
}

static inline GBytes *made_read_fd(int fd)
{
    size_t size = (size_t) lseek(fd, 0, SEEK_END);
    void *data = g_malloc(size + 1);

    ck_assert_int_eq(pread(fd, data, size, 0), (ssize_t) size);
    close(fd);
    return g_bytes_new_take(data, size);
}

/* An ELF file; a section of type SHT_DYNAMIC takes its names from the section before it. */
static inline GBytes *made_elf(const MadeSection *sections, size_t count)
{
    int fd = memfd_create("elf", MFD_CLOEXEC);
    Elf *elf = (elf_version(EV_CURRENT), elf_begin(fd, ELF_C_WRITE, NULL));
    Elf64_Ehdr *header = elf64_newehdr(elf);
    Elf64_Phdr *segments = elf64_newphdr(elf, count);
    Elf_Scn *scns[MADE_SECTION_LIMIT];
    GString *names = g_string_new_len("", 1);
    uint32_t offsets[MADE_SECTION_LIMIT + 1];

    ck_assert_uint_le(count, MADE_SECTION_LIMIT);
    memcpy(header->e_ident, ELFMAG, SELFMAG);
    header->e_ident[EI_DATA] = ELFDATA2LSB;
    header->e_machine = EM_X86_64;
    header->e_type = ET_EXEC;
    for (size_t i = 0; i <= count; i++) {
        const char *name = i < count ? sections[i].name : ".shstrtab";

        offsets[i] = (uint32_t) names->len;
        g_string_append_len(names, name, (gssize) strlen(name) + 1);
    }
    for (size_t i = 0; i < count; i++)
        scns[i] = made_section(elf, &sections[i], offsets[i], (uint32_t) i);
    header->e_shstrndx = (uint16_t) elf_ndxscn(made_section(
        elf, &(MadeSection) { .type = SHT_STRTAB, .data = names->str, .size = names->len }, offsets[count], 0));
    ck_assert_int_gt(elf_update(elf, ELF_C_NULL), 0);
    for (size_t i = 0; i < count; i++) {
        GElf_Shdr place;

        gelf_getshdr(scns[i], &place);
        segments[i] = (Elf64_Phdr) { .p_type = sections[i].segment, .p_offset = place.sh_offset, .p_align = 4 };
        segments[i].p_filesz = place.sh_size;
    }
    elf_flagphdr(elf, ELF_C_SET, ELF_F_DIRTY);
    ck_assert_int_gt(elf_update(elf, ELF_C_WRITE), 0);
    elf_end(elf);
    g_string_free(names, TRUE);
    return made_read_fd(fd);
}

/* A program or library that needs others ("a b", separated by spaces), with an interpreter or NULL. */
static inline GBytes *made_program(const char *needs, const char *interpreter)
{
    g_auto(GStrv) names = g_strsplit(needs, " ", -1);
    g_autoptr(GString) strings = g_string_new_len("", 1);
    g_autoptr(GArray) entries = g_array_new(FALSE, FALSE, sizeof(Elf64_Dyn));
    Elf64_Dyn last = { .d_tag = DT_NULL };

    for (char **name = names; *name != NULL; name++) {
        Elf64_Dyn entry = { .d_tag = DT_NEEDED, .d_un.d_val = strings->len };

        if (**name == '\0')
            continue;
        g_array_append_val(entries, entry);
        g_string_append_len(strings, *name, (gssize) strlen(*name) + 1);
    }
    g_array_append_val(entries, last);
    return made_elf((MadeSection[]) { { ".dynstr", SHT_STRTAB, strings->str, strings->len, PT_NULL },
                                      { ".dynamic", SHT_DYNAMIC, entries->data, entries->len * sizeof last, PT_NULL },
                                      { ".interp", SHT_PROGBITS, interpreter, interpreter ? strlen(interpreter) + 1 : 0,
                                        interpreter ? PT_INTERP : PT_NULL } },
                    interpreter != NULL ? 3 : 2);
}

/* A kernel module; both texts may be empty. */
static inline GBytes *made_module(const char *depends, const char *alias)
{
    g_autofree char *info = g_strdup_printf("license=GPL%calias=%s%cdepends=%s", '\0', alias, '\0', depends);
    size_t size = strlen("license=GPL") + strlen("alias=") + strlen(alias) + strlen("depends=") + strlen(depends) + 3;

    return made_elf((MadeSection[]) { { ".modinfo", SHT_PROGBITS, info, size, PT_NULL } }, 1);
}

static inline GBytes *made_vmlinux(bool with_entry)
{
    static const uint32_t note[] = { 4, 4, 18, 0x006e6558 /* "Xen" */, 0x1000000 };

    return made_elf((MadeSection[]) { { ".notes", SHT_NOTE, note, sizeof note, with_entry ? PT_NOTE : PT_NULL } }, 1);
}

static inline la_ssize_t made_append(struct archive *archive, void *bytes, const void *data, size_t size)
{
    (void) archive;
    g_byte_array_append(bytes, data, (guint) size);
    return (la_ssize_t) size;
}

/* `filter` is one of libarchive's codes, as ARCHIVE_FILTER_XZ. */
static inline GBytes *made_compressed(GBytes *plain, int filter)
{
    GByteArray *bytes = g_byte_array_new();
    struct archive *archive = archive_write_new();
    struct archive_entry *entry = archive_entry_new();

    ck_assert_int_eq(archive_write_add_filter(archive, filter), ARCHIVE_OK);
    archive_write_set_format_raw(archive);
    archive_write_set_bytes_in_last_block(archive, 1);
    ck_assert_int_eq(archive_write_open(archive, bytes, NULL, made_append, NULL), ARCHIVE_OK);
    archive_entry_set_filetype(entry, AE_IFREG);
    archive_write_header(archive, entry);
    archive_write_data(archive, g_bytes_get_data(plain, NULL), g_bytes_get_size(plain));
    archive_write_close(archive);
    archive_write_free(archive);
    archive_entry_free(entry);
    return g_byte_array_free_to_bytes(bytes);
}

/* A bzImage around a vmlinux, packed as the kernel's build does it. */
static inline GBytes *made_bzimage(GBytes *vmlinux, int filter)
{
    enum { START = 2 * 512 + 0x100 };
    g_autoptr(GBytes) packed = made_compressed(vmlinux, filter);
    GByteArray *image = g_byte_array_new();
    uint32_t size = GUINT32_TO_LE((uint32_t) g_bytes_get_size(vmlinux));
    uint32_t offset = GUINT32_TO_LE(0x100), length;

    g_byte_array_set_size(image, START);
    memset(image->data, 0, START);
    g_byte_array_append(image, g_bytes_get_data(packed, NULL), (guint) g_bytes_get_size(packed));
    if (filter != ARCHIVE_FILTER_GZIP)
        g_byte_array_append(image, (const uint8_t *) &size, sizeof size);
    length = GUINT32_TO_LE(image->len - START);
    image->data[0x1f1] = 1;
    memcpy(image->data + 0x202, "HdrS\x0f\x02", 6);
    memcpy(image->data + 0x248, &offset, 4);
    memcpy(image->data + 0x24c, &length, 4);
    return g_byte_array_free_to_bytes(image);
}

static inline bool made_write_member(const char *path, const FileEntry *entry, void *archive)
{
    g_autofree char *name = g_strconcat("./", path, NULL);
    struct archive_entry *member = archive_entry_new();

    archive_entry_set_pathname(member, name);
    archive_entry_set_mode(member, entry->mode);
    archive_entry_set_uid(member, 4711);
    archive_entry_set_mtime(member, 1234567890, 0);
    if (entry->target != NULL)
        archive_entry_set_symlink(member, entry->target);
    archive_entry_set_size(member, entry->data != NULL ? (la_int64_t) g_bytes_get_size(entry->data) : 0);
    ck_assert_int_eq(archive_write_header(archive, member), ARCHIVE_OK);
    if (entry->data != NULL)
        archive_write_data(archive, g_bytes_get_data(entry->data, NULL), g_bytes_get_size(entry->data));
    archive_entry_free(member);
    return true;
}

static inline void made_add_member(struct archive *archive, const char *name, const void *data, size_t size)
{
    struct archive_entry *member = archive_entry_new();

    archive_entry_set_pathname(member, name);
    archive_entry_set_mode(member, AE_IFREG | 0644);
    archive_entry_set_size(member, (la_int64_t) size);
    ck_assert_int_eq(archive_write_header(archive, member), ARCHIVE_OK);
    archive_write_data(archive, data, size);
    archive_entry_free(member);
}

/* A Debian package with these files. */
static inline void made_deb(const char *path, const FileTree *files, int filter, const char *data_name)
{
    GByteArray *tar = g_byte_array_new();
    struct archive *inner = archive_write_new();
    struct archive *outer = archive_write_new();

    archive_write_add_filter(inner, filter);
    archive_write_set_format_gnutar(inner);
    archive_write_set_bytes_in_last_block(inner, 1);
    ck_assert_int_eq(archive_write_open(inner, tar, NULL, made_append, NULL), ARCHIVE_OK);
    file_tree_foreach(files, made_write_member, inner);
    archive_write_close(inner);
    archive_write_free(inner);
    archive_write_set_format_ar_svr4(outer);
    ck_assert_int_eq(archive_write_open_filename(outer, path), ARCHIVE_OK);
    made_add_member(outer, "debian-binary", "2.0\n", 4);
    made_add_member(outer, "control.tar.xz", "never read", 10);
    made_add_member(outer, data_name, tar->data, tar->len);
    archive_write_close(outer);
    archive_write_free(outer);
    g_byte_array_free(tar, TRUE);
}

static inline void made_add(FileTree *tree, const char *path, GBytes *taken)
{
    file_tree_add_file(tree, path, 0755, taken);
    g_bytes_unref(taken);
}

static inline const char *made_text(const FileTree *tree, const char *path)
{
    const FileEntry *entry = file_tree_resolve(tree, path);
    static char text[8192];
    size_t size = 0;

    ck_assert_msg(entry != NULL, "there is no %s", path);
    ck_assert_uint_lt(g_bytes_get_size(entry->data), sizeof text);
    memcpy(text, g_bytes_get_data(entry->data, &size), g_bytes_get_size(entry->data));
    text[size] = '\0';
    return text;
}

/* A cpio archive as a tree again. Checks that nothing of the host and no time got in, and that the order is sorted. */
static inline FileTree *made_read_cpio(GBytes *cpio)
{
    FileTree *tree = file_tree_new();
    struct archive *archive = archive_read_new();
    struct archive_entry *member;
    g_autofree char *last = g_strdup("");
    int64_t number = 0;

    archive_read_support_format_cpio(archive);
    ck_assert_int_eq(archive_read_open_memory(archive, g_bytes_get_data(cpio, NULL), g_bytes_get_size(cpio)),
                     ARCHIVE_OK);
    while (archive_read_next_header(archive, &member) == ARCHIVE_OK) {
        const char *path = archive_entry_pathname(member);
        size_t size = (size_t) archive_entry_size(member);

        ck_assert_str_gt(path, last);
        ck_assert_int_eq(archive_entry_uid(member) | archive_entry_gid(member) | archive_entry_mtime(member), 0);
        ck_assert_int_eq(archive_entry_ino64(member), ++number);
        g_free(last);
        last = g_strdup(path);
        if (archive_entry_filetype(member) == AE_IFREG) {
            void *data = g_malloc(size + 1);

            ck_assert_int_eq(archive_read_data(archive, data, size), (la_ssize_t) size);
            g_autoptr(GBytes) bytes = g_bytes_new_take(data, size);
            file_tree_add_file(tree, path, archive_entry_perm(member), bytes);
        } else if (archive_entry_filetype(member) == AE_IFLNK) {
            file_tree_add_link(tree, path, archive_entry_symlink(member));
        } else {
            file_tree_add_folder(tree, path, archive_entry_perm(member));
        }
    }
    archive_read_free(archive);
    return tree;
}

/* A folder for one test, which removes it. */
static inline char *made_folder(void)
{
    char *folder = g_dir_make_tmp("trialbed-images.XXXXXX", NULL);

    ck_assert_ptr_nonnull(folder);
    return folder;
}

#endif

// SPDX-License-Identifier: GPL-3.0-or-later
#include "images/elf-file.h"

#include <gelf.h>
#include <string.h>

#include "runner/base/error.h"

enum { NOTE_PHYS32_ENTRY = 18 }; /* XEN_ELFNOTE_PHYS32_ENTRY */

static void handle_free(Elf *elf)
{
    elf_end(elf);
}

G_DEFINE_AUTOPTR_CLEANUP_FUNC(Elf, handle_free)

static Elf *elf_open(GBytes *data)
{
    size_t size;
    const void *bytes = g_bytes_get_data(data, &size);

    elf_version(EV_CURRENT);
    return elf_memory((char *) bytes, size); /* only read */
}

static bool elf_failed(GError **error)
{
    return error_set(error, ERROR_HOST, "cannot read it as ELF: %s", elf_errmsg(-1));
}

bool elf_is_elf(GBytes *data)
{
    size_t size;
    const void *bytes = g_bytes_get_data(data, &size);

    return size > SELFMAG && memcmp(bytes, ELFMAG, SELFMAG) == 0;
}

static bool find_section(Elf *elf, GElf_Word type, const char *name, GElf_Shdr *ret_header, Elf_Data **ret_data)
{
    size_t names = 0;

    if (elf_getshdrstrndx(elf, &names) != 0)
        return false;
    for (Elf_Scn *section = NULL; (section = elf_nextscn(elf, section)) != NULL;) {
        const char *found;

        if (gelf_getshdr(section, ret_header) == NULL || ret_header->sh_type != type)
            continue;
        found = elf_strptr(elf, names, ret_header->sh_name);
        if (name != NULL && g_strcmp0(found, name) != 0)
            continue;
        *ret_data = elf_getdata(section, NULL);
        return *ret_data != NULL;
    }
    return false;
}

/* The text in segment PT_INTERP; NULL when there is none that ends. */
static char *find_interpreter(Elf *elf, GBytes *data)
{
    size_t count = 0, size;
    const char *bytes = g_bytes_get_data(data, &size);

    if (elf_getphdrnum(elf, &count) != 0)
        return NULL;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;

        if (gelf_getphdr(elf, (int) i, &header) != NULL && header.p_type == PT_INTERP && header.p_offset < size
            && header.p_filesz <= size - header.p_offset)
            return g_strndup(bytes + header.p_offset, header.p_filesz);
    }
    return NULL;
}

bool elf_needs(GBytes *data, GPtrArray **ret_libraries, char **ret_interpreter, GError **error)
{
    g_autoptr(Elf) elf = elf_open(data);
    g_autoptr(GPtrArray) libraries = g_ptr_array_new_with_free_func(g_free);
    Elf_Data *dynamic = NULL;
    GElf_Shdr header;
    GElf_Dyn entry;

    if (elf == NULL || elf_kind(elf) != ELF_K_ELF)
        return elf_failed(error);
    if (find_section(elf, SHT_DYNAMIC, NULL, &header, &dynamic))
        for (int i = 0; gelf_getdyn(dynamic, i, &entry) != NULL && entry.d_tag != DT_NULL; i++) {
            const char *name = entry.d_tag == DT_NEEDED ? elf_strptr(elf, header.sh_link, entry.d_un.d_val) : NULL;

            if (name != NULL)
                g_ptr_array_add(libraries, g_strdup(name));
        }
    *ret_interpreter = find_interpreter(elf, data);
    *ret_libraries = g_steal_pointer(&libraries);
    return true;
}

bool elf_module_info(GBytes *data, const char *key, GPtrArray **ret_values, GError **error)
{
    g_autoptr(Elf) elf = elf_open(data);
    g_autoptr(GPtrArray) values = g_ptr_array_new_with_free_func(g_free);
    g_autofree char *prefix = g_strconcat(key, "=", NULL);
    Elf_Data *info = NULL;
    GElf_Shdr header;

    if (elf == NULL || elf_kind(elf) != ELF_K_ELF)
        return elf_failed(error);
    if (!find_section(elf, SHT_PROGBITS, ".modinfo", &header, &info) || info->d_buf == NULL)
        return error_set(error, ERROR_HOST, "it has no .modinfo");
    for (const char *at = info->d_buf, *end = at + info->d_size; at < end;) {
        size_t length = strnlen(at, (size_t) (end - at));

        if (length >= strlen(prefix) && strncmp(at, prefix, strlen(prefix)) == 0)
            g_ptr_array_add(values, g_strndup(at + strlen(prefix), length - strlen(prefix)));
        at += length + 1;
    }
    *ret_values = g_steal_pointer(&values);
    return true;
}

static bool notes_have_entry(Elf_Data *notes)
{
    GElf_Nhdr note;
    size_t name, description, next;

    for (size_t at = 0; (next = gelf_getnote(notes, at, &note, &name, &description)) > 0; at = next)
        if (note.n_type == NOTE_PHYS32_ENTRY && note.n_namesz == sizeof "Xen"
            && memcmp((const char *) notes->d_buf + name, "Xen", sizeof "Xen") == 0)
            return true;
    return false;
}

bool elf_has_pvh_entry(GBytes *data)
{
    g_autoptr(Elf) elf = elf_open(data);
    size_t count = 0;

    if (elf == NULL || elf_kind(elf) != ELF_K_ELF || elf_getphdrnum(elf, &count) != 0)
        return false;
    for (size_t i = 0; i < count; i++) {
        GElf_Phdr header;
        Elf_Data *notes;

        if (gelf_getphdr(elf, (int) i, &header) == NULL || header.p_type != PT_NOTE)
            continue;
        notes = elf_getdata_rawchunk(elf, (int64_t) header.p_offset, header.p_filesz, ELF_T_NHDR);
        if (notes != NULL && notes_have_entry(notes))
            return true;
    }
    return false;
}

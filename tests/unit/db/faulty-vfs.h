// SPDX-License-Identifier: GPL-3.0-or-later
#ifndef TESTS_UNIT_DB_FAULTY_VFS_H
#define TESTS_UNIT_DB_FAULTY_VFS_H

#include <sqlite3.h>
#include <stdbool.h>
#include <string.h>

/* A file system for SQLite that fails on demand, below every file that it opens once faulty_install() was called. What
 * changes a file (write, truncate, sync, delete) is counted; from the operation that faulty_arm() names on it fails. */

typedef enum {
    FAULT_CRASH, /* this one writes half of its bytes, and nothing behind it happens: what a dying machine leaves */
    FAULT_FULL,  /* no room from here on; only what makes a file shorter, or goes, works */
    FAULT_ONCE,  /* this one fails, and all behind it work */
} Fault;

static struct {
    sqlite3_vfs *real;
    Fault fault;
    unsigned done, fails_at; /* operations; 0: none fails */
} faulty;

typedef struct FaultyFile {
    sqlite3_file base;
    sqlite3_file real[]; /* SQLite's own lies behind */
} FaultyFile;

static void faulty_arm(Fault fault, unsigned fails_at)
{
    faulty.fault = fault;
    faulty.fails_at = fails_at;
    faulty.done = 0;
}

/* Whether the next operation fails. */
static bool faulty_next(bool *ret_first)
{
    bool armed = faulty.fails_at > 0, first = ++faulty.done == faulty.fails_at;

    *ret_first = first;
    return armed && (first || (faulty.done > faulty.fails_at && faulty.fault != FAULT_ONCE));
}

static sqlite3_file *real_of(sqlite3_file *file)
{
    return ((FaultyFile *) (void *) file)->real;
}

#define REAL(file) real_of(file)->pMethods

static int faulty_write(sqlite3_file *file, const void *data, int size, sqlite3_int64 offset)
{
    bool first;

    if (!faulty_next(&first))
        return REAL(file)->xWrite(real_of(file), data, size, offset);
    if (faulty.fault == FAULT_FULL)
        return SQLITE_FULL;
    if (faulty.fault == FAULT_CRASH && first)
        REAL(file)->xWrite(real_of(file), data, size / 2, offset);
    return SQLITE_IOERR_WRITE;
}

static int faulty_truncate(sqlite3_file *file, sqlite3_int64 size)
{
    bool first;

    return faulty_next(&first) && faulty.fault != FAULT_FULL ? SQLITE_IOERR_TRUNCATE
                                                             : REAL(file)->xTruncate(real_of(file), size);
}

static int faulty_sync(sqlite3_file *file, int flags)
{
    bool first;

    return faulty_next(&first) ? SQLITE_IOERR_FSYNC : REAL(file)->xSync(real_of(file), flags);
}

static int faulty_delete(sqlite3_vfs *vfs, const char *name, int sync)
{
    bool first;

    (void) vfs;
    return faulty_next(&first) && faulty.fault != FAULT_FULL ? SQLITE_IOERR_DELETE
                                                             : faulty.real->xDelete(faulty.real, name, sync);
}

static int faulty_close(sqlite3_file *file) { return REAL(file)->xClose(real_of(file)); }
static int faulty_read(sqlite3_file *file, void *data, int size, sqlite3_int64 offset)
{
    return REAL(file)->xRead(real_of(file), data, size, offset);
}
static int faulty_size(sqlite3_file *file, sqlite3_int64 *size) { return REAL(file)->xFileSize(real_of(file), size); }
static int faulty_lock(sqlite3_file *file, int level) { return REAL(file)->xLock(real_of(file), level); }
static int faulty_unlock(sqlite3_file *file, int level) { return REAL(file)->xUnlock(real_of(file), level); }
static int faulty_reserved(sqlite3_file *file, int *out) { return REAL(file)->xCheckReservedLock(real_of(file), out); }
static int faulty_control(sqlite3_file *file, int op, void *arg) { return REAL(file)->xFileControl(real_of(file), op, arg); }
static int faulty_sector(sqlite3_file *file) { return REAL(file)->xSectorSize(real_of(file)); }
static int faulty_traits(sqlite3_file *file) { return REAL(file)->xDeviceCharacteristics(real_of(file)); }
static int faulty_map(sqlite3_file *file, int page, int size, int extend, void volatile **out)
{
    return REAL(file)->xShmMap(real_of(file), page, size, extend, out);
}
static int faulty_shm_lock(sqlite3_file *file, int offset, int n, int flags)
{
    return REAL(file)->xShmLock(real_of(file), offset, n, flags);
}
static void faulty_barrier(sqlite3_file *file) { REAL(file)->xShmBarrier(real_of(file)); }
static int faulty_unmap(sqlite3_file *file, int remove) { return REAL(file)->xShmUnmap(real_of(file), remove); }

static int faulty_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *ret_flags)
{
    static const sqlite3_io_methods methods = {
        .iVersion = 2, /* without memory maps, which would write past us */
        .xClose = faulty_close, .xRead = faulty_read, .xWrite = faulty_write, .xTruncate = faulty_truncate,
        .xSync = faulty_sync, .xFileSize = faulty_size, .xLock = faulty_lock, .xUnlock = faulty_unlock,
        .xCheckReservedLock = faulty_reserved, .xFileControl = faulty_control, .xSectorSize = faulty_sector,
        .xDeviceCharacteristics = faulty_traits, .xShmMap = faulty_map, .xShmLock = faulty_shm_lock,
        .xShmBarrier = faulty_barrier, .xShmUnmap = faulty_unmap,
    };
    int result = faulty.real->xOpen(faulty.real, name, real_of(file), flags, ret_flags);

    (void) vfs;
    file->pMethods = result == SQLITE_OK ? &methods : NULL;
    return result;
}

/* From here on every database of this process is opened through us. */
static void faulty_install(void)
{
    static sqlite3_vfs vfs;

    if (faulty.real != NULL)
        return;
    faulty.real = sqlite3_vfs_find(NULL);
    vfs = *faulty.real;
    vfs.zName = "faulty";
    vfs.szOsFile += (int) sizeof(FaultyFile);
    vfs.xOpen = faulty_open;
    vfs.xDelete = faulty_delete;
    sqlite3_vfs_register(&vfs, 1);
}

#endif

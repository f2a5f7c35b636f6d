#include "descriptor_vfs.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

typedef struct descriptor_file {
  sqlite3_file base;
  descriptor_vfs *files;
} descriptor_file;

static descriptor_vfs *files_of(sqlite3_file *file) { return ((descriptor_file *)file)->files; }

/* Keeps what the kernel said; SQLite's own text is "disk I/O error". */
static int failed(descriptor_vfs *files, int status) {
  if (files->error == 0) files->error = errno;
  return files->error == ENOSPC || files->error == EDQUOT ? SQLITE_FULL : status;
}

/* ---- The file ---------------------------------------------------------------------------------------------------- */

static int file_close(sqlite3_file *file) {
  files_of(file)->is_open = false;
  return SQLITE_OK;
}

static int file_read(sqlite3_file *file, void *into, int count, sqlite3_int64 offset) {
  descriptor_vfs *files = files_of(file);
  size_t done = 0, wanted = (size_t)count;
  while (done < wanted) {
    ssize_t part = pread(files->fd, (char *)into + done, wanted - done, (off_t)offset + (off_t)done);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return failed(files, SQLITE_IOERR_READ);
    if (part == 0) break;
    done += (size_t)part;
  }
  if (done == wanted) return SQLITE_OK;
  memset((char *)into + done, 0, wanted - done); /* as SQLite asks of a short read */
  return SQLITE_IOERR_SHORT_READ;
}

static int file_write(sqlite3_file *file, const void *bytes, int count, sqlite3_int64 offset) {
  descriptor_vfs *files = files_of(file);
  size_t done = 0, wanted = (size_t)count;
  while (done < wanted) {
    ssize_t part = pwrite(files->fd, (const char *)bytes + done, wanted - done, (off_t)offset + (off_t)done);
    if (part < 0 && errno == EINTR) continue;
    if (part < 0) return failed(files, SQLITE_IOERR_WRITE);
    done += (size_t)part;
  }
  return SQLITE_OK;
}

static int file_truncate(sqlite3_file *file, sqlite3_int64 size) {
  descriptor_vfs *files = files_of(file);
  return ftruncate(files->fd, (off_t)size) == 0 ? SQLITE_OK : failed(files, SQLITE_IOERR_TRUNCATE);
}

static int file_size(sqlite3_file *file, sqlite3_int64 *size) {
  descriptor_vfs *files = files_of(file);
  struct stat facts;
  if (fstat(files->fd, &facts) != 0) return failed(files, SQLITE_IOERR_FSTAT);
  *size = facts.st_size;
  return SQLITE_OK;
}

/* The host copies the file on commit and makes the copy durable with all others: nothing is won by syncing this one. */
static int file_sync(sqlite3_file *file, int flags) {
  (void)file, (void)flags;
  return SQLITE_OK;
}

/* Nobody else has the file. */
static int file_lock(sqlite3_file *file, int level) {
  (void)file, (void)level;
  return SQLITE_OK;
}

static int file_is_reserved(sqlite3_file *file, int *result) {
  (void)file;
  *result = 0;
  return SQLITE_OK;
}

static int file_control(sqlite3_file *file, int operation, void *argument) {
  (void)file, (void)operation, (void)argument;
  return SQLITE_NOTFOUND;
}

static int file_sector_size(sqlite3_file *file) {
  (void)file;
  return 4096;
}

static int file_characteristics(sqlite3_file *file) {
  (void)file;
  return 0;
}

static const sqlite3_io_methods FILE_METHODS = {
    .iVersion = 1,
    .xClose = file_close,
    .xRead = file_read,
    .xWrite = file_write,
    .xTruncate = file_truncate,
    .xSync = file_sync,
    .xFileSize = file_size,
    .xLock = file_lock,
    .xUnlock = file_lock,
    .xCheckReservedLock = file_is_reserved,
    .xFileControl = file_control,
    .xSectorSize = file_sector_size,
    .xDeviceCharacteristics = file_characteristics,
};

/* ---- The file system --------------------------------------------------------------------------------------------- */

static int vfs_open(sqlite3_vfs *vfs, const char *name, sqlite3_file *file, int flags, int *flags_given) {
  (void)name;
  descriptor_vfs *files = vfs->pAppData;
  file->pMethods = NULL;
  if ((flags & SQLITE_OPEN_MAIN_DB) == 0 || files->is_open) return SQLITE_CANTOPEN; /* a journal, a temporary file */
  files->is_open = true;
  ((descriptor_file *)file)->files = files;
  file->pMethods = &FILE_METHODS;
  if (flags_given != NULL) *flags_given = flags;
  return SQLITE_OK;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *name, int sync_folder) {
  (void)vfs, (void)name, (void)sync_folder;
  return SQLITE_IOERR_DELETE;
}

/* There are no other files: no journal that was left behind, no write-ahead log. */
static int vfs_access(sqlite3_vfs *vfs, const char *name, int flags, int *result) {
  (void)vfs, (void)name, (void)flags;
  *result = 0;
  return SQLITE_OK;
}

static int vfs_full_path(sqlite3_vfs *vfs, const char *name, int capacity, char *out) {
  (void)vfs;
  return snprintf(out, (size_t)capacity, "%s", name) < capacity ? SQLITE_OK : SQLITE_CANTOPEN;
}

static int vfs_randomness(sqlite3_vfs *vfs, int count, char *out) {
  descriptor_vfs *files = vfs->pAppData;
  static const char label[] = "sqlite";
  int32_t status = files->call->random_at(files->call->handle, label, sizeof label - 1, files->randomness_used++, out,
                                          (size_t)count);
  return status == OMPHALOS_OK ? count : 0;
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
  (void)vfs, (void)microseconds;
  return 0;
}

/* As a Julian day. */
static int vfs_current_time(sqlite3_vfs *vfs, double *day) {
  descriptor_vfs *files = vfs->pAppData;
  *day = (double)files->call->now_ns(files->call->handle) / 86400e9 + 2440587.5;
  return SQLITE_OK;
}

static int vfs_last_error(sqlite3_vfs *vfs, int capacity, char *out) {
  (void)capacity, (void)out;
  return ((descriptor_vfs *)vfs->pAppData)->error;
}

int descriptor_vfs_register(descriptor_vfs *files, const omphalos_call *call, int fd) {
  memset(files, 0, sizeof *files);
  files->call = call;
  files->fd = fd;
  /* Calls of this plugin may run at once, and another plugin may use the same library: no other call has this name. */
  snprintf(files->name, sizeof files->name, "omphalos-%016llx", (unsigned long long)call->handle);
  sqlite3_vfs *vfs = &files->vfs;
  vfs->iVersion = 1;
  vfs->szOsFile = sizeof(descriptor_file);
  vfs->mxPathname = 64;
  vfs->zName = files->name;
  vfs->pAppData = files;
  vfs->xOpen = vfs_open;
  vfs->xDelete = vfs_delete;
  vfs->xAccess = vfs_access;
  vfs->xFullPathname = vfs_full_path;
  vfs->xRandomness = vfs_randomness;
  vfs->xSleep = vfs_sleep;
  vfs->xCurrentTime = vfs_current_time;
  vfs->xGetLastError = vfs_last_error;
  return sqlite3_vfs_register(vfs, 0);
}

void descriptor_vfs_unregister(descriptor_vfs *files) { sqlite3_vfs_unregister(&files->vfs); }

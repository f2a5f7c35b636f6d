#include "database.h"

#include <string.h>

/* All that could differ between two builds of SQLite is said. No other file: no journal, no temporary files. Bytes that
 * hold nothing are zero, and not what was there before. */
static const char SETTINGS[] =
    "PRAGMA page_size = 4096; PRAGMA encoding = 'UTF-8'; PRAGMA auto_vacuum = NONE; PRAGMA secure_delete = ON;"
    "PRAGMA journal_mode = OFF; PRAGMA temp_store = MEMORY; PRAGMA locking_mode = EXCLUSIVE; PRAGMA synchronous = OFF;"
    "BEGIN IMMEDIATE;";

static int32_t status_from(int result) {
  if (result == SQLITE_IOERR_NOMEM) return OMPHALOS_E_MEMORY;
  switch (result & 0xff) {
    case SQLITE_OK: return OMPHALOS_OK;
    case SQLITE_NOMEM: return OMPHALOS_E_MEMORY;
    case SQLITE_FULL: return OMPHALOS_E_NO_SPACE;
    case SQLITE_IOERR: return OMPHALOS_E_IO;
    default: return DATABASE_REFUSED;
  }
}

static int32_t fail(const database *db, const char *what, int result, const char *text) {
  if (db->files.error != 0)
    return plugin_fail(db->call, status_from(result), "cannot %s: %s (errno %d)", what, text, db->files.error);
  return plugin_fail(db->call, status_from(result), "cannot %s: %s", what, text);
}

int32_t database_fail(const database *db, const char *what) {
  return fail(db, what, sqlite3_extended_errcode(db->handle), sqlite3_errmsg(db->handle));
}

int32_t database_execute(database *db, const char *sql, const char *what) {
  return sqlite3_exec(db->handle, sql, NULL, NULL, NULL) == SQLITE_OK ? OMPHALOS_OK : database_fail(db, what);
}

static int32_t end(database *db, int32_t status) {
  int result = sqlite3_close(db->handle);
  descriptor_vfs_unregister(&db->files);
  if (status == OMPHALOS_OK && result != SQLITE_OK)
    status = fail(db, "close the database", result, sqlite3_errstr(result));
  return status;
}

int32_t database_open(database *db, const omphalos_call *call, int fd) {
  memset(db, 0, sizeof *db);
  db->call = call;
  int result = descriptor_vfs_register(&db->files, call, fd);
  if (result != SQLITE_OK) return fail(db, "start SQLite", result, sqlite3_errstr(result));
  const int flags = SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE | SQLITE_OPEN_NOMUTEX | SQLITE_OPEN_PRIVATECACHE;
  result = sqlite3_open_v2("database", &db->handle, flags, db->files.name);
  int32_t status = OMPHALOS_OK;
  if (result != SQLITE_OK) status = fail(db, "open the database", result, sqlite3_errstr(result));
  if (status == OMPHALOS_OK) status = database_execute(db, SETTINGS, "prepare the database");
  return status == OMPHALOS_OK ? OMPHALOS_OK : end(db, status);
}

int32_t database_close(database *db, int32_t status) {
  if (status == OMPHALOS_OK) status = database_execute(db, "COMMIT", "finish the database");
  return end(db, status);
}

/* One SQLite database while it is made, in one transaction. */
#ifndef EXAMPLES_SQLITE_DATABASE_H
#define EXAMPLES_SQLITE_DATABASE_H

#include "../common/plugin_call.h"
#include "descriptor_vfs.h"

/* SQLite refused something that the statuses of the interface have no word for. */
enum { DATABASE_REFUSED = 1 };

typedef struct database {
  const omphalos_call *call;
  descriptor_vfs files;
  sqlite3 *handle;
} database;

/* Begins a database in the empty file that `fd` stands for; `fd` stays the caller's, and open until `database_close`.
 * `db` must stay where it is. [result] status, reported. After a failure nothing is left to close. */
int32_t database_open(database *db, const omphalos_call *call, int fd);

/* Ends it: what was written is in the file if `status` is 0 and so is the result. [result] the first failure, or 0 */
int32_t database_close(database *db, int32_t status);

/* Runs statements without results. `what` is said of a failure: "make the table x". [result] status, reported */
int32_t database_execute(database *db, const char *sql, const char *what);

/* Reports what SQLite refused last. [result] the status for it */
int32_t database_fail(const database *db, const char *what);

#endif

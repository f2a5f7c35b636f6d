/* A file system for SQLite with one file in it: the one that a descriptor stands for.
 *
 * SQLite's own way opens files by name, follows links, and puts journals and temporary files beside them. A staged
 * artifact has no name, and nothing may be written around the store; so all that SQLite does ends here, at one
 * descriptor, and asking for any other file is refused. Time and randomness are the call's.
 */
#ifndef EXAMPLES_SQLITE_DESCRIPTOR_VFS_H
#define EXAMPLES_SQLITE_DESCRIPTOR_VFS_H

#include <omphalos/plugin.h>
#include <sqlite3.h>
#include <stdbool.h>

typedef struct descriptor_vfs {
  sqlite3_vfs vfs; /* its zName is what sqlite3_open_v2 takes */
  const omphalos_call *call;
  int fd;
  bool is_open;
  int error;               /* errno of the first failure, else 0 */
  uint64_t randomness_used; /* how often SQLite has asked */
  char name[32];
} descriptor_vfs;

/* Makes the file system known to SQLite under a name of its own, until `descriptor_vfs_unregister`; `files` must stay
 * where it is. The descriptor stays the caller's. [result] an SQLite status */
int descriptor_vfs_register(descriptor_vfs *files, const omphalos_call *call, int fd);
void descriptor_vfs_unregister(descriptor_vfs *files);

#endif

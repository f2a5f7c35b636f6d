#define _GNU_SOURCE
#include "CLinux.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <linux/openat2.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#ifndef MFD_NOEXEC_SEAL
#define MFD_NOEXEC_SEAL 0x0008U
#endif
#ifndef RENAME_NOREPLACE
#define RENAME_NOREPLACE 1
#endif

const int clinux_no_more_seals = F_SEAL_SEAL;
const int clinux_all_seals = F_SEAL_WRITE | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_SEAL;

int clinux_memfd(const char *name) {
  // NOEXEC_SEAL loads all the same and is the one form that vm.memfd_noexec=2 allows; kernels before 6.3 say EINVAL.
  int fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING | MFD_NOEXEC_SEAL);
  if (fd < 0 && errno == EINVAL) fd = memfd_create(name, MFD_CLOEXEC | MFD_ALLOW_SEALING);
  return fd;
}

int clinux_memfd_plain(const char *name) { return memfd_create(name, MFD_CLOEXEC); }

int clinux_seal(int fd) { return fcntl(fd, F_ADD_SEALS, clinux_all_seals); }

int clinux_seals(int fd) { return fcntl(fd, F_GET_SEALS); }

int clinux_open_beneath(int directory, const char *path, int flags, unsigned mode) {
  struct open_how how;
  memset(&how, 0, sizeof how);
  how.flags = (uint64_t)(unsigned)(flags | O_CLOEXEC);
  // O_TMPFILE contains O_DIRECTORY, and the kernel refuses a mode where nothing is made.
  int makes = (flags & O_CREAT) != 0 || (flags & O_TMPFILE) == O_TMPFILE;
  how.mode = makes ? mode : 0;
  how.resolve = RESOLVE_BENEATH | RESOLVE_NO_SYMLINKS | RESOLVE_NO_MAGICLINKS;
  // A rename elsewhere in the tree can make the kernel ask for another try.
  for (int attempt = 0; attempt < 16; attempt++) {
    long fd = syscall(SYS_openat2, directory, path, &how, sizeof how);
    if (fd >= 0 || (errno != EAGAIN && errno != EINTR)) return (int)fd;
  }
  return -1;
}

int clinux_openat(int directory, const char *path, int flags, unsigned mode) {
  int fd;
  do fd = openat(directory, path, flags | O_CLOEXEC, (mode_t)mode);
  while (fd < 0 && errno == EINTR);
  return fd;
}

int clinux_open_unnamed(int directory, unsigned mode) {
  return clinux_openat(directory, ".", O_TMPFILE | O_RDWR, mode);
}

int clinux_link_unnamed(int fd, int directory, const char *path) {
  char source[40];
  snprintf(source, sizeof source, "/proc/self/fd/%d", fd);
  if (linkat(AT_FDCWD, source, directory, path, AT_SYMLINK_FOLLOW) == 0) return 0;
  if (errno != ENOENT || access("/proc/self/fd", F_OK) == 0) return -1;
  return linkat(fd, "", directory, path, AT_EMPTY_PATH);
}

int clinux_rename_no_replace(int from_directory, const char *from, int to_directory, const char *to) {
  return (int)syscall(SYS_renameat2, from_directory, from, to_directory, to, RENAME_NOREPLACE);
}

int clinux_duplicate_above(int fd, int least) { return fcntl(fd, F_DUPFD_CLOEXEC, least); }

int clinux_syncfs(int fd) { return syncfs(fd); }

int clinux_pipe(int ends[2]) { return pipe2(ends, O_CLOEXEC); }

ssize_t clinux_random(void *into, size_t length) { return getrandom(into, length, 0); }

int clinux_set_inheritable(int fd, int inheritable) { return fcntl(fd, F_SETFD, inheritable ? 0 : FD_CLOEXEC); }

static struct flock whole_file(void) {
  struct flock lock;
  memset(&lock, 0, sizeof lock);
  lock.l_type = F_WRLCK;
  lock.l_whence = SEEK_SET;
  return lock;
}

int clinux_lock(int fd) {
  struct flock lock = whole_file();
  return fcntl(fd, F_SETLK, &lock);
}

int clinux_lock_holder(int fd, pid_t *pid) {
  struct flock lock = whole_file();
  if (fcntl(fd, F_GETLK, &lock) < 0) return -1;
  *pid = lock.l_pid > 0 ? lock.l_pid : 0;
  return lock.l_type != F_UNLCK;
}

int clinux_lock_description(int fd) { return flock(fd, LOCK_EX | LOCK_NB); }

static void copy_status(const struct stat *from, clinux_status *out) {
  memset(out, 0, sizeof *out);
  out->device = from->st_dev;
  out->inode = from->st_ino;
  out->size = (uint64_t)from->st_size;
  out->links = from->st_nlink;
  out->mode = from->st_mode;
  out->owner = from->st_uid;
  out->group = from->st_gid;
  out->modified_seconds = from->st_mtim.tv_sec;
  out->modified_nanoseconds = (uint32_t)from->st_mtim.tv_nsec;
  out->changed_seconds = from->st_ctim.tv_sec;
  out->changed_nanoseconds = (uint32_t)from->st_ctim.tv_nsec;
}

int clinux_fstat(int fd, clinux_status *out) {
  struct stat status;
  if (fstat(fd, &status) < 0) return -1;
  copy_status(&status, out);
  return 0;
}

int clinux_is_on_noexec_mount(int fd) {
  struct statvfs mount;
  return fstatvfs(fd, &mount) == 0 && (mount.f_flag & ST_NOEXEC) != 0;
}

int clinux_lstat_at(int directory, const char *path, clinux_status *out) {
  struct stat status;
  if (fstatat(directory, path, &status, AT_SYMLINK_NOFOLLOW) < 0) return -1;
  copy_status(&status, out);
  return 0;
}

int clinux_read_lease(int fd) {
  // Whoever opens the file for writing while the lease is held breaks it, and SIGIO would end this process. Two threads
  // may both set it: to the same.
  static int is_ignored;
  if (!__atomic_load_n(&is_ignored, __ATOMIC_RELAXED)) {
    struct sigaction ignored = {.sa_handler = SIG_IGN};
    if (sigaction(SIGIO, &ignored, NULL) != 0) return -1;
    __atomic_store_n(&is_ignored, 1, __ATOMIC_RELAXED);
  }
  return fcntl(fd, F_SETLEASE, F_RDLCK);
}

intptr_t clinux_find_text(const void *bytes, size_t count, const void *text, size_t length) {
  const char *found = memmem(bytes, count, text, length);
  return found ? found - (const char *)bytes : -1;
}

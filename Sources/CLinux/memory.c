#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/sysmacros.h>
#include <sys/uio.h>
#include <unistd.h>

const char *clinux_glibc_version(void) { return gnu_get_libc_version(); }

ssize_t clinux_read_own_memory(const void *address, void *into, size_t length) {
  struct iovec local = {into, length};
  struct iovec remote = {(void *)(uintptr_t)address, length};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
}

// Lines of proc(5) maps: start-end perms offset major:minor inode pathname
static int find_mapping(const void *address, clinux_mapping *out, char *name, size_t capacity) {
  FILE *maps = fopen("/proc/self/maps", "re");
  if (maps == NULL) return -1;
  uintptr_t wanted = (uintptr_t)address;
  char line[4352];
  int found = -1;
  while (found < 0 && fgets(line, sizeof line, maps) != NULL) {
    uint64_t start, end, inode;
    unsigned major_number, minor_number;
    int name_at = 0;
    if (sscanf(line, "%" SCNx64 "-%" SCNx64 " %*s %*s %x:%x %" SCNu64 " %n", &start, &end, &major_number, &minor_number,
               &inode, &name_at) < 5)
      continue;
    if (wanted < start || wanted >= end) continue;
    found = 0;
    *out = (clinux_mapping){start, end, makedev(major_number, minor_number), inode};
    if (name != NULL && capacity > 0) {
      line[strcspn(line, "\n")] = 0;
      snprintf(name, capacity, "%s", line + name_at);
    }
  }
  fclose(maps);
  if (found < 0) errno = ENOENT;
  return found;
}

int clinux_mapping_of(const void *address, clinux_mapping *out) { return find_mapping(address, out, NULL, 0); }

int clinux_mapping_name(const void *address, char *into, size_t capacity) {
  clinux_mapping mapping;
  return find_mapping(address, &mapping, into, capacity);
}

void *clinux_dlopen(const char *path, char *error, size_t capacity) {
  void *handle = dlopen(path, RTLD_NOW | RTLD_LOCAL);
  if (handle == NULL && capacity > 0) {
    const char *text = dlerror();
    snprintf(error, capacity, "%s", text != NULL ? text : "no reason given");
  }
  return handle;
}

void *clinux_dlsym(void *handle, const char *name) { return dlsym(handle, name); }

int64_t clinux_raise_descriptor_limit(int64_t wanted) {
  struct rlimit limit;
  if (getrlimit(RLIMIT_NOFILE, &limit) < 0) return -1;
  rlim_t target = (rlim_t)wanted;
  if (limit.rlim_max != RLIM_INFINITY && target > limit.rlim_max) target = limit.rlim_max;
  if (limit.rlim_cur != RLIM_INFINITY && limit.rlim_cur < target) {
    limit.rlim_cur = target;
    if (setrlimit(RLIMIT_NOFILE, &limit) < 0) return -1;
  }
  return limit.rlim_cur == RLIM_INFINITY ? INT64_MAX : (int64_t)limit.rlim_cur;
}

intptr_t clinux_map_shared(int fd, size_t size) {
  void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address == MAP_FAILED ? -1 : (intptr_t)address;
}

#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
#include <link.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/uio.h>
#include <unistd.h>

const char *clinux_glibc_version(void) { return gnu_get_libc_version(); }

ssize_t clinux_read_own_memory(const void *address, void *into, size_t length) {
  struct iovec local = {into, length};
  struct iovec remote = {(void *)(uintptr_t)address, length};
  return process_vm_readv(getpid(), &local, 1, &remote, 1, 0);
}

struct link_map_walk {
  size_t first, index;
  void (*each)(void *context, const char *name, uint64_t base);
  void *context;
  uint64_t added, removed;
};

static int visit_object(struct dl_phdr_info *info, size_t size, void *data) {
  (void)size;
  struct link_map_walk *walk = data;
  walk->added = info->dlpi_adds;
  walk->removed = info->dlpi_subs;
  if (walk->each == NULL) return 1;
  if (walk->index++ >= walk->first) walk->each(walk->context, info->dlpi_name, info->dlpi_addr);
  return 0;
}

void clinux_link_map(size_t first, void (*each)(void *, const char *, uint64_t), void *context) {
  struct link_map_walk walk = {first, 0, each, context, 0, 0};
  dl_iterate_phdr(visit_object, &walk);
}

void clinux_link_map_counts(uint64_t *added, uint64_t *removed) {
  struct link_map_walk walk = {0, 0, NULL, NULL, 0, 0};
  dl_iterate_phdr(visit_object, &walk);
  *added = walk.added;
  *removed = walk.removed;
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

int clinux_may_execute(int fd) {
  void *address = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  return address == MAP_FAILED ? -1 : munmap(address, 1);
}

intptr_t clinux_map_shared(int fd, size_t size) {
  void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address == MAP_FAILED ? -1 : (intptr_t)address;
}

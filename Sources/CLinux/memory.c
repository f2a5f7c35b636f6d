#define _GNU_SOURCE
#include "CLinux.h"

#include <dlfcn.h>
#include <errno.h>
#include <gnu/libc-version.h>
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

int clinux_forgo_core_files(void) {
  struct rlimit none = {0, 0};
  return setrlimit(RLIMIT_CORE, &none);
}

int clinux_may_execute(int fd) {
  void *address = mmap(NULL, 1, PROT_READ | PROT_EXEC, MAP_PRIVATE, fd, 0);
  return address == MAP_FAILED ? -1 : munmap(address, 1);
}

intptr_t clinux_map_shared(int fd, size_t size) {
  void *address = mmap(NULL, size, PROT_READ | PROT_WRITE, MAP_SHARED, fd, 0);
  return address == MAP_FAILED ? -1 : (intptr_t)address;
}

intptr_t clinux_map_file(int fd, size_t size, int64_t offset) {
  void *address = mmap(NULL, size, PROT_READ, MAP_SHARED, fd, (off_t)offset);
  return address == MAP_FAILED ? -1 : (intptr_t)address;
}

void clinux_unmap(intptr_t address, size_t size) { munmap((void *)address, size); }

/* The rival of `omphalos run` with many plugins: loads the shared objects of a folder on one thread and decides nothing.
 *
 *   dlopen_rival open DIR    dlopen each by its path
 *   dlopen_rival seal DIR    read, SHA-256, copy into a memfd, seal, dlopen each from /proc
 *   dlopen_rival rate        bytes of SHA-256 in a second of processor time
 *
 * Objects are taken in the order of their names, and nothing is closed: as omphalos does it. SHA-256 is built in because
 * loading libcrypto alone takes longer than some of what is measured.
 */
#define _GNU_SOURCE
#include <dirent.h>
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sha256.h"

static void stop(const char *what) {
  fprintf(stderr, "dlopen_rival: %s: %s\n", what, strerror(errno));
  exit(1);
}

static void load(const char *path) {
  if (dlopen(path, RTLD_NOW | RTLD_LOCAL) == NULL) {
    fprintf(stderr, "dlopen_rival: %s\n", dlerror());
    exit(1);
  }
}

static uint8_t *buffer;
static size_t capacity;

static void seal(const char *path) {
  int file = open(path, O_RDONLY | O_CLOEXEC);
  struct stat status;
  if (file < 0 || fstat(file, &status) != 0) stop(path);
  size_t size = (size_t)status.st_size;
  if (size > capacity && (buffer = realloc(buffer, capacity = size)) == NULL) stop(path);
  if (read(file, buffer, size) != (ssize_t)size) stop(path);
  close(file);
  uint8_t digest[32];
  sha256(buffer, size, digest);
  int memory = memfd_create("plugin", MFD_CLOEXEC | MFD_ALLOW_SEALING);
  if (memory < 0 || write(memory, buffer, size) != (ssize_t)size) stop("memfd");
  if (fcntl(memory, F_ADD_SEALS, F_SEAL_SEAL | F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE) != 0) stop("F_ADD_SEALS");
  char name[64];
  snprintf(name, sizeof name, "/proc/%d/fd/%d", (int)getpid(), memory);
  load(name);
}

static int is_object(const struct dirent *entry) {
  size_t length = strlen(entry->d_name);
  return length > 3 && strcmp(entry->d_name + length - 3, ".so") == 0;
}

static void load_all(const char *folder, void (*one)(const char *)) {
  struct rlimit files;
  if (getrlimit(RLIMIT_NOFILE, &files) != 0) stop("getrlimit");
  files.rlim_cur = files.rlim_max;
  if (setrlimit(RLIMIT_NOFILE, &files) != 0) stop("setrlimit");
  struct dirent **entries;
  int count = scandir(folder, &entries, is_object, alphasort);
  if (count < 0) stop(folder);
  for (int i = 0; i < count; i++) {
    char path[4096];
    snprintf(path, sizeof path, "%s/%s", folder, entries[i]->d_name);
    one(path);
  }
}

/* Of the processor, not of the clock on the wall: other processes do not count. */
static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

/* 100 KiB at a time, as the plugins are. Checks itself first: "abc" of FIPS 180-4. */
static void rate(void) {
  static uint8_t data[100 << 10], digest[32];
  static const uint8_t abc[4] = {0xba, 0x78, 0x16, 0xbf};
  sha256((const uint8_t *)"abc", 3, digest);
  if (memcmp(digest, abc, sizeof abc) != 0) {
    fputs("dlopen_rival: the SHA-256 of abc is wrong\n", stderr);
    exit(1);
  }
  double start = now();
  for (int i = 0; i < 4096; i++) {
    sha256(data, sizeof data, digest);
    data[0] = digest[0];
  }
  printf("%.0f\n", 4096.0 * sizeof data / (now() - start));
}

int main(int argc, char **argv) {
  if (argc == 2 && strcmp(argv[1], "rate") == 0) {
    rate();
  } else if (argc == 3 && strcmp(argv[1], "open") == 0) {
    load_all(argv[2], load);
  } else if (argc == 3 && strcmp(argv[1], "seal") == 0) {
    load_all(argv[2], seal);
  } else {
    fputs("usage: dlopen_rival open DIR | seal DIR | rate\n", stderr);
    return 64;
  }
  /* As the worker: without destructors. */
  fflush(NULL);
  _exit(0);
}

/* The rival of the store: the same bytes on the same disk, in plain C.
 *
 *   store_rival hash MIB         seconds to hash that many MiB, 1 MiB at a time
 *   store_rival write DIR MIB    seconds to write them into an unnamed file of DIR and to link it
 *   store_rival small DIR COUNT  COUNT files of 1 KiB: create, write, hash, link; then read and hash each again, make it
 *                                read-only, flush once, rename DIR, flush its parent
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#include "sha256.h"

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void stop(const char *what) {
  fprintf(stderr, "store_rival: %s: %s\n", what, strerror(errno));
  exit(1);
}

static uint8_t bytes[1 << 20];

static void hash(long count) {
  uint8_t digest[32];
  double start = now();
  for (long i = 0; i < count; i++) sha256(bytes, sizeof bytes, digest);
  printf("%.9f\n", now() - start);
}

static int unnamed(int folder) {
  int file = openat(folder, ".", O_TMPFILE | O_RDWR | O_CLOEXEC, 0644);
  if (file < 0) stop("O_TMPFILE");
  return file;
}

static void link_file(int file, int folder, const char *name) {
  char path[64];
  snprintf(path, sizeof path, "/proc/self/fd/%d", file);
  if (linkat(AT_FDCWD, path, folder, name, AT_SYMLINK_FOLLOW) != 0) stop(name);
}

static void write_large(const char *name, long count) {
  int folder = open(name, O_RDONLY | O_DIRECTORY);
  double start = now();
  int file = unnamed(folder);
  for (long i = 0; i < count; i++) {
    memcpy(bytes, &i, sizeof i);
    if (write(file, bytes, sizeof bytes) != sizeof bytes) stop("write");
  }
  link_file(file, folder, "large");
  close(file);
  printf("%.9f\n", now() - start);
}

static void write_small(const char *name, long count) {
  int folder = open(name, O_RDONLY | O_DIRECTORY);
  uint8_t digest[32];
  char path[64];
  for (long i = 0; i < count; i++) {
    memcpy(bytes, &i, sizeof i);
    if (i % 500 == 0) snprintf(path, sizeof path, "%03ld", i / 500), mkdirat(folder, path, 0755);
    snprintf(path, sizeof path, "%03ld/%06ld", i / 500, i);
    int file = unnamed(folder);
    if (write(file, bytes, 1024) != 1024) stop("write");
    sha256(bytes, 1024, digest);
    link_file(file, folder, path);
    close(file);
  }
  for (long i = 0; i < count; i++) {
    snprintf(path, sizeof path, "%03ld/%06ld", i / 500, i);
    int file = openat(folder, path, O_RDONLY | O_CLOEXEC);
    struct stat status;
    if (file < 0 || fstat(file, &status) != 0 || read(file, bytes, sizeof bytes) != 1024) stop(path);
    sha256(bytes, 1024, digest);
    fchmod(file, 0444);
    close(file);
  }
  if (syncfs(folder) != 0) stop("syncfs");
  char final[4096];
  snprintf(final, sizeof final, "%s.final", name);
  if (rename(name, final) != 0) stop(final);
  int parent = openat(folder, "..", O_RDONLY | O_DIRECTORY);
  if (fsync(parent) != 0) stop("fsync");
}

int main(int count, char **words) {
  for (size_t i = 0; i < sizeof bytes; i++) bytes[i] = (uint8_t)(i * 31 + i / 4096);
  if (count == 3 && strcmp(words[1], "hash") == 0) return hash(atol(words[2])), 0;
  if (count == 4 && strcmp(words[1], "write") == 0) return write_large(words[2], atol(words[3])), 0;
  if (count == 4 && strcmp(words[1], "small") == 0) return write_small(words[2], atol(words[3])), 0;
  fputs("usage: store_rival hash MIB | write DIR MIB | small DIR COUNT\n", stderr);
  return 64;
}

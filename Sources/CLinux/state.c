#define _GNU_SOURCE
#include "CLinux.h"

#include <dirent.h>
#include <fenv.h>
#include <locale.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

extern char **environ;

// FNV-1a: it only has to notice changes.
static uint64_t mix(uint64_t hash, const void *bytes, size_t length) {
  const unsigned char *next = bytes;
  for (size_t i = 0; i < length; i++) hash = (hash ^ next[i]) * 1099511628211u;
  return hash;
}

static const uint64_t seed = 14695981039346656037u;

#if defined(__x86_64__)
static uint32_t vector_control(void) {
  uint32_t word;
  __asm__ volatile("stmxcsr %0" : "=m"(word));
  return word & ~0x3fu;  // the low bits are flags that every computation sets
}
static void set_vector_control(uint32_t word) { __asm__ volatile("ldmxcsr %0" : : "m"(word)); }
static uint32_t scalar_control(void) {
  uint16_t word;
  __asm__ volatile("fnstcw %0" : "=m"(word));
  return word;
}
static void set_scalar_control(uint32_t word) {
  uint16_t low = (uint16_t)word;
  __asm__ volatile("fldcw %0" : : "m"(low));
}
#else
static uint32_t vector_control(void) {
  uint64_t word;
  __asm__ volatile("mrs %0, fpcr" : "=r"(word));
  return (uint32_t)word;
}
static void set_vector_control(uint32_t word) {
  uint64_t wide = word;
  __asm__ volatile("msr fpcr, %0" : : "r"(wide));
}
static uint32_t scalar_control(void) { return 0; }
static void set_scalar_control(uint32_t word) { (void)word; }
#endif

static uint64_t signals(void) {
  uint64_t hash = seed;
  for (int number = 1; number < 32; number++) {
    struct sigaction action;
    memset(&action, 0, sizeof action);
    if (sigaction(number, NULL, &action) != 0) continue;
    hash = mix(hash, &number, sizeof number);
    hash = mix(hash, &action.sa_handler, sizeof action.sa_handler);
    hash = mix(hash, &action.sa_flags, sizeof action.sa_flags);
  }
  return hash;
}

static uint64_t blocked_signals(void) {
  sigset_t blocked;
  sigemptyset(&blocked);
  pthread_sigmask(SIG_BLOCK, NULL, &blocked);
  uint64_t bits = 0;
  for (int number = 1; number < 64; number++)
    if (sigismember(&blocked, number) == 1) bits |= (uint64_t)1 << number;
  return bits;
}

static uint64_t environment(void) {
  uint64_t hash = seed;
  for (char **entry = environ; entry != NULL && *entry != NULL; entry++) hash = mix(hash, *entry, strlen(*entry) + 1);
  return hash;
}

// Linux 6.2 and later tell the number of open descriptors as the size of their folder; before, they have to be counted.
static uint32_t open_descriptors(void) {
  struct stat folder;
  if (stat("/proc/self/fd", &folder) == 0 && folder.st_size > 0) return (uint32_t)folder.st_size;
  DIR *directory = opendir("/proc/self/fd");
  if (directory == NULL) return 0;
  uint32_t count = 0;
  while (readdir(directory) != NULL) count++;
  closedir(directory);
  return count > 3 ? count - 3 : 0;  // without ".", ".." and the one that was open for reading
}

// Each thread is a folder, and so a link to its parent.
static uint32_t running_threads(void) {
  struct stat folder;
  return stat("/proc/self/task", &folder) == 0 && folder.st_nlink > 2 ? (uint32_t)folder.st_nlink - 2 : 0;
}

void clinux_process_state(clinux_state *out) {
  memset(out, 0, sizeof *out);
  out->vector_control = vector_control();
  out->scalar_control = scalar_control();
  out->rounding = (uint32_t)fegetround();
  const char *name = setlocale(LC_ALL, NULL);
  out->locale = mix(seed, name != NULL ? name : "", name != NULL ? strlen(name) : 0);
  struct stat here;
  if (stat(".", &here) == 0) out->directory = (uint64_t)here.st_ino ^ (uint64_t)here.st_dev << 32;
  mode_t mask = umask(0);
  umask(mask);
  out->umask = mask;
  out->signals = signals();
  out->mask = blocked_signals();
  out->environment = environment();
}

void clinux_count_resources(uint32_t *descriptors, uint32_t *threads) {
  *descriptors = open_descriptors();
  *threads = running_threads();
}

void clinux_restore_floating_point(const clinux_state *state) {
  set_vector_control(state->vector_control);
  set_scalar_control(state->scalar_control);
  fesetround((int)state->rounding);
}

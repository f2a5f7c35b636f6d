/* What the store's benchmark runs inside omphalos: one exporter that calls the store in the way its configuration says,
 * and logs how long it took. And a connector without rows, because a pipeline needs an input.
 *
 *   calls   nanoseconds of one call through a C function pointer, of `is_cancelled`, and of `read` at the end of an
 *           artifact, `count` of each, in turn
 *   large   seconds from `create` to the return of `commit` of one artifact of `count` MiB, written 1 MiB at a time
 *   small   `count` artifacts of 1 KiB by `put`, the first bytes of each its number
 *   several the same of 1 MiB
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

#include "no_rows.h"

OMPHALOS_DECLARE("com.example.bench", "1.0.0", "Example", "MIT", "Calls the store", "compatible", 0, 0,
                 "[{\"kind\":\"connector\",\"name\":\"none\",\"interface_version\":1},"
                 "{\"kind\":\"exporter\",\"name\":\"store\",\"interface_version\":1}]");

static const omphalos_host *host;

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return (double)time.tv_sec + (double)time.tv_nsec / 1e9;
}

static void say(const char *what, double value) {
  char line[128];
  int length = snprintf(line, sizeof line, "bench %s %.9f", what, value);
  host->log(host->ctx, OMPHALOS_LOG_INFO, line, (size_t)length);
}

/* ---- The exporter ---- */

__attribute__((noinline)) static int32_t plain(uint64_t call, uint64_t artifact, uint64_t offset, void *into, size_t capacity,
                                               size_t *count) {
  (void)call, (void)artifact, (void)offset, (void)into, (void)capacity;
  *count = 0;
  return 0;
}

static int32_t calls(const omphalos_call *call, long count) {
  int32_t (*volatile pointer)(uint64_t, uint64_t, uint64_t, void *, size_t, size_t *) = plain;
  uint64_t artifact, length, handle = call->handle;
  size_t got;
  char byte;
  int32_t status = call->store->put(handle, "exports/a", 9, NULL, "x", 1);
  if (status != 0 || (status = call->store->open(handle, "exports/a", 9, &artifact, &length)) != 0) return status;
  for (int round = 0; round < 12; round++) {
    double start = now();
    for (long i = 0; i < count; i++) status |= pointer(handle, artifact, 1, &byte, 1, &got);
    double first = now();
    for (long i = 0; i < count; i++) status |= call->is_cancelled(handle);
    double second = now();
    for (long i = 0; i < count; i++) status |= call->store->read(handle, artifact, 1, &byte, 1, &got);
    double third = now();
    if (status != 0) return status;
    if (round == 0) continue; /* warms up */
    say("pointer", (first - start) / (double)count * 1e9);
    say("is_cancelled", (second - first) / (double)count * 1e9);
    say("read", (third - second) / (double)count * 1e9);
  }
  return 0;
}

static int32_t large(const omphalos_call *call, long count) {
  size_t size = 1 << 20;
  char *bytes = malloc(size);
  if (bytes == NULL) return OMPHALOS_E_MEMORY;
  for (size_t i = 0; i < size; i++) bytes[i] = (char)(i * 31 + i / 4096);
  uint64_t artifact;
  double start = now();
  int32_t status = call->store->create(call->handle, "exports/large", 13, NULL, &artifact);
  for (long i = 0; i < count && status == 0; i++) {
    memcpy(bytes, &i, sizeof i);
    status = call->store->write(call->handle, artifact, bytes, size);
  }
  if (status == 0) status = call->store->commit(call->handle, artifact);
  say("large", now() - start);
  free(bytes);
  return status;
}

/* `count` artifacts of `size` bytes. */
static int32_t many(const omphalos_call *call, long count, size_t size) {
  char *bytes = calloc(1, size), path[64];
  if (bytes == NULL) return OMPHALOS_E_MEMORY;
  double start = now();
  for (long i = 0; i < count; i++) {
    memcpy(bytes, &i, sizeof i);
    int length = snprintf(path, sizeof path, "exports/%03ld/%06ld", i / 500, i);
    int32_t status = call->store->put(call->handle, path, (size_t)length, NULL, bytes, size);
    if (status != 0) return status; /* the benchmark is over: the process ends */
  }
  say("many", now() - start);
  free(bytes);
  return 0;
}

static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t datasets) {
  (void)state, (void)inputs, (void)datasets;
  const char *text = strstr(call->config, "\"count\":");
  long count = text != NULL ? strtol(text + 8, NULL, 10) : 0;
  if (strstr(call->config, "\"calls\"")) return calls(call, count);
  if (strstr(call->config, "\"large\"")) return large(call, count);
  return many(call, count, strstr(call->config, "\"several\"") ? 1 << 20 : 1024);
}

static int32_t init(const omphalos_host *given, void **state) { return (void)state, host = given, 0; }

static const omphalos_connector none = {sizeof none, 0, none_open};
static const omphalos_exporter store = {sizeof store, 0, run};
static const omphalos_capability none_capability = {sizeof none_capability, OMPHALOS_CONNECTOR, 1, 0, "none", NULL, &none};
static const omphalos_capability store_capability = {sizeof store_capability, OMPHALOS_EXPORTER, 1, 0, "store", NULL, &store};
static const omphalos_capability *const capabilities[] = {&none_capability, &store_capability};
static const omphalos_plugin descriptor = {
    sizeof descriptor, OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0, "com.example.bench", "1.0.0", "Example",
    "MIT", "Calls the store", OMPHALOS_HERMETIC_COMPATIBLE, 0, 2, 0, capabilities, init, NULL};
OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) { return (void)host_minor, &descriptor; }

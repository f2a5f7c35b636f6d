/* A plugin for tests: a connector, an exporter and a lineage sink that behave, with places at which a test puts
 * statements of its own: -D'ON_RUN=abort();'. A statement sees the parameters of the function it stands in; `return`
 * leaves the function. The header's tables are filled by the rules; what a test wants broken it breaks by a define.
 */
#define _GNU_SOURCE
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <sched.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

#ifndef ID
#define ID "com.example.fixture"
#endif
#ifndef HERMETIC
#define HERMETIC "compatible"
#endif
#ifndef DESCRIPTOR_HERMETIC
#define DESCRIPTOR_HERMETIC OMPHALOS_HERMETIC_COMPATIBLE
#endif
#ifndef VERSION
#define VERSION "1.0.0"
#endif
#ifndef DESCRIPTOR_VERSION
#define DESCRIPTOR_VERSION VERSION
#endif
#ifndef DRAFT
#define DRAFT OMPHALOS_ABI_DRAFT
#endif
#ifndef MINOR_REQUIRED
#define MINOR_REQUIRED 0
#endif
#ifndef MINOR_BUILT
#define MINOR_BUILT 0
#endif
#ifndef COUNT
#define COUNT 3
#endif
#ifndef GLOBALS
#define GLOBALS
#endif
#ifndef ON_INIT
#define ON_INIT
#endif
#ifndef ON_SHUTDOWN
#define ON_SHUTDOWN
#endif
#ifndef ON_OPEN
#define ON_OPEN
#endif
#ifndef ON_OPENED
#define ON_OPENED
#endif
#ifndef ON_SCHEMA
#define ON_SCHEMA
#endif
#ifndef ON_NEXT
#define ON_NEXT
#endif
#ifndef ON_BATCH
#define ON_BATCH
#endif
#ifndef ON_RELEASE
#define ON_RELEASE
#endif
#ifndef ON_RUN
#define ON_RUN
#endif
#ifndef ON_SINK_OPEN
#define ON_SINK_OPEN
#endif
#ifndef ON_EMIT
#define ON_EMIT
#endif
#ifndef ON_SINK_CLOSE
#define ON_SINK_CLOSE
#endif
#ifndef ON_ENTRY
#define ON_ENTRY
#endif
#ifndef CAPABILITIES
#define CAPABILITIES                                                                                             \
  "[{\"kind\":\"connector\",\"name\":\"source\",\"interface_version\":1},"                                         \
  "{\"kind\":\"exporter\",\"name\":\"product\",\"interface_version\":1},"                                          \
  "{\"kind\":\"lineage_sink\",\"name\":\"sink\",\"interface_version\":1}]"
#endif

/* The note, with a draft number that a test may choose. */
#define NOTE_TEXT                                                                                                       \
  "{\"note\":1,\"abi\":{\"major\":1,\"minor_required\":" OMPHALOS_STR(MINOR_REQUIRED) ",\"minor_built\":" OMPHALOS_STR(MINOR_BUILT) ",\"draft\":" \
  OMPHALOS_STR(DRAFT) "},\"id\":\"" ID "\",\"version\":\"" VERSION                                              \
  "\",\"vendor\":\"Example\",\"license\":\"MIT\",\"summary\":\"A fixture\",\"hermetic\":\"" HERMETIC             \
  "\",\"flags\":0,\"capabilities\":" CAPABILITIES "}"
OMPHALOS_NOTE(fixture_note, OMPHALOS_NOTE_DECLARATION, NOTE_TEXT);
/* The schema of the exporter's configuration, a literal. */
#ifdef PRODUCT_SCHEMA
OMPHALOS_NOTE(fixture_schemas, OMPHALOS_NOTE_SCHEMAS, "{\"product\":" PRODUCT_SCHEMA "}");
#else
#define PRODUCT_SCHEMA NULL
#endif

static const omphalos_host *host;

__attribute__((unused)) static int32_t fail(const omphalos_call *call, int32_t code, const char *text) {
  call->set_error(call->handle, code, text, strlen(text));
  return code;
}
__attribute__((unused)) static int32_t put(const omphalos_call *call, const char *path, const char *text) {
  return call->store->put(call->handle, path, strlen(path), NULL, text, strlen(text));
}
__attribute__((unused)) static void say(const char *text) { host->log(host->ctx, OMPHALOS_LOG_INFO, text, strlen(text)); }
/* Leaves a file behind, to show that this code ran. */
__attribute__((unused)) static void mark(const char *path) {
  int fd = open(path, O_WRONLY | O_CREAT | O_APPEND, 0644);
  if (fd >= 0) close(fd);
}

GLOBALS

#ifdef ON_CONSTRUCTOR
__attribute__((constructor)) static void on_load(void) { ON_CONSTRUCTOR }
#endif
#ifdef ON_DESTRUCTOR
__attribute__((destructor)) static void on_unload(void) { ON_DESTRUCTOR }
#endif

/* ---- A stream of two batches of three rows: one int64 column "n" ---- */

static void release_schema(struct ArrowSchema *schema) {
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release != NULL) schema->children[i]->release(schema->children[i]);
    free(schema->children[i]);
  }
  free(schema->children);
  schema->release = NULL;
}

static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  (void)stream;
  { ON_SCHEMA }
  memset(out, 0, sizeof *out);
  struct ArrowSchema *child = calloc(1, sizeof *child);
  child->format = "l";
  child->name = "n";
  child->release = release_schema;
  out->format = "+s";
  out->name = "";
  out->n_children = 1;
  out->children = calloc(1, sizeof *out->children);
  out->children[0] = child;
  out->release = release_schema;
  return 0;
}

static void release_array(struct ArrowArray *array) {
  for (int64_t i = 0; i < array->n_children; i++) {
    if (array->children[i]->release != NULL) array->children[i]->release(array->children[i]);
    free(array->children[i]);
  }
  free(array->children);
  if (array->n_buffers > 1) free((void *)(uintptr_t)array->buffers[1]);
  free(array->buffers);
  array->release = NULL;
}

static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  intptr_t *batch = (intptr_t *)&stream->private_data;
  { ON_NEXT }
  memset(out, 0, sizeof *out);
  if (*batch >= 2) return 0;
  struct ArrowArray *child = calloc(1, sizeof *child);
  int64_t *values = calloc(3, sizeof *values);
  for (int i = 0; i < 3; i++) values[i] = *batch * 3 + i;
  *batch += 1;
  child->length = 3;
  child->n_buffers = 2;
  child->buffers = calloc(2, sizeof *child->buffers);
  child->buffers[1] = values;
  child->release = release_array;
  out->length = 3;
  out->n_buffers = 1;
  out->buffers = calloc(1, sizeof *out->buffers);
  out->n_children = 1;
  out->children = calloc(1, sizeof *out->children);
  out->children[0] = child;
  out->release = release_array;
  { ON_BATCH }
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) {
  (void)stream;
#ifdef LAST_ERROR
  return LAST_ERROR;
#else
  return NULL;
#endif
}

static void release_stream(struct ArrowArrayStream *stream) {
  { ON_RELEASE }
  stream->release = NULL;
}

static int32_t source_open(void *state, const omphalos_call *call, struct ArrowArrayStream *out) {
  (void)state;
  (void)call;
  { ON_OPEN }
  out->get_schema = get_schema;
  out->get_next = get_next;
  out->get_last_error = get_last_error;
  out->release = release_stream;
  out->private_data = NULL;
  { ON_OPENED }
  return 0;
}

/* ---- An exporter that counts rows ---- */

static int32_t product_run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  (void)state;
  { ON_RUN }
  long long rows = 0;
  for (size_t i = 0; i < count; i++) {
    for (;;) {
      struct ArrowArray batch;
      struct ArrowArrayStream *stream = inputs[i]->stream;
      if (stream->get_next(stream, &batch) != 0) return OMPHALOS_E_DATA;
      if (batch.release == NULL) break;
      rows += batch.length;
      batch.release(&batch);
    }
  }
  char text[32];
  snprintf(text, sizeof text, "%lld\n", rows);
  return put(call, "exports/count.txt", text);
}

/* ---- A sink that does nothing ---- */

static int32_t sink_open(void *state, const omphalos_call *call, void **sink) {
  (void)state;
  *sink = (void *)(uintptr_t)call;
  { ON_SINK_OPEN }
  return 0;
}
static int32_t sink_emit(void *sink, const char *event, size_t length) {
  const omphalos_call *call = sink;
  (void)call, (void)event, (void)length;
  { ON_EMIT }
  return 0;
}
static int32_t sink_close(void *sink, uint32_t outcome) {
  const omphalos_call *call = sink;
  (void)call, (void)outcome;
  { ON_SINK_CLOSE }
  return 0;
}

/* ---- The descriptor ---- */

static const omphalos_connector source = {sizeof source, 0, source_open};
static const omphalos_exporter product = {sizeof product, 0, product_run};
static const omphalos_lineage_sink sink = {sizeof sink, 0, sink_open, sink_emit, NULL, sink_close};
static const omphalos_capability source_capability = {sizeof source_capability, OMPHALOS_CONNECTOR, 1, 0, "source", NULL,
                                                      &source};
static const omphalos_capability product_capability = {
    sizeof product_capability, OMPHALOS_EXPORTER, 1, 0, "product", PRODUCT_SCHEMA, &product};
static const omphalos_capability sink_capability = {sizeof sink_capability, OMPHALOS_LINEAGE_SINK, 1, 0, "sink", NULL,
                                                    &sink};
static const omphalos_capability *const capabilities[] = {&source_capability, &product_capability, &sink_capability};

static int32_t init(const omphalos_host *given, void **state) {
  (void)state;
  host = given;
  { ON_INIT }
  return 0;
}
static void shutdown_plugin(void *state) {
  (void)state;
  { ON_SHUTDOWN }
}

static omphalos_plugin descriptor = {sizeof descriptor, 1, MINOR_REQUIRED, MINOR_BUILT, DRAFT, 0, ID, DESCRIPTOR_VERSION, "Example",
                                     "MIT", "A fixture", DESCRIPTOR_HERMETIC, 0, COUNT, 0, capabilities, init,
                                     shutdown_plugin};

OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
  (void)host_minor;
  { ON_ENTRY }
  return &descriptor;
}

/* A plugin of interface 1.0 that uses all of it: each function of the host, the call and the store, as connector,
 * exporter and lineage sink. What they answered stands in exports/answers.txt. Built once; see README.md beside it.
 */
#define _GNU_SOURCE
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

#define CAPABILITIES                                                   \
  "[{\"kind\":\"connector\",\"name\":\"numbers\",\"interface_version\":1}," \
  "{\"kind\":\"exporter\",\"name\":\"answers\",\"interface_version\":1},"   \
  "{\"kind\":\"lineage_sink\",\"name\":\"events\",\"interface_version\":1}]"
OMPHALOS_DECLARE("org.omphalos.frozen.c", "1.0.0", "omphalos project", "Apache-2.0", "All of interface 1.0, in C", "compatible",
                 0, 0, CAPABILITIES);

static const omphalos_host *host;

static void say(const char *text) { host->log(host->ctx, OMPHALOS_LOG_INFO, text, strlen(text)); }

/* ---- numbers: a dataset of one int64 column, in two batches, and the length of its file ---- */

struct numbers {
  const omphalos_call *call;
  int batch;
};

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
  struct ArrowSchema *child = calloc(1, sizeof *child), **children = calloc(1, sizeof *children);
  if (child == NULL || children == NULL) return free(child), free(children), 12;
  *child = (struct ArrowSchema){.format = "l", .name = "n", .release = release_schema};
  children[0] = child;
  *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = 1, .children = children, .release = release_schema};
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
  struct numbers *numbers = stream->private_data;
  memset(out, 0, sizeof *out);
  if (numbers->batch == 2) return 0;
  numbers->call->progress(numbers->call->handle, (uint64_t)numbers->batch, 2);
  struct ArrowArray *child = calloc(1, sizeof *child), **children = calloc(1, sizeof *children);
  int64_t *values = calloc(3, sizeof *values);
  const void **own = calloc(1, sizeof *own), **buffers = calloc(2, sizeof *buffers);
  if (!child || !children || !values || !own || !buffers) return 12; /* the process ends with the run */
  for (int i = 0; i < 3; i++) values[i] = numbers->batch * 3 + i;
  numbers->batch++;
  buffers[1] = values;
  *child = (struct ArrowArray){.length = 3, .n_buffers = 2, .buffers = buffers, .release = release_array};
  children[0] = child;
  *out = (struct ArrowArray){
      .length = 3, .n_buffers = 1, .buffers = own, .n_children = 1, .children = children, .release = release_array};
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *stream) { return (void)stream, NULL; }

static void release_stream(struct ArrowArrayStream *stream) {
  free(stream->private_data);
  stream->release = NULL;
}

static int32_t numbers_open(void *state, const omphalos_call *call, struct ArrowArrayStream *out) {
  (void)state;
  int32_t fd;
  uint64_t length;
  char bytes[8] = "";
  int32_t status = call->input_open(call->handle, "data", 4, &fd, &length);
  if (status != OMPHALOS_OK) return status;
  int matches = read(fd, bytes, sizeof bytes) == 6 && length == 6 && memcmp(bytes, "frozen", 6) == 0;
  close(fd);
  if (!matches) {
    call->set_error(call->handle, OMPHALOS_E_DATA, "wanted a file that says frozen", 30);
    return OMPHALOS_E_DATA;
  }
  struct numbers *numbers = calloc(1, sizeof *numbers);
  if (numbers == NULL) return OMPHALOS_E_MEMORY;
  numbers->call = call;
  *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, numbers};
  return OMPHALOS_OK;
}

/* ---- answers: an artifact with what each function answered ---- */

static char answers[4096];

static void answer(const char *name, long long value) {
  size_t used = strlen(answers);
  snprintf(answers + used, sizeof answers - used, "%s %lld\n", name, value);
}

static void ask_store(const omphalos_call *call) {
  const omphalos_store *store = call->store;
  uint64_t handle = call->handle, artifact, length = 0, cursor;
  omphalos_artifact_options options = {
      .struct_size = sizeof options, .media_type = "text/plain", .media_type_len = 10, .role = "packet", .role_len = 6,
      .description = "Written in pieces", .description_len = 17};
  answer("put", store->put(handle, "exports/put", 11, NULL, "whole", 5));
  answer("put again", store->put(handle, "exports/put", 11, NULL, "whole", 5));
  answer("create", store->create(handle, "exports/pieces", 14, &options, &artifact));
  answer("write", store->write(handle, artifact, "one ", 4) | store->write(handle, artifact, "two", 3));
  answer("commit", store->commit(handle, artifact));
  answer("commit again", store->commit(handle, artifact));
  answer("create to discard", store->create(handle, "exports/none", 12, NULL, &artifact));
  answer("discard", store->discard(handle, artifact));
  int32_t fd = -1;
  answer("stage", store->stage(handle, "warehouse/staged", 16, NULL, &artifact, &fd));
  answer("write elsewhere", pwrite(fd, "later", 5, 3) + pwrite(fd, "now", 3, 0));
  answer("commit of staged", store->commit(handle, artifact));
  close(fd);

  char bytes[16] = "";
  size_t count = 0;
  const void *mapped = NULL;
  answer("open", store->open(handle, "exports/pieces", 14, &artifact, &length));
  answer("length", (long long)length);
  answer("read", store->read(handle, artifact, 4, bytes, sizeof bytes, &count));
  answer("bytes are right", count == 3 && memcmp(bytes, "two", 3) == 0);
  answer("map", store->map(handle, artifact, &mapped, &count));
  answer("mapping is right", count == 7 && memcmp(mapped, "one two", 7) == 0);
  answer("close", store->close(handle, artifact));
  answer("open of none", store->open(handle, "exports/none", 12, &artifact, &length));
  answer("denied", store->put(handle, "lineage/x", 9, NULL, "", 0));
  answer("bad path", store->put(handle, "exports/../x", 12, NULL, "", 0));
  answer("wrong call", store->put(handle ^ 1, "exports/x", 9, NULL, "", 0));

  char path[1024];
  answer("list_open", store->list_open(handle, "exports/p", 9, &cursor));
  while (store->list_next(handle, cursor, path, sizeof path, &count, &length) == OMPHALOS_OK) {
    path[count] = 0;
    answer(path, (long long)length);
  }
  answer("list_close", store->list_close(handle, cursor));
}

static int32_t answers_run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  answers[0] = 0;
  answer("state", state == (void *)answers);
  answer("datasets", (long long)count);
  for (size_t i = 0; i < count; i++) {
    long long sum = 0;
    for (;;) {
      struct ArrowArray batch;
      if (inputs[i]->stream->get_next(inputs[i]->stream, &batch) != 0) return OMPHALOS_E_DATA;
      if (batch.release == NULL) break;
      const int64_t *values = batch.children[0]->buffers[1];
      for (int64_t row = 0; row < batch.length; row++) sum += values[row];
      batch.release(&batch);
    }
    answer("sum", sum);
  }
  uint8_t random[4] = {0}, again[4] = {1};
  answer("is_cancelled", call->is_cancelled(call->handle));
  answer("progress", call->progress(call->handle, 1, 1));
  answer("metric", call->metric(call->handle, "sum", 3, 15.5));
  answer("now_ns", call->now_ns(call->handle) > 0);
  answer("random_at", call->random_at(call->handle, "label", 5, 7, random, 4) | call->random_at(call->handle, "label", 5, 7, again, 4));
  answer("random is a function", memcmp(random, again, 4) == 0);
  answer("config", (long long)call->config_len);
  answer("unknown extension", host->get_extension(host->ctx, "org.example.none") == NULL);
  int32_t fd;
  answer("unknown resource", host->resource_open(host->ctx, "none", 4, &fd));
  ask_store(call);
  say("answered");
  return call->store->put(call->handle, "exports/answers.txt", 19, NULL, answers, strlen(answers));
}

/* ---- events: says whether it heard any ---- */

struct events {
  const omphalos_call *call;
  int heard, flushed;
};

static int32_t events_open(void *state, const omphalos_call *call, void **sink) {
  (void)state;
  struct events *events = calloc(1, sizeof *events);
  if (events == NULL) return OMPHALOS_E_MEMORY;
  events->call = call;
  *sink = events;
  return OMPHALOS_OK;
}

static int32_t events_emit(void *sink, const char *event, size_t length) {
  struct events *events = sink;
  events->heard++;
  return length > 2 && event[0] == '{' && event[length - 1] == '}' ? OMPHALOS_OK : OMPHALOS_E_DATA;
}

static int32_t events_flush(void *sink) { return ((struct events *)sink)->flushed = 1, OMPHALOS_OK; }

static int32_t events_close(void *sink, uint32_t outcome) {
  struct events *events = sink;
  char text[64];
  snprintf(text, sizeof text, "heard %d flushed %d outcome %u\n", events->heard > 0, events->flushed, outcome);
  int32_t status = events->call->store->put(events->call->handle, "lineage/heard.txt", 17, NULL, text, strlen(text));
  free(events);
  return status;
}

/* ---- The descriptor ---- */

static int32_t init(const omphalos_host *given, void **state) {
  host = given;
  *state = answers;
  return host->abi_major == OMPHALOS_ABI_MAJOR && OMPHALOS_HAS(host, omphalos_host, resource_open) ? OMPHALOS_OK : OMPHALOS_E_UNSUPPORTED;
}

static void shutdown_plugin(void *state) { (void)state, say("shut down"); }

static const omphalos_connector numbers = {sizeof numbers, 0, numbers_open};
static const omphalos_exporter exporter = {sizeof exporter, 0, answers_run};
static const omphalos_lineage_sink sink = {sizeof sink, 0, events_open, events_emit, events_flush, events_close};
static const omphalos_capability capability_list[] = {
    {sizeof(omphalos_capability), OMPHALOS_CONNECTOR, 1, 0, "numbers", NULL, &numbers},
    {sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1, 0, "answers", NULL, &exporter},
    {sizeof(omphalos_capability), OMPHALOS_LINEAGE_SINK, 1, 0, "events", NULL, &sink}};
static const omphalos_capability *const capabilities[] = {&capability_list[0], &capability_list[1], &capability_list[2]};
static const omphalos_plugin descriptor = {
    sizeof descriptor, OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0, "org.omphalos.frozen.c", "1.0.0",
    "omphalos project", "Apache-2.0", "All of interface 1.0, in C", OMPHALOS_HERMETIC_COMPATIBLE, 0, 3, 0, capabilities, init,
    shutdown_plugin};

OMPHALOS_EXPORT const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) { return (void)host_minor, &descriptor; }

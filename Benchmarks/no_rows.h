/* A connector that gives a dataset without rows, of one int64 column: a pipeline needs an input. */
#ifndef BENCHMARK_NO_ROWS_H
#define BENCHMARK_NO_ROWS_H

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

static void release_schema(struct ArrowSchema *schema) { schema->release = NULL; }
static struct ArrowSchema column, *columns[] = {&column};
static int get_schema(struct ArrowArrayStream *stream, struct ArrowSchema *out) {
  (void)stream;
  column = (struct ArrowSchema){.format = "l", .name = "n", .release = release_schema};
  *out = (struct ArrowSchema){.format = "+s", .name = "", .n_children = 1, .children = columns, .release = release_schema};
  return 0;
}
static int get_next(struct ArrowArrayStream *stream, struct ArrowArray *out) {
  (void)stream;
  *out = (struct ArrowArray){0};
  return 0;
}
static const char *get_last_error(struct ArrowArrayStream *stream) { return (void)stream, NULL; }
static void release_stream(struct ArrowArrayStream *stream) { stream->release = NULL; }
static int32_t none_open(void *state, const omphalos_call *call, struct ArrowArrayStream *out) {
  (void)state, (void)call;
  *out = (struct ArrowArrayStream){get_schema, get_next, get_last_error, release_stream, NULL};
  return 0;
}

#endif

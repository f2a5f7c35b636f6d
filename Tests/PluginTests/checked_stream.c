#include "checked_stream.h"

#include <stdlib.h>
#include <string.h>

#include "fake_host.h"

static int64_t live_objects;

int64_t checked_live_objects(void) { return live_objects; }

/* Test code ends where memory does. */
static void *allocate(size_t size) {
  void *memory = calloc(1, size);
  RULE(memory != NULL, "no memory for the test");
  return memory;
}

/* ---- Schemas and arrays: the same struct with another release ---------------------------------------------------- */

static void release_schema(struct ArrowSchema *schema) {
  struct ArrowSchema *inner = schema->private_data;
  /* The consumer may have moved children out of the struct it was given; the children's structs are shared. */
  inner->release(inner);
  RULE(inner->release == NULL, "a released schema must say so");
  free(inner);
  schema->release = NULL;
  live_objects--;
}

static void release_array(struct ArrowArray *array) {
  struct ArrowArray *inner = array->private_data;
  inner->release(inner);
  RULE(inner->release == NULL, "a released array must say so");
  free(inner);
  array->release = NULL;
  live_objects--;
}

static void check_batch(const struct ArrowArray *batch) {
  RULE(batch->length > 0, "a batch has %lld rows", (long long)batch->length);
  RULE(batch->offset == 0 && batch->null_count == 0 && batch->n_buffers == 1 && batch->buffers[0] == NULL,
       "a batch is no plain struct array");
  for (int64_t i = 0; i < batch->n_children; i++) {
    const struct ArrowArray *column = batch->children[i];
    RULE(column->release != NULL && column->length == batch->length, "column %lld has another length", (long long)i);
    RULE(column->null_count >= 0 && column->null_count <= column->length, "a null count that cannot be");
    RULE((column->null_count > 0) == (column->buffers[0] != NULL), "validity without nulls, or nulls without it");
  }
}

/* ---- The stream -------------------------------------------------------------------------------------------------- */

typedef struct checked {
  struct ArrowArrayStream source;
  int64_t columns; /* -1: not known yet */
  int error;
  int ended;
  void (*on_release)(void *);
  void *context;
} checked;

static int get_schema(struct ArrowArrayStream *self, struct ArrowSchema *out) {
  checked *c = self->private_data;
  memset(out, 0xa5, sizeof *out); /* the producer fills all of it */
  c->error = c->source.get_schema(&c->source, out);
  if (c->error != 0) {
    memset(out, 0, sizeof *out);
    return c->error;
  }
  RULE(out->release != NULL && strcmp(out->format, "+s") == 0, "the schema is no struct");
  struct ArrowSchema *inner = allocate(sizeof *inner);
  *inner = *out;
  out->private_data = inner;
  out->release = release_schema;
  c->columns = out->n_children;
  live_objects++;
  return 0;
}

static int get_next(struct ArrowArrayStream *self, struct ArrowArray *out) {
  checked *c = self->private_data;
  memset(out, 0xa5, sizeof *out);
  int error = c->source.get_next(&c->source, out);
  RULE(c->error == 0 || error != 0, "a stream went on after an error");
  c->error = error;
  if (error != 0) {
    const char *text = c->source.get_last_error(&c->source);
    RULE(text != NULL && text[0] != 0, "an error without a text");
    memset(out, 0, sizeof *out);
    return error;
  }
  if (out->release == NULL) {
    c->ended = 1;
    return 0;
  }
  RULE(!c->ended, "a batch after the end");
  RULE(c->columns < 0 || out->n_children == c->columns, "a batch with other columns than the schema");
  check_batch(out);
  struct ArrowArray *inner = allocate(sizeof *inner);
  *inner = *out;
  out->private_data = inner;
  out->release = release_array;
  live_objects++;
  return 0;
}

static const char *get_last_error(struct ArrowArrayStream *self) {
  checked *c = self->private_data;
  return c->source.get_last_error(&c->source);
}

static void release(struct ArrowArrayStream *self) {
  checked *c = self->private_data;
  c->source.release(&c->source);
  RULE(c->source.release == NULL, "a released stream must say so");
  if (c->on_release != NULL) c->on_release(c->context);
  free(c);
  self->release = NULL;
  live_objects--;
}

void checked_stream(struct ArrowArrayStream *out, struct ArrowArrayStream *source, void (*on_release)(void *),
                    void *context) {
  checked *c = allocate(sizeof *c);
  c->source = *source;
  source->release = NULL;
  c->columns = -1;
  c->on_release = on_release;
  c->context = context;
  const struct ArrowArrayStream stream = {get_schema, get_next, get_last_error, release, c};
  *out = stream;
  live_objects++;
}

#include "arrow_builder.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

/* Makes room for `more` bytes behind the ones in use. */
static int bytes_reserve(arrow_bytes *bytes, size_t more) {
  if (more <= bytes->capacity - bytes->length) return 0;
  /* Arrow lengths are signed 64-bit; the bound also keeps the doubling below from wrapping. */
  if (more > (size_t)(INT64_MAX / 2) - bytes->length) return EOVERFLOW;
  size_t wanted = bytes->length + more;
  size_t capacity = bytes->capacity < 64 ? 64 : bytes->capacity * 2;
  if (capacity < wanted) capacity = wanted;
  uint8_t *grown = realloc(bytes->start, capacity);
  if (grown == NULL) return ENOMEM;
  bytes->start = grown;
  bytes->capacity = capacity;
  return 0;
}

static int bytes_append(arrow_bytes *bytes, const void *from, size_t count) {
  int status = bytes_reserve(bytes, count);
  if (status != 0) return status;
  if (count > 0) memcpy(bytes->start + bytes->length, from, count); /* memcpy from NULL is undefined even for 0 bytes */
  bytes->length += count;
  return 0;
}

/* Appends bit number `index`; all bits before it are there already. */
static int bits_append(arrow_bytes *bits, int64_t index, bool value) {
  if (index % 8 == 0) {
    uint8_t zero = 0;
    int status = bytes_append(bits, &zero, 1);
    if (status != 0) return status;
  }
  if (value) bits->start[index / 8] = (uint8_t)(bits->start[index / 8] | (1u << (index % 8)));
  return 0;
}

static void bytes_free(arrow_bytes *bytes) {
  free(bytes->start);
  memset(bytes, 0, sizeof *bytes);
}

int arrow_batch_init(arrow_batch *batch, const arrow_builder_type *types, size_t column_count) {
  memset(batch, 0, sizeof *batch);
  batch->columns = calloc(column_count == 0 ? 1 : column_count, sizeof *batch->columns);
  if (batch->columns == NULL) return ENOMEM;
  batch->column_count = column_count;
  for (size_t i = 0; i < column_count; i++) batch->columns[i].type = types[i];
  return 0;
}

void arrow_batch_free(arrow_batch *batch) {
  for (size_t i = 0; i < batch->column_count; i++) {
    bytes_free(&batch->columns[i].validity);
    bytes_free(&batch->columns[i].values);
    bytes_free(&batch->columns[i].text);
  }
  free(batch->columns);
  memset(batch, 0, sizeof *batch);
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

/* Notes whether the value at the end is valid. The bitmap begins with the first null: most columns have none. */
static int append_validity(arrow_column *column, bool valid) {
  if (column->validity.length == 0 && !valid) {
    for (int64_t i = 0; i < column->length; i++) {
      int status = bits_append(&column->validity, i, true);
      if (status != 0) return status;
    }
  }
  if (column->null_count > 0 || !valid) {
    int status = bits_append(&column->validity, column->length, valid);
    if (status != 0) return status;
  }
  if (!valid) column->null_count++;
  column->length++;
  return 0;
}

static int append_value(arrow_column *column, const void *value, size_t size, bool valid) {
  int status = bytes_append(&column->values, value, size);
  return status != 0 ? status : append_validity(column, valid);
}

/* Text of length n has n + 1 offsets; the first is 0. */
static int append_text(arrow_column *column, const char *text, size_t length, bool valid) {
  if (length > (size_t)INT32_MAX - column->text.length) return EOVERFLOW;
  if (column->values.length == 0) {
    int32_t zero = 0;
    int status = bytes_append(&column->values, &zero, sizeof zero);
    if (status != 0) return status;
  }
  int status = bytes_append(&column->text, text, length);
  if (status != 0) return status;
  int32_t end = (int32_t)column->text.length;
  return append_value(column, &end, sizeof end, valid);
}

static int append_bit(arrow_column *column, bool value, bool valid) {
  int status = bits_append(&column->values, column->length, value);
  return status != 0 ? status : append_validity(column, valid);
}

int arrow_append_null(arrow_column *column) {
  const int64_t zero = 0;
  switch (column->type) {
    case ARROW_BUILDER_BOOL: return append_bit(column, false, false);
    case ARROW_BUILDER_UTF8: return append_text(column, NULL, 0, false);
    case ARROW_BUILDER_DATE32: return append_value(column, &zero, sizeof(int32_t), false);
    case ARROW_BUILDER_INT64:
    case ARROW_BUILDER_FLOAT64:
    case ARROW_BUILDER_TIMESTAMP_US: return append_value(column, &zero, sizeof zero, false);
  }
  return EINVAL;
}

int arrow_append_bool(arrow_column *column, bool value) { return append_bit(column, value, true); }

int arrow_append_int64(arrow_column *column, int64_t value) { return append_value(column, &value, sizeof value, true); }

int arrow_append_float64(arrow_column *column, double value) {
  return append_value(column, &value, sizeof value, true);
}

int arrow_append_date32(arrow_column *column, int32_t days) { return append_value(column, &days, sizeof days, true); }

int arrow_append_utf8(arrow_column *column, const char *text, size_t length) {
  return append_text(column, text, length, true);
}

/* ---- Export: arrays ---------------------------------------------------------------------------------------------- */

/* What an exported array owns. `buffers` is what ArrowArray.buffers points to: validity, values or offsets, text. */
typedef struct array_memory {
  void *buffers[3];
  struct ArrowArray *children; /* the structs, in one block */
  struct ArrowArray **child_pointers;
} array_memory;

static void release_array(struct ArrowArray *array) {
  array_memory *memory = array->private_data;
  for (int64_t i = 0; i < array->n_children; i++) {
    /* A consumer may have moved a child out; then its own `release` is NULL and its buffers are not ours any more. */
    if (array->children[i]->release != NULL) array->children[i]->release(array->children[i]);
  }
  for (size_t i = 0; i < 3; i++) free(memory->buffers[i]);
  free(memory->children);
  free(memory->child_pointers);
  free(memory);
  array->release = NULL;
}

/* Fills `out` with an array that owns nothing yet. */
static int array_make(struct ArrowArray *out, int64_t length, int64_t null_count, int64_t buffer_count) {
  memset(out, 0, sizeof *out);
  array_memory *memory = calloc(1, sizeof *memory);
  if (memory == NULL) return ENOMEM;
  out->length = length;
  out->null_count = null_count;
  out->n_buffers = buffer_count;
  out->buffers = (const void **)memory->buffers;
  out->private_data = memory;
  out->release = release_array;
  return 0;
}

static void *bytes_take(arrow_bytes *bytes) {
  void *start = bytes->start;
  memset(bytes, 0, sizeof *bytes);
  return start;
}

static int column_finish(arrow_column *column, struct ArrowArray *out) {
  bool is_text = column->type == ARROW_BUILDER_UTF8;
  if (is_text && column->values.length == 0) { /* an empty text column still has its first offset */
    int32_t zero = 0;
    int status = bytes_append(&column->values, &zero, sizeof zero);
    if (status != 0) return status;
  }
  int status = array_make(out, column->length, column->null_count, is_text ? 3 : 2);
  if (status != 0) return status;
  array_memory *memory = out->private_data;
  memory->buffers[0] = bytes_take(&column->validity);
  memory->buffers[1] = bytes_take(&column->values);
  memory->buffers[2] = bytes_take(&column->text);
  column->length = 0;
  column->null_count = 0;
  return 0;
}

int arrow_batch_finish(arrow_batch *batch, struct ArrowArray *out) {
  memset(out, 0, sizeof *out);
  size_t count = batch->column_count;
  int64_t rows = count == 0 ? 0 : batch->columns[0].length;
  for (size_t i = 1; i < count; i++) {
    if (batch->columns[i].length != rows) return EINVAL;
  }
  int status = array_make(out, rows, 0, 1);
  if (status != 0) return status;
  array_memory *memory = out->private_data;
  memory->children = calloc(count == 0 ? 1 : count, sizeof *memory->children);
  memory->child_pointers = calloc(count == 0 ? 1 : count, sizeof *memory->child_pointers);
  status = memory->children == NULL || memory->child_pointers == NULL ? ENOMEM : 0;
  for (size_t i = 0; status == 0 && i < count; i++) {
    status = column_finish(&batch->columns[i], &memory->children[i]);
    if (status != 0) break;
    memory->child_pointers[i] = &memory->children[i];
    out->children = memory->child_pointers;
    out->n_children = (int64_t)i + 1; /* so that a failure releases exactly what is there */
  }
  if (status != 0) out->release(out);
  return status;
}

/* ---- Export: schemas --------------------------------------------------------------------------------------------- */

typedef struct schema_memory {
  char *name;
  struct ArrowSchema *children;
  struct ArrowSchema **child_pointers;
} schema_memory;

static void release_schema(struct ArrowSchema *schema) {
  schema_memory *memory = schema->private_data;
  for (int64_t i = 0; i < schema->n_children; i++) {
    if (schema->children[i]->release != NULL) schema->children[i]->release(schema->children[i]);
  }
  free(memory->name);
  free(memory->children);
  free(memory->child_pointers);
  free(memory);
  schema->release = NULL;
}

static int schema_make(struct ArrowSchema *out, const char *format, const char *name, int64_t flags) {
  memset(out, 0, sizeof *out);
  schema_memory *memory = calloc(1, sizeof *memory);
  if (memory == NULL) return ENOMEM;
  size_t size = strlen(name) + 1;
  memory->name = malloc(size);
  if (memory->name == NULL) {
    free(memory);
    return ENOMEM;
  }
  memcpy(memory->name, name, size);
  out->format = format;
  out->name = memory->name;
  out->flags = flags;
  out->private_data = memory;
  out->release = release_schema;
  return 0;
}

static const char *format_of(arrow_builder_type type) {
  switch (type) {
    case ARROW_BUILDER_BOOL: return "b";
    case ARROW_BUILDER_INT64: return "l";
    case ARROW_BUILDER_FLOAT64: return "g";
    case ARROW_BUILDER_UTF8: return "u";
    case ARROW_BUILDER_DATE32: return "tdD";
    case ARROW_BUILDER_TIMESTAMP_US: return "tsu:UTC";
  }
  return "n";
}

int arrow_schema_make(const char *const *names, const arrow_builder_type *types, size_t column_count,
                      struct ArrowSchema *out) {
  int status = schema_make(out, "+s", "", 0);
  if (status != 0) return status;
  schema_memory *memory = out->private_data;
  size_t places = column_count == 0 ? 1 : column_count;
  memory->children = calloc(places, sizeof *memory->children);
  memory->child_pointers = calloc(places, sizeof *memory->child_pointers);
  status = memory->children == NULL || memory->child_pointers == NULL ? ENOMEM : 0;
  for (size_t i = 0; status == 0 && i < column_count; i++) {
    status = schema_make(&memory->children[i], format_of(types[i]), names[i], ARROW_FLAG_NULLABLE);
    if (status != 0) break;
    memory->child_pointers[i] = &memory->children[i];
    out->children = memory->child_pointers;
    out->n_children = (int64_t)i + 1;
  }
  if (status != 0) out->release(out);
  return status;
}

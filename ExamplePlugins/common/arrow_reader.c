#include "arrow_reader.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define REFUSE(error, ...) (snprintf((error)->text, sizeof(error)->text, __VA_ARGS__), EINVAL)

/* ---- Schemas ----------------------------------------------------------------------------------------------------- */

typedef struct format_meaning {
  const char *format;
  arrow_kind kind;
  uint32_t width;
} format_meaning;

static const format_meaning FORMATS[] = {
    {"n", ARROW_KIND_NULL, 0},  {"b", ARROW_KIND_BOOL, 0},  {"c", ARROW_KIND_INT, 1},   {"s", ARROW_KIND_INT, 2},
    {"i", ARROW_KIND_INT, 4},   {"l", ARROW_KIND_INT, 8},   {"C", ARROW_KIND_UINT, 1},  {"S", ARROW_KIND_UINT, 2},
    {"I", ARROW_KIND_UINT, 4},  {"L", ARROW_KIND_UINT, 8},  {"f", ARROW_KIND_FLOAT, 4}, {"g", ARROW_KIND_FLOAT, 8},
    {"u", ARROW_KIND_TEXT, 4},  {"U", ARROW_KIND_TEXT, 8},  {"tdD", ARROW_KIND_DATE, 4},
    {"z", ARROW_KIND_BINARY, 4}, {"Z", ARROW_KIND_BINARY, 8},
};

/* "tsu:Europe/Paris": unit and zone. Whatever the zone, the numbers count from an instant in UTC. */
static bool timestamp_field(const char *format, arrow_field *field) {
  static const struct {
    char unit;
    int64_t per_second;
  } UNITS[] = {{'s', 1}, {'m', 1000}, {'u', 1000000}, {'n', 1000000000}};
  if (strncmp(format, "ts", 2) != 0 || format[2] == '\0' || format[3] != ':') return false;
  for (size_t i = 0; i < sizeof UNITS / sizeof UNITS[0]; i++) {
    if (UNITS[i].unit != format[2]) continue;
    field->kind = ARROW_KIND_TIMESTAMP;
    field->width = 8;
    field->units_per_second = UNITS[i].per_second;
    field->has_zone = format[4] != '\0';
    return true;
  }
  return false;
}

static bool field_meaning(const char *format, arrow_field *field) {
  for (size_t i = 0; i < sizeof FORMATS / sizeof FORMATS[0]; i++) {
    if (strcmp(format, FORMATS[i].format) != 0) continue;
    field->kind = FORMATS[i].kind;
    field->width = FORMATS[i].width;
    return true;
  }
  return timestamp_field(format, field);
}

static int field_init(arrow_field *field, const struct ArrowSchema *schema, size_t index, arrow_reader_error *error) {
  if (schema == NULL || schema->release == NULL || schema->format == NULL)
    return REFUSE(error, "column %zu has no schema", index + 1);
  const char *name = schema->name == NULL ? "" : schema->name;
  if (schema->dictionary != NULL)
    return REFUSE(error, "column \"%.200s\" is dictionary-encoded, which this plugin does not read; decode it first",
                  name);
  if (!field_meaning(schema->format, field))
    return REFUSE(error, "column \"%.200s\" has Arrow type %.40s, which this plugin does not read", name,
                  schema->format);
  size_t size = strlen(name) + 1;
  field->name = malloc(size);
  if (field->name == NULL) return ENOMEM;
  memcpy(field->name, name, size);
  return 0;
}

int arrow_table_init(arrow_table *table, const struct ArrowSchema *schema, arrow_reader_error *error) {
  memset(table, 0, sizeof *table);
  if (schema->release == NULL || schema->format == NULL || strcmp(schema->format, "+s") != 0)
    return REFUSE(error, "the schema is not that of a record batch (Arrow type +s)");
  if (schema->n_children < 0 || (schema->n_children > 0 && schema->children == NULL))
    return REFUSE(error, "the schema says that it has %" PRId64 " columns and lists none", schema->n_children);
  size_t count = (size_t)schema->n_children;
  table->fields = calloc(count == 0 ? 1 : count, sizeof *table->fields);
  if (table->fields == NULL) return ENOMEM;
  table->column_count = count;
  for (size_t i = 0; i < count; i++) {
    int status = field_init(&table->fields[i], schema->children[i], i, error);
    if (status != 0) {
      arrow_table_free(table);
      return status;
    }
  }
  return 0;
}

void arrow_table_free(arrow_table *table) {
  for (size_t i = 0; i < table->column_count; i++) free(table->fields[i].name);
  free(table->fields);
  memset(table, 0, sizeof *table);
}

/* ---- Batches ----------------------------------------------------------------------------------------------------- */

static int64_t buffers_wanted(arrow_kind kind) {
  switch (kind) {
    case ARROW_KIND_NULL: return 0;
    case ARROW_KIND_TEXT:
    case ARROW_KIND_BINARY: return 3;
    default: return 2;
  }
}

static int view_init(arrow_view *view, const arrow_field *field, const struct ArrowArray *column, int64_t first,
                     int64_t rows, arrow_reader_error *error) {
  const char *name = field->name;
  if (column == NULL || column->release == NULL) return REFUSE(error, "column \"%.200s\" is missing in a batch", name);
  if (column->offset < 0 || column->length < 0 || column->offset > INT64_MAX - column->length)
    return REFUSE(error, "column \"%.200s\" has a negative length or offset", name);
  if (first > column->length || rows > column->length - first)
    return REFUSE(error, "column \"%.200s\" has %" PRId64 " values in a batch of %" PRId64 " rows", name,
                  column->length, rows);
  int64_t buffers = buffers_wanted(field->kind);
  if (column->n_buffers != buffers || (buffers > 0 && column->buffers == NULL))
    return REFUSE(error, "column \"%.200s\" has %" PRId64 " buffers, wanted %" PRId64, name, column->n_buffers,
                  buffers);
  memset(view, 0, sizeof *view);
  view->field = field;
  view->offset = column->offset + first;
  view->length = rows;
  if (buffers == 0) return 0;
  if (column->null_count != 0) view->validity = column->buffers[0];
  if (column->null_count > 0 && view->validity == NULL)
    return REFUSE(error, "column \"%.200s\" counts %" PRId64 " nulls and has no validity bitmap", name,
                  column->null_count);
  view->values = column->buffers[1];
  if (rows > 0 && view->values == NULL) return REFUSE(error, "column \"%.200s\" has no values in a batch", name);
  if (buffers == 3) view->text = column->buffers[2];
  return 0;
}

int arrow_batch_views(const arrow_table *table, const struct ArrowArray *batch, arrow_view *views,
                      arrow_reader_error *error) {
  if (batch->length < 0 || batch->offset < 0 || batch->offset > INT64_MAX - batch->length)
    return REFUSE(error, "a batch has a negative length or offset");
  if (batch->n_children < 0 || (size_t)batch->n_children != table->column_count ||
      (table->column_count > 0 && batch->children == NULL))
    return REFUSE(error, "a batch has %" PRId64 " columns, its schema %zu", batch->n_children, table->column_count);
  if (batch->null_count > 0) return REFUSE(error, "a batch has rows that are null as a whole");
  for (size_t i = 0; i < table->column_count; i++) {
    /* The offset of a struct array counts for its children, on top of their own. */
    int status = view_init(&views[i], &table->fields[i], batch->children[i], batch->offset, batch->length, error);
    if (status != 0) return status;
  }
  return 0;
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

static bool bit_at(const void *bits, int64_t index) {
  return (((const uint8_t *)bits)[index / 8] >> (index % 8)) & 1;
}

/* memcpy and not a cast: Arrow recommends alignment and does not require it. */
#define LOAD(type, view, row) load_##type((view)->values, (view)->offset + (row))
#define DEFINE_LOAD(type)                                                  \
  static type load_##type(const void *values, int64_t index) {             \
    type value;                                                            \
    memcpy(&value, (const char *)values + index * (int64_t)sizeof value, sizeof value); \
    return value;                                                          \
  }
DEFINE_LOAD(int16_t)
DEFINE_LOAD(int32_t)
DEFINE_LOAD(int64_t)
DEFINE_LOAD(uint16_t)
DEFINE_LOAD(uint32_t)
DEFINE_LOAD(uint64_t)
DEFINE_LOAD(float)
DEFINE_LOAD(double)

bool arrow_is_null(const arrow_view *view, int64_t row) {
  if (view->field->kind == ARROW_KIND_NULL) return true;
  return view->validity != NULL && !bit_at(view->validity, view->offset + row);
}

bool arrow_bool_at(const arrow_view *view, int64_t row) { return bit_at(view->values, view->offset + row); }

int64_t arrow_int_at(const arrow_view *view, int64_t row) {
  switch (view->field->width) {
    case 1: return ((const int8_t *)view->values)[view->offset + row];
    case 2: return LOAD(int16_t, view, row);
    case 4: return LOAD(int32_t, view, row);
    default: return LOAD(int64_t, view, row);
  }
}

uint64_t arrow_uint_at(const arrow_view *view, int64_t row) {
  switch (view->field->width) {
    case 1: return ((const uint8_t *)view->values)[view->offset + row];
    case 2: return LOAD(uint16_t, view, row);
    case 4: return LOAD(uint32_t, view, row);
    default: return LOAD(uint64_t, view, row);
  }
}

double arrow_float_at(const arrow_view *view, int64_t row) {
  return view->field->width == 4 ? (double)LOAD(float, view, row) : LOAD(double, view, row);
}

bool arrow_text_at(const arrow_view *view, int64_t row, const char **text, size_t *length) {
  bool wide = view->field->width == 8;
  int64_t begin = wide ? LOAD(int64_t, view, row) : LOAD(int32_t, view, row);
  int64_t end = wide ? LOAD(int64_t, view, row + 1) : LOAD(int32_t, view, row + 1);
  if (begin < 0 || end < begin || (end > begin && view->text == NULL)) return false;
  *text = view->text == NULL ? "" : view->text + begin;
  *length = (size_t)(end - begin);
  return true;
}

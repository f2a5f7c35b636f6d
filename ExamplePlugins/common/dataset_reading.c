#include "dataset_reading.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

typedef struct reading {
  const omphalos_call *call;
  const omphalos_dataset *dataset;
  arrow_table table;
  arrow_view *views;
  uint64_t rows;
} reading;

static int32_t fail_stream(const reading *r, int error) {
  const char *text = r->dataset->stream->get_last_error(r->dataset->stream);
  return plugin_fail(r->call, plugin_status_from_errno(error), "cannot read the dataset %.*s: %s (errno %d)",
                     (int)r->dataset->name_len, r->dataset->name, text == NULL ? "its stream gave no reason" : text,
                     error);
}

static int32_t fail_reader(const reading *r, int error, const arrow_reader_error *why) {
  if (error == ENOMEM) return plugin_fail(r->call, OMPHALOS_E_MEMORY, "there is no memory to read a schema");
  return plugin_fail(r->call, OMPHALOS_E_DATA, "cannot export the dataset %.*s: %s", (int)r->dataset->name_len,
                     r->dataset->name, why->text);
}

/* ---- The columns ------------------------------------------------------------------------------------------------- */

static int32_t check_fields(const reading *r, bool takes_binary) {
  for (size_t i = 0; i < r->table.column_count; i++) {
    const arrow_field *field = &r->table.fields[i];
    if (utf8_valid_prefix(field->name, strlen(field->name)) < strlen(field->name))
      return plugin_fail(r->call, OMPHALOS_E_DATA, "the name of column %zu is not UTF-8", i + 1);
    if (field->kind == ARROW_KIND_BINARY && !takes_binary)
      return plugin_fail(r->call, OMPHALOS_E_DATA,
                         "cannot export the dataset %.*s: column \"%.200s\" has Arrow type %s, which this exporter does "
                         "not write",
                         (int)r->dataset->name_len, r->dataset->name, field->name, field->width == 8 ? "Z" : "z");
  }
  return OMPHALOS_OK;
}

static int32_t open_reading(reading *r) {
  struct ArrowSchema schema;
  memset(&schema, 0, sizeof schema);
  int error = r->dataset->stream->get_schema(r->dataset->stream, &schema);
  if (error != 0) return fail_stream(r, error);
  arrow_reader_error why = {""};
  error = arrow_table_init(&r->table, &schema, &why);
  if (schema.release != NULL) schema.release(&schema);
  if (error != 0) return fail_reader(r, error, &why);
  r->views = calloc(r->table.column_count == 0 ? 1 : r->table.column_count, sizeof *r->views);
  if (r->views == NULL) return fail_reader(r, ENOMEM, &why);
  return OMPHALOS_OK;
}

/* ---- The rows ---------------------------------------------------------------------------------------------------- */

static int32_t read_batch(reading *r, const struct ArrowArray *batch, const dataset_consumer *consumer) {
  arrow_reader_error why = {""};
  int error = arrow_batch_views(&r->table, batch, r->views, &why);
  if (error != 0) return fail_reader(r, error, &why);
  for (int64_t row = 0; row < batch->length; row++) {
    int32_t status = consumer->row(consumer->context, &r->table, r->views, row, ++r->rows);
    if (status != OMPHALOS_OK) return status;
  }
  return OMPHALOS_OK;
}

static int32_t read_rows(reading *r, const dataset_consumer *consumer) {
  for (;;) {
    int32_t status = plugin_check_cancelled(r->call);
    if (status != OMPHALOS_OK) return status;
    struct ArrowArray batch;
    memset(&batch, 0, sizeof batch);
    int error = r->dataset->stream->get_next(r->dataset->stream, &batch);
    if (error != 0) return fail_stream(r, error);
    if (batch.release == NULL) return OMPHALOS_OK; /* the end of the stream */
    status = read_batch(r, &batch, consumer);
    batch.release(&batch);
    if (status != OMPHALOS_OK) return status;
    r->call->progress(r->call->handle, r->rows, 0);
  }
}

static void record_rows(const reading *r) {
  char name[128];
  int length = snprintf(name, sizeof name, "rows.%.*s", (int)r->dataset->name_len, r->dataset->name);
  if (length <= 0 || (size_t)length >= sizeof name) return; /* a name too long for a metric: the rows are in the file */
  r->call->metric(r->call->handle, name, (size_t)length, (double)r->rows);
}

int32_t dataset_read(const omphalos_call *call, const omphalos_dataset *dataset, const dataset_consumer *consumer) {
  reading r;
  memset(&r, 0, sizeof r);
  r.call = call;
  r.dataset = dataset;
  int32_t status = open_reading(&r);
  if (status == OMPHALOS_OK) status = check_fields(&r, consumer->takes_binary);
  if (status == OMPHALOS_OK) status = consumer->begin(consumer->context, &r.table);
  if (status == OMPHALOS_OK) status = read_rows(&r, consumer);
  if (status == OMPHALOS_OK) record_rows(&r);
  arrow_table_free(&r.table);
  free(r.views);
  return status;
}

/* ---- Values ------------------------------------------------------------------------------------------------------ */

int32_t dataset_bytes(const omphalos_call *call, const arrow_view *view, int64_t row, uint64_t number,
                      const char **bytes, size_t *length) {
  if (arrow_text_at(view, row, bytes, length)) return OMPHALOS_OK;
  return plugin_fail(call, OMPHALOS_E_DATA, "row %" PRIu64 ", column \"%s\": the offsets of a text are not in order",
                     number, view->field->name);
}

int32_t dataset_text(const omphalos_call *call, const arrow_view *view, int64_t row, uint64_t number, const char **text,
                     size_t *length) {
  int32_t status = dataset_bytes(call, view, row, number, text, length);
  if (status != OMPHALOS_OK) return status;
  size_t valid = utf8_valid_prefix(*text, *length);
  if (valid == *length) return OMPHALOS_OK;
  return plugin_fail(call, OMPHALOS_E_DATA, "row %" PRIu64 ", column \"%s\": byte 0x%02x at position %zu is not UTF-8",
                     number, view->field->name, (unsigned char)(*text)[valid], valid + 1);
}

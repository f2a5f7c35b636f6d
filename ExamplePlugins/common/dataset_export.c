#include "dataset_export.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "utf8.h"

static const char PLACEHOLDER[] = "{dataset}";

/* ---- Paths ------------------------------------------------------------------------------------------------------- */

enum { PATH_BYTES = 1025 }; /* an artifact path has at most 1,024; a longer one is cut to a length the store refuses */

static void expand_path(char path[PATH_BYTES + 1], const char *template, const omphalos_dataset *dataset) {
  const char *place = strstr(template, PLACEHOLDER);
  if (place == NULL) {
    snprintf(path, PATH_BYTES + 1, "%s", template);
    return;
  }
  snprintf(path, PATH_BYTES + 1, "%.*s%.*s%s", (int)(place - template), template, (int)dataset->name_len, dataset->name,
           place + strlen(PLACEHOLDER));
}

/* ---- One dataset ------------------------------------------------------------------------------------------------- */

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

static int32_t write_batch(reading *r, const struct ArrowArray *batch, artifact_writer *writer,
                           const dataset_format *format) {
  arrow_reader_error why = {""};
  int error = arrow_batch_views(&r->table, batch, r->views, &why);
  if (error != 0) return fail_reader(r, error, &why);
  for (int64_t row = 0; row < batch->length; row++) {
    int32_t status = format->row(format->context, writer, &r->table, r->views, row, ++r->rows);
    if (status != OMPHALOS_OK) return status;
    if (writer->status != OMPHALOS_OK) return writer->status;
  }
  return OMPHALOS_OK;
}

static int32_t write_rows(reading *r, artifact_writer *writer, const dataset_format *format) {
  int32_t status = format->begin(format->context, writer, &r->table);
  while (status == OMPHALOS_OK) {
    status = plugin_check_cancelled(r->call);
    if (status != OMPHALOS_OK) break;
    struct ArrowArray batch;
    memset(&batch, 0, sizeof batch);
    int error = r->dataset->stream->get_next(r->dataset->stream, &batch);
    if (error != 0) return fail_stream(r, error);
    if (batch.release == NULL) break; /* the end of the stream */
    status = write_batch(r, &batch, writer, format);
    batch.release(&batch);
    r->call->progress(r->call->handle, r->rows, 0);
  }
  return status;
}

static void record_rows(const reading *r) {
  char name[128];
  int length = snprintf(name, sizeof name, "rows.%.*s", (int)r->dataset->name_len, r->dataset->name);
  if (length <= 0 || (size_t)length >= sizeof name) return; /* a name too long for a metric: the rows are in the file */
  r->call->metric(r->call->handle, name, (size_t)length, (double)r->rows);
}

static int32_t export_one(const omphalos_call *call, const omphalos_dataset *dataset, const char *path_template,
                          const dataset_format *format) {
  reading r;
  memset(&r, 0, sizeof r);
  r.call = call;
  r.dataset = dataset;
  int32_t status = open_reading(&r);
  if (status == OMPHALOS_OK) {
    char path[PATH_BYTES + 1];
    expand_path(path, path_template, dataset);
    artifact_writer writer;
    status = artifact_create(&writer, call, path, &format->kind);
    if (status == OMPHALOS_OK) status = artifact_close(&writer, write_rows(&r, &writer, format));
  }
  if (status == OMPHALOS_OK) record_rows(&r);
  arrow_table_free(&r.table);
  free(r.views);
  return status;
}

int32_t dataset_text(const omphalos_call *call, const arrow_view *view, int64_t row, uint64_t number, const char **text,
                     size_t *length) {
  const char *name = view->field->name;
  if (!arrow_text_at(view, row, text, length))
    return plugin_fail(call, OMPHALOS_E_DATA, "row %" PRIu64 ", column \"%s\": the offsets of a text are not in order",
                       number, name);
  size_t valid = utf8_valid_prefix(*text, *length);
  if (valid == *length) return OMPHALOS_OK;
  return plugin_fail(call, OMPHALOS_E_DATA, "row %" PRIu64 ", column \"%s\": byte 0x%02x at position %zu is not UTF-8",
                     number, name, (unsigned char)(*text)[valid], valid + 1);
}

int32_t dataset_export(const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count,
                       const char *path_template, const dataset_format *format) {
  if (count > 1 && strstr(path_template, PLACEHOLDER) == NULL)
    return plugin_fail(call, OMPHALOS_E_CONFIG,
                       "configuration `path` is \"%s\" for %zu datasets; put {dataset} into it, so that each gets its "
                       "own",
                       path_template, count);
  for (size_t i = 0; i < count; i++) {
    int32_t status = export_one(call, inputs[i], path_template, format);
    if (status != OMPHALOS_OK) return status;
  }
  return OMPHALOS_OK;
}

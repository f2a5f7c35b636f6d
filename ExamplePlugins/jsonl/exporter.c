/* The exporter `records`: one JSON object a row, its keys in the order of the columns. */
#include <inttypes.h>
#include <math.h>
#include <string.h>

#include "../common/dataset_export.h"
#include "../common/value_text.h"
#include "capabilities.h"
#include "json_text.h"

typedef struct options {
  const char *path;
  bool null_for_non_finite;
} options;

static int32_t read_options(plugin_config *config, options *result) {
  const char *non_finite = plugin_config_text(config, "non_finite", "fail");
  result->path = plugin_config_text(config, "path", "exports/{dataset}.jsonl");
  result->null_for_non_finite = strcmp(non_finite, "null") == 0;
  if (config->status == OMPHALOS_OK && !result->null_for_non_finite && strcmp(non_finite, "fail") != 0)
    config->status = plugin_fail(config->call, OMPHALOS_E_CONFIG, "configuration `non_finite` must be fail or null");
  return config->status;
}

/* Two members of one name: readers of JSON would each keep another one. */
static int32_t begin(void *context, artifact_writer *writer, const arrow_table *table) {
  (void)context;
  for (size_t i = 0; i < table->column_count; i++) {
    const char *name = table->fields[i].name;
    for (size_t j = 0; j < i; j++) {
      if (strcmp(name, table->fields[j].name) == 0)
        return plugin_fail(writer->call, OMPHALOS_E_DATA, "columns %zu and %zu are both named \"%s\"", j + 1, i + 1, name);
    }
  }
  return OMPHALOS_OK;
}

static int32_t write_float(const options *o, artifact_writer *writer, const arrow_view *view, int64_t row,
                           uint64_t number) {
  double value = arrow_float_at(view, row);
  if (isfinite(value)) {
    char text[VALUE_TEXT_MAX];
    artifact_write(writer, text, value_text(view, row, text));
    return OMPHALOS_OK;
  }
  if (!o->null_for_non_finite)
    return plugin_fail(writer->call, OMPHALOS_E_DATA,
                       "row %" PRIu64 ", column \"%s\": JSON has no nan and no infinity (`non_finite: \"null\"` writes null)",
                       number, view->field->name);
  artifact_write(writer, "null", 4);
  return OMPHALOS_OK;
}

static int32_t write_value(const options *o, artifact_writer *writer, const arrow_view *view, int64_t row,
                           uint64_t number) {
  const char *text = NULL;
  size_t length = 0;
  char short_text[VALUE_TEXT_MAX];
  int32_t status;
  if (arrow_is_null(view, row)) {
    artifact_write(writer, "null", 4);
    return OMPHALOS_OK;
  }
  switch (view->field->kind) {
    case ARROW_KIND_TEXT:
      status = dataset_text(writer->call, view, row, number, &text, &length);
      if (status == OMPHALOS_OK) json_text_write(writer, text, length);
      return status;
    case ARROW_KIND_FLOAT: return write_float(o, writer, view, row, number);
    case ARROW_KIND_DATE:
    case ARROW_KIND_TIMESTAMP:
      json_text_write(writer, short_text, value_text(view, row, short_text));
      return OMPHALOS_OK;
    default: /* truth and whole numbers are the same in JSON; all digits are written, also those beyond 2^53 */
      artifact_write(writer, short_text, value_text(view, row, short_text));
      return OMPHALOS_OK;
  }
}

static int32_t write_row(void *context, artifact_writer *writer, const arrow_table *table, const arrow_view *views,
                         int64_t row, uint64_t number) {
  const options *o = context;
  artifact_write_byte(writer, '{');
  for (size_t i = 0; i < table->column_count; i++) {
    const char *name = table->fields[i].name;
    if (i > 0) artifact_write_byte(writer, ',');
    json_text_write(writer, name, strlen(name));
    artifact_write_byte(writer, ':');
    int32_t status = write_value(o, writer, &views[i], row, number);
    if (status != OMPHALOS_OK) return status;
  }
  artifact_write(writer, "}\n", 2);
  return OMPHALOS_OK;
}

static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  (void)state;
  plugin_config config;
  plugin_config_open(&config, call);
  options o;
  int32_t status = read_options(&config, &o);
  if (status == OMPHALOS_OK) {
    const dataset_format format = {
        {"application/jsonl", "packet", "A dataset as JSON lines"}, begin, write_row, &o};
    status = dataset_export(call, inputs, count, o.path, &format);
  }
  plugin_config_close(&config);
  return status;
}

const omphalos_exporter exporter_records = {sizeof(omphalos_exporter), 0, run};

// The exporter `table`: a dataset as a CSV file.
#include <algorithm>
#include <string>
#include <string_view>

#include "../common/dataset_export.h"
#include "../common/value_text.h"
#include "capabilities.h"
#include "failure.h"
#include "table_options.h"

namespace csv {

namespace {

/// How a file is written; what plugin.json describes.
struct TableFormat {
  std::string path;
  char delimiter;
  bool header;
  std::string_view line_ending;
  std::string null_text;

  explicit TableFormat(const omphalos_call *call) {
    Configuration owner(call);
    plugin_config &config = *owner;
    delimiter = read_delimiter(config);
    path = plugin_config_text(&config, "path", "exports/{dataset}.csv");
    header = plugin_config_bool(&config, "header", true);
    null_text = plugin_config_text(&config, "null_text", "");
    const std::string_view ending = plugin_config_text(&config, "line_ending", "lf");
    throw_if_failed(config);
    if (ending != "lf" && ending != "crlf")
      throw Failure(OMPHALOS_E_CONFIG, "configuration `line_ending` must be lf or crlf");
    line_ending = ending == "lf" ? "\n" : "\r\n";
  }

  bool needs_quotes(std::string_view text) const noexcept {
    return std::any_of(text.begin(), text.end(),
                       [this](char c) { return c == delimiter || c == '"' || c == '\n' || c == '\r'; });
  }
};

void write(artifact_writer *writer, std::string_view text) noexcept {
  artifact_write(writer, text.data(), text.size());
}

void write_quoted(artifact_writer *writer, std::string_view text) noexcept {
  artifact_write_byte(writer, '"');
  for (size_t at = 0;;) {
    const size_t quote = text.find('"', at);
    write(writer, text.substr(at, quote - at));
    if (quote == text.npos) break;
    write(writer, "\"\"");
    at = quote + 1;
  }
  artifact_write_byte(writer, '"');
}

/// At the start of a file these bytes would be taken for a byte order mark and skipped.
bool begins_with_mark(std::string_view text) noexcept { return text.substr(0, 3) == "\xef\xbb\xbf"; }

/// Writes one field. `must_quote` says that without quotes it would be read as something else.
void write_field(const TableFormat &format, artifact_writer *writer, std::string_view text, bool must_quote) noexcept {
  if (must_quote || format.needs_quotes(text)) {
    write_quoted(writer, text);
  } else {
    write(writer, text);
  }
}

// The two functions below are entered from C, so nothing in them may throw.

int32_t begin(void *context, artifact_writer *writer, const arrow_table *table) noexcept {
  const TableFormat &format = *static_cast<const TableFormat *>(context);
  if (!format.header) return OMPHALOS_OK;
  for (size_t i = 0; i < table->column_count; i++) {
    const std::string_view name = table->fields[i].name;
    if (i > 0) artifact_write_byte(writer, format.delimiter);
    write_field(format, writer, name, name.empty() ? table->column_count == 1 : i == 0 && begins_with_mark(name));
  }
  write(writer, format.line_ending);
  return OMPHALOS_OK;
}

int32_t row(void *context, artifact_writer *writer, const arrow_table *table, const arrow_view *views, int64_t row,
            uint64_t number) noexcept {
  const TableFormat &format = *static_cast<const TableFormat *>(context);
  const bool only_column = table->column_count == 1;  // an empty line would be no record
  for (size_t i = 0; i < table->column_count; i++) {
    const arrow_view *view = &views[i];
    if (i > 0) artifact_write_byte(writer, format.delimiter);
    if (arrow_is_null(view, row)) {
      write_field(format, writer, format.null_text, only_column && format.null_text.empty());
    } else if (view->field->kind == ARROW_KIND_TEXT) {
      const char *bytes = nullptr;
      size_t length = 0;
      const int32_t status = dataset_text(writer->call, view, row, number, &bytes, &length);
      if (status != OMPHALOS_OK) return status;
      const std::string_view text(bytes, length);
      const bool starts_file = number == 1 && i == 0 && !format.header;
      write_field(format, writer, text,
                  text.empty() ? only_column : text == format.null_text || (starts_file && begins_with_mark(text)));
    } else {
      char text[VALUE_TEXT_MAX];
      write_field(format, writer, std::string_view(text, value_text(view, row, text)), false);
    }
  }
  write(writer, format.line_ending);
  return OMPHALOS_OK;
}

int32_t run(void *, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  int32_t status = OMPHALOS_OK;
  const int32_t prepared = guarded(call, [&] {
    TableFormat format(call);
    const dataset_format table = {{"text/csv", "briefing_table", "A table as CSV"}, begin, row, &format};
    status = dataset_export(call, inputs, count, format.path.c_str(), &table);
  });
  return prepared != OMPHALOS_OK ? prepared : status;
}

}  // namespace

}  // namespace csv

const omphalos_exporter exporter_table = {sizeof(omphalos_exporter), 0, csv::run};

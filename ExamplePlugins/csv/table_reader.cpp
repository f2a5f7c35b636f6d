#include "table_reader.h"

#include <algorithm>
#include <cerrno>
#include <cstdio>

#include "../common/utf8.h"
#include "failure.h"

namespace csv {

namespace {

/// A batch ends here even if it has few rows: memory is bounded by bytes, not by rows.
constexpr size_t kBatchBytes = 16 * 1024 * 1024;

void throw_if_builder_failed(int error) {
  if (error == ENOMEM) throw std::bad_alloc();
  if (error != 0) throw Failure(OMPHALOS_E_DATA, "a batch of rows is too large for Arrow; lower `batch_rows`");
}

/// A value as a message shows it: its first bytes, never half a character, up to a NUL.
std::string shortened(std::string_view value) {
  constexpr size_t kShown = 60;
  const std::string_view head = value.substr(0, std::min(kShown, value.find('\0')));
  const size_t whole = utf8_valid_prefix(head.data(), head.size());
  return std::string(head.substr(0, whole)) + (whole < value.size() ? "..." : "");
}

std::string quoted(std::string_view value) { return '"' + shortened(value) + '"'; }

std::string fields(size_t count) { return std::to_string(count) + (count == 1 ? " field" : " fields"); }

}  // namespace

TableReader::TableReader(const omphalos_call *call)
    : call_(call),
      options_(TableOptions::read(call)),
      file_(call, "data"),
      records_(file_, options_.delimiter, options_.max_record_bytes),
      columns_(options_.columns) {
  name_columns();
  if (options_.columns.empty() && options_.infer) infer_types();
  records_.rewind();
  if (options_.header) records_.next();
  std::vector<arrow_builder_type> types;
  for (const Column &column : columns_) types.push_back(arrow_type(column.type));
  throw_if_builder_failed(arrow_batch_init(&batch_, types.data(), types.size()));
}

// ---- Columns --------------------------------------------------------------------------------------------------------

void TableReader::name_columns() {
  const bool declared = !options_.columns.empty();
  if (!options_.header && declared) return;
  if (!records_.next()) {
    throw Failure(OMPHALOS_E_DATA, options_.header ? "the file is empty, wanted a header"
                                                   : "the file is empty and no `columns` are configured");
  }
  if (options_.header) {
    read_header();
    return;
  }
  for (size_t i = 0; i < records_.field_count(); i++)
    columns_.push_back({"column_" + std::to_string(i + 1), ColumnType::string});
}

void TableReader::read_header() {
  const std::vector<Column> declared = std::move(columns_);
  columns_.clear();
  for (size_t i = 0; i < records_.field_count(); i++) {
    const std::string_view name = records_.text(i);
    columns_.push_back({std::string(name), ColumnType::string});
    check_utf8(i);
    // An Arrow column name is a C string.
    if (name.find('\0') != name.npos) throw data_failure(records_.line(i), place(i) + " of the header has a NUL byte");
  }
  check_names();
  if (declared.empty()) return;
  if (declared.size() != columns_.size())
    throw data_failure(records_.line(0), "the header has " + fields(columns_.size()) + ", `columns` lists " +
                                             std::to_string(declared.size()));
  for (size_t i = 0; i < declared.size(); i++) {
    if (declared[i].name != columns_[i].name)
      throw data_failure(records_.line(i), "field " + std::to_string(i + 1) + " of the header is " +
                                               quoted(columns_[i].name) + ", wanted " + quoted(declared[i].name) +
                                               " as in `columns`");
  }
  columns_ = declared;
}

/// No two columns may share a name: in every keyed format one would hide the other.
void TableReader::check_names() const {
  std::vector<std::string_view> names(columns_.size());
  for (size_t i = 0; i < names.size(); i++) names[i] = columns_[i].name;
  std::sort(names.begin(), names.end());
  const auto twice = std::adjacent_find(names.begin(), names.end());
  if (twice != names.end())
    throw data_failure(records_.line(0), "two columns of the header are named " + quoted(*twice));
}

void TableReader::infer_types() {
  std::vector<TypeInference> inferences(columns_.size());
  if (!options_.header) records_.rewind();  // the record that counted the columns holds values, too
  while (records_.next()) {
    check_record();
    for (size_t i = 0; i < inferences.size(); i++) {
      if (!is_null(i) && !(is_empty_marker(i) && !options_.has_null_values)) inferences[i].see(records_.text(i));
    }
  }
  for (size_t i = 0; i < inferences.size(); i++) columns_[i].type = inferences[i].type();
}

// ---- Rows -----------------------------------------------------------------------------------------------------------

void TableReader::schema(ArrowSchema *out) const {
  std::vector<const char *> names;
  std::vector<arrow_builder_type> types;
  for (const Column &column : columns_) {
    names.push_back(column.name.c_str());
    types.push_back(arrow_type(column.type));
  }
  throw_if_builder_failed(arrow_schema_make(names.data(), types.data(), names.size(), out));
}

void TableReader::next(ArrowArray *out) {
  size_t bytes = 0;
  int64_t rows = 0;
  while (rows < options_.batch_rows && bytes < kBatchBytes && records_.next()) {
    check_record();
    append_record();
    bytes += records_.record_bytes();
    rows++;
  }
  if (rows == 0) return;
  throw_if_builder_failed(arrow_batch_finish(&batch_, out));
  call_->progress(call_->handle, file_.bytes_read(), file_.length());
}

void TableReader::check_record() const {
  const size_t found = records_.field_count();
  if (found == columns_.size()) return;
  throw data_failure(records_.line(0), fields(found) + ", wanted " + std::to_string(columns_.size()) +
                                           (options_.header              ? " as in the header"
                                            : options_.columns.empty() ? " as in the first record"
                                                                       : " as in `columns`"));
}

void TableReader::append_record() {
  for (size_t i = 0; i < columns_.size(); i++) append_field(i);
}

void TableReader::append_field(size_t field) {
  arrow_column &column = batch_.columns[field];
  const ColumnType type = columns_[field].type;
  if (is_null(field) || (type != ColumnType::string && is_empty_marker(field) && !options_.has_null_values)) {
    throw_if_builder_failed(arrow_append_null(&column));
    return;
  }
  check_utf8(field);
  int error = 0;
  if (!append_value(column, type, records_.text(field), error))
    throw data_failure(records_.line(field), place(field) + ": " + quoted(records_.text(field)) + " is no " +
                                                 std::string(column_type_name(type)));
  throw_if_builder_failed(error);
}

/// An empty field that may stand for null. A table of one column writes it in quotes, as an empty line is no record.
bool TableReader::is_empty_marker(size_t field) const noexcept {
  return records_.text(field).empty() && (!records_.is_quoted(field) || columns_.size() == 1);
}

/// Null in a column of any type, because the configuration says so.
bool TableReader::is_null(size_t field) const noexcept {
  if (!options_.has_null_values) return false;
  if (records_.is_quoted(field) && !is_empty_marker(field)) return false;
  const auto &values = options_.null_values;
  return std::find(values.begin(), values.end(), records_.text(field)) != values.end();
}

void TableReader::check_utf8(size_t field) const {
  const std::string_view text = records_.text(field);
  const size_t valid = utf8_valid_prefix(text.data(), text.size());
  if (valid == text.size()) return;
  char byte[8];
  std::snprintf(byte, sizeof byte, "0x%02x", static_cast<unsigned>(static_cast<unsigned char>(text[valid])));
  const std::string_view before = text.substr(0, valid);
  const auto lines = static_cast<uint64_t>(std::count(before.begin(), before.end(), '\n'));
  throw data_failure(records_.line(field) + lines,
                     place(field) + ": byte " + byte + " at position " + std::to_string(valid + 1) +
                         " is not UTF-8; convert the file, for instance with iconv -f WINDOWS-1252 -t UTF-8");
}

std::string TableReader::place(size_t field) const {
  const std::string &name = columns_[field].name;
  return "field " + std::to_string(field + 1) + (name.empty() ? "" : " (" + shortened(name) + ")");
}

}  // namespace csv

// Splits bytes into records and fields by RFC 4180.
#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "input_file.h"

namespace csv {

/// What is allowed beyond RFC 4180, and what is not:
///   - a line ends with LF or CRLF; a CR alone outside quotes is an error;
///   - an empty line is no record;
///   - a quote inside an unquoted field is text; text behind a closing quote is an error;
///   - a byte order mark at the start of the file is skipped.
/// Fields are bytes here; whoever uses them checks for UTF-8. Throws Failure.
class RecordReader {
 public:
  RecordReader(InputFile &file, char delimiter, size_t max_record_bytes)
      : file_(file), delimiter_(delimiter), max_record_bytes_(max_record_bytes) {}

  /// Reads the next record; false at the end of the file. Views of the one before become invalid.
  bool next();
  /// Starts again at the first record.
  void rewind() noexcept;

  size_t field_count() const noexcept { return fields_.size(); }
  std::string_view text(size_t field) const noexcept {
    const Field &f = fields_[field];
    return std::string_view(text_).substr(f.begin, f.length);
  }
  bool is_quoted(size_t field) const noexcept { return fields_[field].quoted; }
  /// The line on which a field begins, counted from 1.
  uint64_t line(size_t field) const noexcept { return fields_[field].line; }
  size_t record_bytes() const noexcept { return text_.size(); }

 private:
  struct Field {
    size_t begin;
    size_t length;
    uint64_t line;
    bool quoted;
  };
  enum class After { field, record };

  int peek();
  void append(const char *from, size_t count);
  void skip_byte_order_mark();
  bool skip_empty_lines();
  bool take_line_feed();
  After read_field();
  After read_unquoted();
  After read_quoted();
  After after_field();

  InputFile &file_;
  char delimiter_;
  size_t max_record_bytes_;
  uint64_t line_ = 1;
  bool at_start_ = true;
  std::string text_;
  std::vector<Field> fields_;
};

}  // namespace csv

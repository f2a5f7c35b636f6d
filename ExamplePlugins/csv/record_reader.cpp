#include "record_reader.h"

#include <algorithm>
#include <cstring>

#include "failure.h"

namespace csv {

namespace {
constexpr size_t kMaxFields = 16384;
constexpr char kByteOrderMark[] = "\xef\xbb\xbf";
}  // namespace

void RecordReader::rewind() noexcept {
  file_.rewind();
  line_ = 1;
  at_start_ = true;
}

bool RecordReader::next() {
  text_.clear();
  fields_.clear();
  if (at_start_) skip_byte_order_mark();
  if (!skip_empty_lines()) return false;
  while (read_field() == After::field) {
    if (fields_.size() == kMaxFields)
      throw data_failure(fields_[0].line, "more than " + std::to_string(kMaxFields) + " fields in one record");
  }
  return true;
}

/// The next byte, or -1 at the end of the file.
int RecordReader::peek() {
  if (file_.begin() == file_.end()) {
    file_.read_block();
    if (file_.begin() == file_.end()) return -1;
  }
  return static_cast<unsigned char>(*file_.begin());
}

void RecordReader::append(const char *from, size_t count) {
  if (count > max_record_bytes_ - text_.size())
    throw data_failure(fields_[0].line, "the record that begins here is longer than " +
                                            std::to_string(max_record_bytes_) +
                                            " bytes; is a closing quote missing? (`max_record_bytes` sets the limit)");
  text_.append(from, count);
}

void RecordReader::skip_byte_order_mark() {
  at_start_ = false;
  const int first = peek();
  const size_t here = static_cast<size_t>(file_.end() - file_.begin());
  if (first == 0xef && here >= 3 && std::memcmp(file_.begin(), kByteOrderMark, 3) == 0) file_.skip(3);
  if ((first == 0xff || first == 0xfe) && here >= 2 && static_cast<unsigned char>(file_.begin()[1]) == (first ^ 1))
    throw data_failure(1, "the file is UTF-16, wanted UTF-8; convert it, for instance with iconv -f UTF-16 -t UTF-8");
}

/// True if a record follows.
bool RecordReader::skip_empty_lines() {
  for (;;) {
    const int c = peek();
    if (c < 0) return false;
    if (c == '\r') {
      file_.skip(1);
      if (!take_line_feed()) throw data_failure(line_, "a carriage return without a line feed behind it");
    } else if (!take_line_feed()) {
      return true;
    }
  }
}

bool RecordReader::take_line_feed() {
  if (peek() != '\n') return false;
  file_.skip(1);
  line_++;
  return true;
}

RecordReader::After RecordReader::read_field() {
  const int c = peek();
  fields_.push_back({text_.size(), 0, line_, c == '"'});
  const After after = c == '"' ? read_quoted() : read_unquoted();
  fields_.back().length = text_.size() - fields_.back().begin;
  return after;
}

RecordReader::After RecordReader::read_unquoted() {
  for (;;) {
    if (peek() < 0) return After::record;
    const char *begin = file_.begin();
    const char *stop =
        std::find_if(begin, file_.end(), [d = delimiter_](char c) { return c == d || c == '\n' || c == '\r'; });
    const bool found = stop != file_.end();
    append(begin, static_cast<size_t>(stop - begin));
    file_.skip(static_cast<size_t>(stop - begin));
    if (found) return after_field();
  }
}

RecordReader::After RecordReader::read_quoted() {
  const uint64_t opened = line_;
  file_.skip(1);
  for (;;) {
    if (peek() < 0)
      throw data_failure(opened, "a quoted field begins here and is not closed before the end of the file");
    const char *begin = file_.begin();
    const size_t here = static_cast<size_t>(file_.end() - begin);
    const char *quote = static_cast<const char *>(std::memchr(begin, '"', here));
    const size_t count = quote == nullptr ? here : static_cast<size_t>(quote - begin);
    append(begin, count);
    line_ += static_cast<uint64_t>(std::count(begin, begin + count, '\n'));
    file_.skip(count);
    if (quote == nullptr) continue;
    file_.skip(1);
    if (peek() != '"') return after_field();
    append("\"", 1);  // two quotes stand for one
    file_.skip(1);
  }
}

/// Takes what ends a field: a delimiter, a line break, or the end of the file.
RecordReader::After RecordReader::after_field() {
  const int c = peek();
  if (c < 0) return After::record;
  if (c == static_cast<unsigned char>(delimiter_)) {
    file_.skip(1);
    return After::field;
  }
  if (take_line_feed()) return After::record;
  if (c != '\r') throw data_failure(line_, "text behind the closing quote of field " + std::to_string(fields_.size()) +
                                               "; a quote inside a quoted field is written twice");
  file_.skip(1);
  if (!take_line_feed()) throw data_failure(line_, "a carriage return without a line feed behind it");
  return After::record;
}

}  // namespace csv

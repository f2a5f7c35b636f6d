// A CSV file as a table: named, typed columns, and rows in batches.
#pragma once

#include "record_reader.h"
#include "table_options.h"

namespace csv {

/// Reads one file. Everything throws Failure.
class TableReader {
 public:
  /// Reads the names of the columns and finds their types; with inference it reads the whole file once.
  explicit TableReader(const omphalos_call *call);
  ~TableReader() { arrow_batch_free(&batch_); }
  TableReader(const TableReader &) = delete;
  TableReader &operator=(const TableReader &) = delete;

  void schema(ArrowSchema *out) const;
  /// The next batch; at the end `out->release` is NULL.
  void next(ArrowArray *out);

 private:
  void read_header();
  void name_columns();
  void infer_types();
  void check_names() const;
  void check_record() const;
  void append_record();
  void append_field(size_t field);
  bool is_empty_marker(size_t field) const noexcept;
  bool is_null(size_t field) const noexcept;
  void check_utf8(size_t field) const;
  std::string place(size_t field) const;

  const omphalos_call *call_;
  TableOptions options_;
  InputFile file_;
  RecordReader records_;
  std::vector<Column> columns_;
  arrow_batch batch_{};
};

}  // namespace csv

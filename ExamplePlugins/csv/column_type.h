// The types that a column of a CSV file can have, and how text becomes a value.
#pragma once

#include <cstdint>
#include <string_view>

#include "../common/arrow_builder.h"

namespace csv {

enum class ColumnType { string, int64, float64, boolean, date };

/// The type with this name in a configuration; false if there is none.
bool column_type_named(std::string_view name, ColumnType &type) noexcept;
std::string_view column_type_name(ColumnType type) noexcept;
arrow_builder_type arrow_type(ColumnType type) noexcept;

/// Appends `text` as a value of `type`. False if it is not one; `error` gets the errno value of a builder that failed.
bool append_value(arrow_column &column, ColumnType type, std::string_view text, int &error) noexcept;

/// Finds the type of a column from all of its values.
///
/// The type is the first of int64, float64, bool and date in which every value, written back, is the same text again;
/// string if there is none, or no value at all. So nothing is lost: 010121, +5, 1.50 and 1e5 stay strings.
class TypeInference {
 public:
  void see(std::string_view value) noexcept;
  ColumnType type() const noexcept;

 private:
  bool int64_ = true;
  bool float64_ = true;
  bool boolean_ = true;
  bool date_ = true;
  bool seen_ = false;
};

}  // namespace csv

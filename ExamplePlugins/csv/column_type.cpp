#include "column_type.h"

#include <charconv>
#include <cmath>

#include "../common/civil_date.h"
#include "../common/value_text.h"

namespace csv {

namespace {

struct Named {
  std::string_view name;
  ColumnType type;
  arrow_builder_type arrow;
};

constexpr Named kTypes[] = {
    {"string", ColumnType::string, ARROW_BUILDER_UTF8},     {"int64", ColumnType::int64, ARROW_BUILDER_INT64},
    {"float64", ColumnType::float64, ARROW_BUILDER_FLOAT64}, {"bool", ColumnType::boolean, ARROW_BUILDER_BOOL},
    {"date", ColumnType::date, ARROW_BUILDER_DATE32},
};

const Named &named(ColumnType type) noexcept {
  for (const Named &entry : kTypes) {
    if (entry.type == type) return entry;
  }
  return kTypes[0];
}

/// The whole of `text` as a number. std::from_chars knows no locale, no leading space and no plus sign.
template <typename Number>
bool parse_number(std::string_view text, Number &value) noexcept {
  const char *end = text.data() + text.size();
  const auto result = std::from_chars(text.data(), end, value);
  return result.ec == std::errc() && result.ptr == end;
}

/// As parse_number; of the words for what is no finite number, only those that this plugin writes.
bool parse_float(std::string_view text, double &value) noexcept {
  if (!parse_number(text, value)) return false;
  return std::isfinite(value) || text == "nan" || text == "inf" || text == "-inf";
}

bool parse_bool(std::string_view text, bool &value) noexcept {
  value = text == "true";
  return value || text == "false";
}

bool is_canonical_int64(std::string_view text) noexcept {
  const std::string_view digits = text.substr(text.substr(0, 1) == "-" ? 1 : 0);
  if (digits.substr(0, 1) == "0" && text != "0") return false;  // 007 and -0 would come back shorter
  int64_t value;
  return parse_number(text, value);
}

bool is_canonical_float64(std::string_view text) noexcept {
  double value;
  if (!parse_float(text, value) || !std::isfinite(value)) return false;
  char back[VALUE_TEXT_MAX];
  return std::string_view(back, float_text(value, back)) == text;
}

}  // namespace

bool column_type_named(std::string_view name, ColumnType &type) noexcept {
  for (const Named &entry : kTypes) {
    if (entry.name != name) continue;
    type = entry.type;
    return true;
  }
  return false;
}

std::string_view column_type_name(ColumnType type) noexcept { return named(type).name; }

arrow_builder_type arrow_type(ColumnType type) noexcept { return named(type).arrow; }

bool append_value(arrow_column &column, ColumnType type, std::string_view text, int &error) noexcept {
  switch (type) {
    case ColumnType::string: {
      error = arrow_append_utf8(&column, text.data(), text.size());
      return true;
    }
    case ColumnType::int64: {
      int64_t value;
      if (!parse_number(text, value)) return false;
      error = arrow_append_int64(&column, value);
      return true;
    }
    case ColumnType::float64: {
      double value;
      if (!parse_float(text, value)) return false;
      error = arrow_append_float64(&column, value);
      return true;
    }
    case ColumnType::boolean: {
      bool value;
      if (!parse_bool(text, value)) return false;
      error = arrow_append_bool(&column, value);
      return true;
    }
    case ColumnType::date: {
      int32_t days;
      if (!civil_parse(text.data(), text.size(), &days)) return false;
      error = arrow_append_date32(&column, days);
      return true;
    }
  }
  return false;
}

void TypeInference::see(std::string_view value) noexcept {
  seen_ = true;
  bool flag;
  int32_t days;
  if (int64_) int64_ = is_canonical_int64(value);
  if (float64_) float64_ = is_canonical_float64(value);
  if (boolean_) boolean_ = parse_bool(value, flag);
  if (date_) date_ = civil_parse(value.data(), value.size(), &days);
}

ColumnType TypeInference::type() const noexcept {
  if (!seen_) return ColumnType::string;
  if (int64_) return ColumnType::int64;
  if (float64_) return ColumnType::float64;
  if (boolean_) return ColumnType::boolean;
  if (date_) return ColumnType::date;
  return ColumnType::string;
}

}  // namespace csv

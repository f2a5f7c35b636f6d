#include "table_options.h"

#include <cstring>

#include "failure.h"

namespace csv {

namespace {

Failure config_failure(const std::string &message) { return Failure(OMPHALOS_E_CONFIG, "configuration " + message); }

std::string text_member(const json_node *object, const char *key, const std::string &place) {
  const json_node *member = object->kind == JSON_OBJECT ? json_member(object, key) : nullptr;
  if (member == nullptr || member->kind != JSON_STRING) throw config_failure(place + " needs a text `" + key + "`");
  // An Arrow column name is a C string.
  if (std::strlen(member->text) != member->length) throw config_failure(place + " has a NUL in `" + key + "`");
  return std::string(member->text, member->length);
}

std::vector<Column> read_columns(const json_node *list) {
  std::vector<Column> columns;
  if (list->kind != JSON_ARRAY || list->first == nullptr) throw config_failure("`columns` must be a list of columns");
  for (const json_node *item = list->first; item != nullptr; item = item->next) {
    const std::string place = "`columns[" + std::to_string(columns.size()) + "]`";
    Column column{text_member(item, "name", place), ColumnType::string};
    const std::string type = text_member(item, "type", place);
    if (!column_type_named(type, column.type))
      throw config_failure(place + " has type \"" + type + "\", wanted string, int64, float64, bool or date");
    for (const Column &other : columns) {
      if (other.name == column.name)
        throw config_failure(place + " is named \"" + column.name + "\", as one before it");
    }
    columns.push_back(column);
  }
  return columns;
}

std::vector<std::string> read_null_values(const json_node *list) {
  std::vector<std::string> values;
  if (list->kind != JSON_ARRAY) throw config_failure("`null_values` must be a list of texts");
  for (const json_node *item = list->first; item != nullptr; item = item->next) {
    if (item->kind != JSON_STRING) throw config_failure("`null_values` must be a list of texts");
    values.emplace_back(item->text, item->length);
  }
  return values;
}

}  // namespace

void throw_if_failed(const plugin_config &config) {
  if (config.status != OMPHALOS_OK) throw Reported{config.status};
}

char read_delimiter(plugin_config &config) {
  const char *text = plugin_config_text(&config, "delimiter", ",");
  throw_if_failed(config);
  const unsigned char c = static_cast<unsigned char>(text[0]);
  const bool usable = c == '\t' || (c >= ' ' && c <= '~' && c != '"');
  if (!usable || text[1] != '\0')
    throw config_failure("`delimiter` must be one ASCII character that is no quote and no line break");
  return text[0];
}

TableOptions TableOptions::read(const omphalos_call *call) {
  TableOptions options;
  Configuration owner(call);
  plugin_config &config = *owner;
  options.delimiter = read_delimiter(config);
  options.header = plugin_config_bool(&config, "header", options.header);
  options.infer = plugin_config_bool(&config, "infer", options.infer);
  options.batch_rows = plugin_config_integer(&config, "batch_rows", options.batch_rows, 1, 1 << 20);
  options.max_record_bytes = static_cast<size_t>(plugin_config_integer(
      &config, "max_record_bytes", static_cast<int64_t>(options.max_record_bytes), 1, 1 << 30));
  throw_if_failed(config);
  if (const json_node *list = plugin_config_member(&config, "columns")) options.columns = read_columns(list);
  if (const json_node *list = plugin_config_member(&config, "null_values")) {
    options.has_null_values = true;
    options.null_values = read_null_values(list);
  }
  return options;
}

}  // namespace csv

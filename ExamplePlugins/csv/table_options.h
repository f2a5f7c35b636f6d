// The configuration of the connector, read.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "../common/plugin_call.h"
#include "column_type.h"

namespace csv {

struct Column {
  std::string name;
  ColumnType type;
};

/// What plugin.json describes; the defaults stand there too.
struct TableOptions {
  char delimiter = ',';
  bool header = true;
  bool infer = true;
  std::vector<Column> columns;  // empty: not declared
  bool has_null_values = false;
  std::vector<std::string> null_values;
  int64_t batch_rows = 8192;
  size_t max_record_bytes = 16 * 1024 * 1024;

  /// Throws Failure.
  static TableOptions read(const omphalos_call *call);
};

/// The member `delimiter` of a configuration, for connector and exporter alike. Throws Failure.
char read_delimiter(plugin_config &config);

/// Throws Reported if a `plugin_config` has met a failure.
void throw_if_failed(const plugin_config &config);

/// A `plugin_config` that is closed in any case.
class Configuration {
 public:
  explicit Configuration(const omphalos_call *call) { plugin_config_open(&config_, call); }
  ~Configuration() { plugin_config_close(&config_); }
  Configuration(const Configuration &) = delete;
  Configuration &operator=(const Configuration &) = delete;
  plugin_config &operator*() noexcept { return config_; }

 private:
  plugin_config config_;
};

}  // namespace csv

/* Made by `omphalos plugin declare plugin.json --lang c`; change plugin.json and make it again.
 *
 * Include this file in exactly one source file of the plugin. It holds the declaration notes, the descriptor and the
 * entry omphalos_plugin_v1. The plugin defines, in any of its files:
 *
 *   const omphalos_connector connector_csv
 *   const omphalos_exporter exporter_table
 *
 * For init or shutdown, declare the function and define OMPHALOS_INIT or OMPHALOS_SHUTDOWN as its name before the
 * include.
 */
#ifndef OMPHALOS_DECLARATION_H
#define OMPHALOS_DECLARATION_H

#include <omphalos/plugin.h>

#ifndef OMPHALOS_INIT
#define OMPHALOS_INIT NULL
#endif
#ifndef OMPHALOS_SHUTDOWN
#define OMPHALOS_SHUTDOWN NULL
#endif

/* A schema may be longer than what ISO C asks of every compiler. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Woverlength-strings"

#pragma GCC visibility push(hidden)
extern const omphalos_connector connector_csv;
extern const omphalos_exporter exporter_table;
#pragma GCC visibility pop

#define OMPHALOS_DECLARATION_TEXT \
  "{\"abi\":{\"draft\":" OMPHALOS_STR(OMPHALOS_ABI_DRAFT) ",\"major\":" OMPHALOS_STR(OMPHALOS_ABI_MAJOR) \
  ",\"minor_built\":" OMPHALOS_STR(OMPHALOS_ABI_MINOR) ",\"minor_required\":0}" \
  ",\"capabilities\":[{\"hermetic\":\"compatible\",\"interface_version\":1,\"kind\":\"connector\",\"nam" \
  "e\":\"csv\",\"required\":false},{\"hermetic\":\"compatible\",\"interface_version\":1,\"kind\":\"expo" \
  "rter\",\"name\":\"table\",\"required\":false}],\"flags\":1,\"hermetic\":\"compatible\",\"id\":\"org." \
  "omphalos.csv\",\"license\":\"Apache-2.0\",\"note\":1,\"summary\":\"Reads and writes CSV tables (RFC " \
  "4180)\",\"vendor\":\"omphalos project\",\"version\":\"0.1.0\"}"

#define OMPHALOS_SCHEMA_connector_csv \
  "{\"additionalProperties\":false,\"properties\":{\"batch_rows\":{\"default\":8192,\"description\":\"T" \
  "he most rows in a batch. A batch also ends after 16 MiB.\",\"maximum\":1048576,\"minimum\":1,\"type" \
  "\":\"integer\"},\"columns\":{\"description\":\"The columns in the order of the file, with their type" \
  "s. With a header, its names must be these. Given this, nothing is inferred.\",\"items\":{\"additiona" \
  "lProperties\":false,\"properties\":{\"name\":{\"type\":\"string\"},\"type\":{\"enum\":[\"string\",\"" \
  "int64\",\"float64\",\"bool\",\"date\"]}},\"required\":[\"name\",\"type\"],\"type\":\"object\"},\"min" \
  "Items\":1,\"type\":\"array\"},\"delimiter\":{\"default\":\",\",\"description\":\"The one ASCII chara" \
  "cter between fields; not a quote or a line break.\",\"pattern\":\"^[\\\\t !#-~]$\",\"type\":\"string" \
  "\"},\"header\":{\"default\":true,\"description\":\"Whether the first record names the columns. Witho" \
  "ut a header they are column_1, column_2 and so on.\",\"type\":\"boolean\"},\"infer\":{\"default\":tr" \
  "ue,\"description\":\"Whether to read the file once beforehand and give each column the first of int6" \
  "4, float64, bool, date in which every value, written back, is the same text; else string. False: eve" \
  "ry column is string.\",\"type\":\"boolean\"},\"max_record_bytes\":{\"default\":16777216,\"descriptio" \
  "n\":\"The most bytes in a record: what bounds the damage of a missing quote.\",\"maximum\":107374182" \
  "4,\"minimum\":1,\"type\":\"integer\"},\"null_values\":{\"description\":\"The unquoted fields that ar" \
  "e null, in every column. Without it: the empty field, in columns that are not string.\",\"items\":{" \
  "\"type\":\"string\"},\"type\":\"array\"}},\"type\":\"object\"}"

#define OMPHALOS_SCHEMA_exporter_table \
  "{\"additionalProperties\":false,\"properties\":{\"delimiter\":{\"default\":\",\",\"description\":\"T" \
  "he one ASCII character between fields; not a quote or a line break.\",\"pattern\":\"^[\\\\t !#-~]$\"" \
  ",\"type\":\"string\"},\"header\":{\"default\":true,\"description\":\"Whether the first record names " \
  "the columns.\",\"type\":\"boolean\"},\"line_ending\":{\"default\":\"lf\",\"enum\":[\"lf\",\"crlf\"]}" \
  ",\"null_text\":{\"default\":\"\",\"description\":\"What is written for null. A string that is the sa" \
  "me and not empty is quoted, so that the two differ.\",\"type\":\"string\"},\"path\":{\"default\":\"e" \
  "xports/{dataset}.csv\",\"description\":\"Where to write; {dataset} stands for the name of the datase" \
  "t.\",\"minLength\":1,\"type\":\"string\"}},\"type\":\"object\"}"

OMPHALOS_NOTE(omphalos_declaration, OMPHALOS_NOTE_DECLARATION, OMPHALOS_DECLARATION_TEXT);
OMPHALOS_NOTE(omphalos_schemas, OMPHALOS_NOTE_SCHEMAS,
              "{\"csv\":" OMPHALOS_SCHEMA_connector_csv
              ",\"table\":" OMPHALOS_SCHEMA_exporter_table "}");

static const omphalos_capability omphalos_capability_0 = {
    sizeof(omphalos_capability), OMPHALOS_CONNECTOR, 1u, 0x0u, "csv",
    OMPHALOS_SCHEMA_connector_csv, &connector_csv};

static const omphalos_capability omphalos_capability_1 = {
    sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1u, 0x0u, "table",
    OMPHALOS_SCHEMA_exporter_table, &exporter_table};

static const omphalos_capability *const omphalos_capabilities[] = {
    &omphalos_capability_0, &omphalos_capability_1};

static const omphalos_plugin omphalos_descriptor = {
    sizeof(omphalos_plugin), OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0,
    "org.omphalos.csv",
    "0.1.0",
    "omphalos project",
    "Apache-2.0",
    "Reads and writes CSV tables (RFC 4180)",
    OMPHALOS_HERMETIC_COMPATIBLE, 0x1u, 2u, 0, omphalos_capabilities, OMPHALOS_INIT, OMPHALOS_SHUTDOWN};

const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
  (void)host_minor;
  return &omphalos_descriptor;
}

#pragma GCC diagnostic pop
#endif

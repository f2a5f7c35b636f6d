/* Made by `omphalos plugin declare plugin.json --lang c`; change plugin.json and make it again.
 *
 * Include this file in exactly one source file of the plugin. It holds the declaration notes, the descriptor and the
 * entry omphalos_plugin_v1. The plugin defines, in any of its files:
 *
 *   const omphalos_exporter exporter_records
 *   const omphalos_lineage_sink lineage_sink_jsonl
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
extern const omphalos_exporter exporter_records;
extern const omphalos_lineage_sink lineage_sink_jsonl;
#pragma GCC visibility pop

#define OMPHALOS_DECLARATION_TEXT \
  "{\"abi\":{\"draft\":" OMPHALOS_STR(OMPHALOS_ABI_DRAFT) ",\"major\":" OMPHALOS_STR(OMPHALOS_ABI_MAJOR) \
  ",\"minor_built\":" OMPHALOS_STR(OMPHALOS_ABI_MINOR) ",\"minor_required\":0}" \
  ",\"capabilities\":[{\"hermetic\":\"compatible\",\"interface_version\":1,\"kind\":\"exporter\",\"name" \
  "\":\"records\",\"required\":false},{\"hermetic\":\"compatible\",\"interface_version\":1,\"kind\":\"l" \
  "ineage_sink\",\"name\":\"jsonl\",\"required\":false}],\"flags\":1,\"hermetic\":\"compatible\",\"id\"" \
  ":\"org.omphalos.jsonl\",\"license\":\"Apache-2.0\",\"note\":1,\"summary\":\"Writes datasets and line" \
  "age events as JSON lines\",\"vendor\":\"omphalos project\",\"version\":\"0.1.0\"}"

#define OMPHALOS_SCHEMA_exporter_records \
  "{\"additionalProperties\":false,\"properties\":{\"non_finite\":{\"default\":\"fail\",\"description\"" \
  ":\"What becomes of nan and infinity, which JSON cannot hold: fail stops the export, null writes null" \
  ".\",\"enum\":[\"fail\",\"null\"]},\"path\":{\"default\":\"exports/{dataset}.jsonl\",\"description\":" \
  "\"Where to write; {dataset} stands for the name of the dataset.\",\"minLength\":1,\"type\":\"string" \
  "\"}},\"type\":\"object\"}"

#define OMPHALOS_SCHEMA_lineage_sink_jsonl \
  "{\"additionalProperties\":false,\"properties\":{\"path\":{\"default\":\"lineage/events.jsonl\",\"des" \
  "cription\":\"Where to write; below lineage/, and not lineage/lineage.jsonl, which is the host's own." \
  "\",\"minLength\":1,\"type\":\"string\"}},\"type\":\"object\"}"

OMPHALOS_NOTE(omphalos_declaration, OMPHALOS_NOTE_DECLARATION, OMPHALOS_DECLARATION_TEXT);
OMPHALOS_NOTE(omphalos_schemas, OMPHALOS_NOTE_SCHEMAS,
              "{\"jsonl\":" OMPHALOS_SCHEMA_lineage_sink_jsonl
              ",\"records\":" OMPHALOS_SCHEMA_exporter_records "}");

static const omphalos_capability omphalos_capability_0 = {
    sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1u, 0x0u, "records",
    OMPHALOS_SCHEMA_exporter_records, &exporter_records};

static const omphalos_capability omphalos_capability_1 = {
    sizeof(omphalos_capability), OMPHALOS_LINEAGE_SINK, 1u, 0x0u, "jsonl",
    OMPHALOS_SCHEMA_lineage_sink_jsonl, &lineage_sink_jsonl};

static const omphalos_capability *const omphalos_capabilities[] = {
    &omphalos_capability_0, &omphalos_capability_1};

static const omphalos_plugin omphalos_descriptor = {
    sizeof(omphalos_plugin), OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0,
    "org.omphalos.jsonl",
    "0.1.0",
    "omphalos project",
    "Apache-2.0",
    "Writes datasets and lineage events as JSON lines",
    OMPHALOS_HERMETIC_COMPATIBLE, 0x1u, 2u, 0, omphalos_capabilities, OMPHALOS_INIT, OMPHALOS_SHUTDOWN};

const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
  (void)host_minor;
  return &omphalos_descriptor;
}

#pragma GCC diagnostic pop
#endif

/* Made by `omphalos plugin declare plugin.json --lang c`; change plugin.json and make it again.
 *
 * Include this file in exactly one source file of the plugin. It holds the declaration notes, the descriptor and the
 * entry omphalos_plugin_v1. The plugin defines, in any of its files:
 *
 *   const omphalos_exporter exporter_database
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
extern const omphalos_exporter exporter_database;
#pragma GCC visibility pop

#define OMPHALOS_DECLARATION_TEXT \
  "{\"abi\":{\"draft\":" OMPHALOS_STR(OMPHALOS_ABI_DRAFT) ",\"major\":" OMPHALOS_STR(OMPHALOS_ABI_MAJOR) \
  ",\"minor_built\":" OMPHALOS_STR(OMPHALOS_ABI_MINOR) ",\"minor_required\":0}" \
  ",\"capabilities\":[{\"hermetic\":\"compatible\",\"interface_version\":1,\"kind\":\"exporter\",\"name" \
  "\":\"database\",\"required\":false}],\"flags\":1,\"hermetic\":\"compatible\",\"id\":\"org.omphalos.s" \
  "qlite\",\"license\":\"Apache-2.0\",\"note\":1,\"summary\":\"Writes datasets as the tables of one SQL" \
  "ite database\",\"vendor\":\"omphalos project\",\"version\":\"0.1.0\"}"

#define OMPHALOS_SCHEMA_exporter_database \
  "{\"additionalProperties\":false,\"properties\":{\"nan\":{\"default\":\"fail\",\"description\":\"What" \
  " becomes of a float that is not a number, which SQLite cannot hold: fail stops the export, null writ" \
  "es NULL.\",\"enum\":[\"fail\",\"null\"]},\"path\":{\"default\":\"warehouse/warehouse.sqlite\",\"desc" \
  "ription\":\"Where to write the database.\",\"minLength\":1,\"type\":\"string\"},\"tables\":{\"additi" \
  "onalProperties\":{\"minLength\":1,\"type\":\"string\"},\"description\":\"Names of tables by names of" \
  " datasets; a dataset that is not listed gives its table its own name.\",\"type\":\"object\"}},\"type" \
  "\":\"object\"}"

OMPHALOS_NOTE(omphalos_declaration, OMPHALOS_NOTE_DECLARATION, OMPHALOS_DECLARATION_TEXT);
OMPHALOS_NOTE(omphalos_schemas, OMPHALOS_NOTE_SCHEMAS,
              "{\"database\":" OMPHALOS_SCHEMA_exporter_database "}");

static const omphalos_capability omphalos_capability_0 = {
    sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1u, 0x0u, "database",
    OMPHALOS_SCHEMA_exporter_database, &exporter_database};

static const omphalos_capability *const omphalos_capabilities[] = {
    &omphalos_capability_0};

static const omphalos_plugin omphalos_descriptor = {
    sizeof(omphalos_plugin), OMPHALOS_ABI_MAJOR, 0, OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0,
    "org.omphalos.sqlite",
    "0.1.0",
    "omphalos project",
    "Apache-2.0",
    "Writes datasets as the tables of one SQLite database",
    OMPHALOS_HERMETIC_COMPATIBLE, 0x1u, 1u, 0, omphalos_capabilities, OMPHALOS_INIT, OMPHALOS_SHUTDOWN};

const omphalos_plugin *omphalos_plugin_v1(uint32_t host_minor) {
  (void)host_minor;
  return &omphalos_descriptor;
}

#pragma GCC diagnostic pop
#endif

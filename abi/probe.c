/* Names every struct of the interface in the types of functions, for abidiff to compare two headers by. */
#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

const omphalos_plugin *probe_entry(uint32_t host_minor);
const omphalos_plugin *probe_entry(uint32_t host_minor) { return omphalos_plugin_v1(host_minor); }

#define PROBE(type) \
  void probe_##type(const type *value); \
  void probe_##type(const type *value) { (void)value; }

PROBE(omphalos_artifact_options)
PROBE(omphalos_store)
PROBE(omphalos_host)
PROBE(omphalos_call)
PROBE(omphalos_capability)
PROBE(omphalos_connector)
PROBE(omphalos_dataset)
PROBE(omphalos_exporter)
PROBE(omphalos_lineage_sink)
PROBE(omphalos_plugin)

/* Kinds of capabilities, flags and levels are enumerations. */
void probe_enums(enum omphalos_status status, enum omphalos_hermetic hermetic, enum omphalos_kind kind,
                 enum omphalos_log_level level, enum omphalos_outcome outcome);
void probe_enums(enum omphalos_status status, enum omphalos_hermetic hermetic, enum omphalos_kind kind,
                 enum omphalos_log_level level, enum omphalos_outcome outcome) {
  (void)status, (void)hermetic, (void)kind, (void)level, (void)outcome;
}

/* The tables of functions that plugin.json promises. */
#ifndef EXAMPLES_JSONL_CAPABILITIES_H
#define EXAMPLES_JSONL_CAPABILITIES_H

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

extern const omphalos_exporter exporter_records;
extern const omphalos_lineage_sink lineage_sink_jsonl;

#endif

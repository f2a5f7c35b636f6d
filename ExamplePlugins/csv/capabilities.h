// The tables of functions that plugin.json promises.
#pragma once

#include <omphalos/arrow.h>
#include <omphalos/plugin.h>

extern const omphalos_connector connector_csv;
extern const omphalos_exporter exporter_table;

/* The table of functions that plugin.json promises. */
#ifndef EXAMPLES_SQLITE_CAPABILITIES_H
#define EXAMPLES_SQLITE_CAPABILITIES_H

#include <omphalos/plugin.h>

extern const omphalos_exporter exporter_database;

#endif

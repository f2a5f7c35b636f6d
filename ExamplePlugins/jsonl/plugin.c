/* Declaration, descriptor and entry; the capabilities are defined in exporter.c and lineage_sink.c. */
#include "declaration.h"

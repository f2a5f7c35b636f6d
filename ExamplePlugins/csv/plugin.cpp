// Declaration, descriptor and entry; the capabilities are defined in connector.cpp and exporter.cpp.
#include "declaration.h"

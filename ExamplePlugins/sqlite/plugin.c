/* Declaration, descriptor and entry; the capability is defined in exporter.c. */
#include "declaration.h"

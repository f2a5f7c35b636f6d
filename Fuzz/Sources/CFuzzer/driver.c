/* The package manager wants a source file; the function is libFuzzer's. */
#include "CFuzzer.h"

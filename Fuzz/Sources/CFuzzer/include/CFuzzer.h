/* libFuzzer as a library. Source: LLVM, "libFuzzer", section "Using libFuzzer as a library". */
#ifndef CFUZZER_H
#define CFUZZER_H

#include <stddef.h>
#include <stdint.h>

/* Reads the options in `argv`, runs the corpus and then inputs of its own; `one` gets each input and returns 0.
 * Returns what the process is to exit with, and ends the process itself when an input crashes. */
int LLVMFuzzerRunDriver(int *argc, char ***argv, int (*one)(const uint8_t *data, size_t count));

#endif

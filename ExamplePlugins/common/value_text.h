/* Values as text, the same in every exporter: exact, and independent of the locale. */
#ifndef EXAMPLES_VALUE_TEXT_H
#define EXAMPLES_VALUE_TEXT_H

#include "arrow_reader.h"

#ifdef __cplusplus
extern "C" {
#endif

enum { VALUE_TEXT_MAX = 64 };

/* Writes a value that is not null, TEXT or BINARY, without a NUL. [result] its length.
 *
 *   bool       true, false
 *   integer    decimal
 *   float      the shortest text that reads back as the same number, as Python's repr writes it: 0.1, 5.0, 1e+16, nan
 *   date       2024-02-29
 *   timestamp  2024-02-29T12:00:00, with as many digits of a second as the unit has, and Z if there is a zone */
size_t value_text(const arrow_view *view, int64_t row, char out[VALUE_TEXT_MAX]);

size_t float_text(double value, char out[VALUE_TEXT_MAX]);

#ifdef __cplusplus
}
#endif
#endif

/* Strict UTF-8, as RFC 3629 defines it: no surrogates, no overlong forms, nothing above U+10FFFF. */
#ifndef EXAMPLES_UTF8_H
#define EXAMPLES_UTF8_H

#include <stddef.h>

#ifdef __cplusplus
extern "C" {
#endif

/* How many bytes at the start of `text` are whole UTF-8 characters: `length` if all are. */
size_t utf8_valid_prefix(const char *text, size_t length);

#ifdef __cplusplus
}
#endif
#endif

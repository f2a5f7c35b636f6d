/* Builds Arrow schemas and record batches column by column, in the layout of the Arrow C data interface.
 *
 * What is exported owns its memory: it outlives the builder, the stream and the plugin call that made it, and its
 * release callbacks free all of it. Functions return 0 or an errno value, ENOMEM or EOVERFLOW, as the functions of an
 * Arrow stream do; a builder that has failed may only be freed. A builder serves one thread at a time.
 */
#ifndef EXAMPLES_ARROW_BUILDER_H
#define EXAMPLES_ARROW_BUILDER_H

#include <omphalos/arrow.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum arrow_builder_type {
  ARROW_BUILDER_BOOL,
  ARROW_BUILDER_INT64,
  ARROW_BUILDER_FLOAT64,
  ARROW_BUILDER_UTF8,        /* at most INT32_MAX bytes of text a batch: EOVERFLOW beyond */
  ARROW_BUILDER_DATE32,      /* days since 1970-01-01 */
  ARROW_BUILDER_TIMESTAMP_US /* microseconds since 1970-01-01T00:00:00Z */
} arrow_builder_type;

/* Bytes that grow by doubling. Empty is all zero. */
typedef struct arrow_bytes {
  uint8_t *start;
  size_t length;
  size_t capacity;
} arrow_bytes;

typedef struct arrow_column {
  arrow_builder_type type;
  int64_t length;
  int64_t null_count;
  arrow_bytes validity; /* empty as long as there is no null */
  arrow_bytes values;   /* numbers, bits, or the offsets of text */
  arrow_bytes text;
} arrow_column;

typedef struct arrow_batch {
  size_t column_count;
  arrow_column *columns;
} arrow_batch;

/* Prepares a batch without rows. */
int arrow_batch_init(arrow_batch *batch, const arrow_builder_type *types, size_t column_count);
/* Frees a batch; one that is all zero too. */
void arrow_batch_free(arrow_batch *batch);

int arrow_append_null(arrow_column *column);
int arrow_append_bool(arrow_column *column, bool value);
/* For INT64 and TIMESTAMP_US. */
int arrow_append_int64(arrow_column *column, int64_t value);
int arrow_append_float64(arrow_column *column, double value);
int arrow_append_date32(arrow_column *column, int32_t days);
/* The text must be UTF-8; it is copied. */
int arrow_append_utf8(arrow_column *column, const char *text, size_t length);

/* Moves the rows into `out` as a struct array and leaves the batch without rows, ready for the next ones. Every column
 * must hold the same number of values, else EINVAL. On failure `out->release` is NULL, and the batch may only be
 * freed. */
int arrow_batch_finish(arrow_batch *batch, struct ArrowArray *out);

/* A struct schema with one nullable child a column. The names are copied. On failure `out->release` is NULL. */
int arrow_schema_make(const char *const *names, const arrow_builder_type *types, size_t column_count,
                      struct ArrowSchema *out);

#ifdef __cplusplus
}
#endif
#endif

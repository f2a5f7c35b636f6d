/* Reads the columns of Arrow record batches, whoever made them.
 *
 * Every count, length and offset is checked before it is used. What cannot be checked is the size of a buffer: the
 * Arrow C data interface does not carry it, so a batch whose offsets point behind its text is believed.
 */
#ifndef EXAMPLES_ARROW_READER_H
#define EXAMPLES_ARROW_READER_H

#include <omphalos/arrow.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum arrow_kind {
  ARROW_KIND_NULL,   /* a column of nothing but nulls */
  ARROW_KIND_BOOL,
  ARROW_KIND_INT,    /* int8 to int64 */
  ARROW_KIND_UINT,   /* uint8 to uint64 */
  ARROW_KIND_FLOAT,  /* float32, float64 */
  ARROW_KIND_TEXT,   /* utf8, large_utf8 */
  ARROW_KIND_BINARY, /* binary, large_binary */
  ARROW_KIND_DATE,   /* date32 */
  ARROW_KIND_TIMESTAMP
} arrow_kind;

typedef struct arrow_field {
  char *name; /* never NULL */
  arrow_kind kind;
  uint32_t width;           /* bytes of a number, or of an offset of text or binary */
  int64_t units_per_second; /* of a timestamp */
  bool has_zone;            /* of a timestamp: counted from an instant in UTC */
} arrow_field;

typedef struct arrow_table {
  size_t column_count;
  arrow_field *fields;
} arrow_table;

/* Why a schema or a batch was not accepted: a clause for a message, such as `column "a" has 2 buffers, wanted 3`. */
typedef struct arrow_reader_error {
  char text[320];
} arrow_reader_error;

/* Reads the schema of a stream of record batches. [result] 0, ENOMEM, or EINVAL with `error` set. The schema may be
 * released afterwards. */
int arrow_table_init(arrow_table *table, const struct ArrowSchema *schema, arrow_reader_error *error);
void arrow_table_free(arrow_table *table);

/* One column of one batch. Valid until the batch is released. */
typedef struct arrow_view {
  const arrow_field *field;
  const uint8_t *validity; /* NULL: no nulls */
  const void *values;
  const char *text;
  int64_t offset; /* of row 0 in the buffers */
  int64_t length;
} arrow_view;

/* Checks a batch against the table and makes a view of each column; `views` has room for all. [result] 0, or EINVAL
 * with `error` set. */
int arrow_batch_views(const arrow_table *table, const struct ArrowArray *batch, arrow_view *views,
                      arrow_reader_error *error);

/* The functions below take 0 <= row < view->length, and the kind of value that the field says. */
bool arrow_is_null(const arrow_view *view, int64_t row);
bool arrow_bool_at(const arrow_view *view, int64_t row);
/* For INT, DATE and TIMESTAMP. */
int64_t arrow_int_at(const arrow_view *view, int64_t row);
uint64_t arrow_uint_at(const arrow_view *view, int64_t row);
double arrow_float_at(const arrow_view *view, int64_t row);
/* Points `*text` into the batch, for TEXT and BINARY. False if the offsets of the row are not ordered. The text is not
 * checked for UTF-8. */
bool arrow_text_at(const arrow_view *view, int64_t row, const char **text, size_t *length);

#ifdef __cplusplus
}
#endif
#endif

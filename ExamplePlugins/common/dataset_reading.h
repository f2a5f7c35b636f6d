/* The loop of an exporter that goes through a dataset row by row. The exporter says what becomes of a row. */
#ifndef EXAMPLES_DATASET_READING_H
#define EXAMPLES_DATASET_READING_H

#include "arrow_reader.h"
#include "plugin_call.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dataset_consumer {
  bool takes_binary; /* without it a column of bytes that are no text is refused */
  /* Told of the columns, before the first row. [result] status, reported */
  int32_t (*begin)(void *context, const arrow_table *table);
  /* Told of one row; `number` counts from 1. [result] status, reported */
  int32_t (*row)(void *context, const arrow_table *table, const arrow_view *views, int64_t row, uint64_t number);
  void *context;
} dataset_consumer;

/* Reads a dataset to its end. Records the number of its rows as the metric `rows.NAME`. The names of columns are UTF-8.
 * [result] the first failure, reported, or 0 */
int32_t dataset_read(const omphalos_call *call, const omphalos_dataset *dataset, const dataset_consumer *consumer);

/* The text of row `row` of a TEXT column, checked to be UTF-8; `number` is the row's in the dataset, for the message.
 * [result] status, reported */
int32_t dataset_text(const omphalos_call *call, const arrow_view *view, int64_t row, uint64_t number, const char **text,
                     size_t *length);

/* The bytes of row `row` of a TEXT or BINARY column, not checked. [result] status, reported */
int32_t dataset_bytes(const omphalos_call *call, const arrow_view *view, int64_t row, uint64_t number,
                      const char **bytes, size_t *length);

#ifdef __cplusplus
}
#endif
#endif

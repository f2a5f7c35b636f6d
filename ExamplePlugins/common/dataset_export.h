/* An exporter that writes one artifact for each dataset, row by row. The exporter says how a row looks. */
#ifndef EXAMPLES_DATASET_EXPORT_H
#define EXAMPLES_DATASET_EXPORT_H

#include "dataset_reading.h"

#ifdef __cplusplus
extern "C" {
#endif

typedef struct dataset_format {
  artifact_kind kind;
  /* Writes what stands before the first row. [result] status, reported */
  int32_t (*begin)(void *context, artifact_writer *writer, const arrow_table *table);
  /* Writes one row; `number` counts from 1. [result] status, reported */
  int32_t (*row)(void *context, artifact_writer *writer, const arrow_table *table, const arrow_view *views, int64_t row,
                 uint64_t number);
  void *context;
} dataset_format;

/* Writes every dataset to the path that `path_template` gives: `{dataset}` in it stands for the dataset's name.
 * [result] status, reported */
int32_t dataset_export(const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count,
                       const char *path_template, const dataset_format *format);

#ifdef __cplusplus
}
#endif
#endif

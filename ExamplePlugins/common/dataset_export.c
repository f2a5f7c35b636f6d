#include "dataset_export.h"

#include <stdio.h>
#include <string.h>

static const char PLACEHOLDER[] = "{dataset}";

/* ---- Paths ------------------------------------------------------------------------------------------------------- */

enum { PATH_BYTES = 1025 }; /* an artifact path has at most 1,024; a longer one is cut to a length the store refuses */

static void expand_path(char path[PATH_BYTES + 1], const char *template, const omphalos_dataset *dataset) {
  const char *place = strstr(template, PLACEHOLDER);
  if (place == NULL) {
    snprintf(path, PATH_BYTES + 1, "%s", template);
    return;
  }
  snprintf(path, PATH_BYTES + 1, "%.*s%.*s%s", (int)(place - template), template, (int)dataset->name_len, dataset->name,
           place + strlen(PLACEHOLDER));
}

/* ---- One dataset ------------------------------------------------------------------------------------------------- */

typedef struct export_state {
  const omphalos_call *call;
  const dataset_format *format;
  const char *path;
  artifact_writer writer;
  bool is_open;
} export_state;

static int32_t begin(void *context, const arrow_table *table) {
  export_state *e = context;
  int32_t status = artifact_create(&e->writer, e->call, e->path, &e->format->kind);
  if (status != OMPHALOS_OK) return status;
  e->is_open = true;
  return e->format->begin(e->format->context, &e->writer, table);
}

static int32_t write_row(void *context, const arrow_table *table, const arrow_view *views, int64_t row,
                         uint64_t number) {
  export_state *e = context;
  int32_t status = e->format->row(e->format->context, &e->writer, table, views, row, number);
  return status != OMPHALOS_OK ? status : e->writer.status;
}

static int32_t export_one(const omphalos_call *call, const omphalos_dataset *dataset, const char *path_template,
                          const dataset_format *format) {
  char path[PATH_BYTES + 1];
  expand_path(path, path_template, dataset);
  export_state e;
  memset(&e, 0, sizeof e);
  e.call = call;
  e.format = format;
  e.path = path;
  const dataset_consumer consumer = {false, begin, write_row, &e};
  int32_t status = dataset_read(call, dataset, &consumer);
  return e.is_open ? artifact_close(&e.writer, status) : status;
}

int32_t dataset_export(const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count,
                       const char *path_template, const dataset_format *format) {
  if (count > 1 && strstr(path_template, PLACEHOLDER) == NULL)
    return plugin_fail(call, OMPHALOS_E_CONFIG,
                       "configuration `path` is \"%s\" for %zu datasets; put {dataset} into it, so that each gets its "
                       "own",
                       path_template, count);
  for (size_t i = 0; i < count; i++) {
    int32_t status = export_one(call, inputs[i], path_template, format);
    if (status != OMPHALOS_OK) return status;
  }
  return OMPHALOS_OK;
}

/* The lineage sink `jsonl`: every event as a line of one artifact. */
#include <stdlib.h>
#include <string.h>

#include "capabilities.h"
#include "../common/plugin_call.h"

static int32_t sink_open(void *state, const omphalos_call *call, void **sink) {
  (void)state;
  static const artifact_kind KIND = {"application/jsonl", "other", "Lineage events as JSON lines"};
  artifact_writer *writer = malloc(sizeof *writer);
  if (writer == NULL) return plugin_fail(call, OMPHALOS_E_MEMORY, "there is no memory for a lineage sink");
  plugin_config config;
  plugin_config_open(&config, call);
  const char *path = plugin_config_text(&config, "path", "lineage/events.jsonl");
  int32_t status = config.status;
  if (status == OMPHALOS_OK) status = artifact_create(writer, call, path, &KIND);
  plugin_config_close(&config);
  if (status == OMPHALOS_OK) *sink = writer;
  else free(writer);
  return status;
}

static int32_t sink_emit(void *sink, const char *event, size_t length) {
  artifact_writer *writer = sink;
  artifact_write(writer, event, length);
  artifact_write_byte(writer, '\n');
  return writer->status;
}

/* The store is the receiver: what it has been given is as durable as the run. */
static int32_t sink_flush(void *sink) { return artifact_flush(sink); }

/* Only the events of a finished run are published: of any other the file would look whole and not be. */
static int32_t sink_close(void *sink, uint32_t outcome) {
  artifact_writer *writer = sink;
  int32_t status = OMPHALOS_OK;
  if (outcome == OMPHALOS_FINISHED) status = artifact_close(writer, writer->status);
  else artifact_close(writer, OMPHALOS_E_STATE);
  free(writer);
  return status;
}

const omphalos_lineage_sink lineage_sink_jsonl = {
    sizeof(omphalos_lineage_sink), 0, sink_open, sink_emit, sink_flush, sink_close};

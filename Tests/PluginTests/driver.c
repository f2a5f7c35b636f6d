#include "driver.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "checked_stream.h"

static char last_error[1200];

const char *driver_error(void) { return last_error; }

/* A failing call says why, with the status that it returns. */
static int32_t outcome_of(const fake_call *call, int32_t status) {
  if (status == OMPHALOS_OK) return status;
  RULE(call->error_code != 0, "status %d without a message", status);
  RULE(call->error_code == status, "status %d, but a message for %d: %s", status, call->error_code, call->error);
  snprintf(last_error, sizeof last_error, "%s", call->error);
  return status;
}

static void end_call(void *context) {
  fake_call *call = context;
  outcome_of(call, call->error_code); /* a failure in the middle of the stream */
  fake_call_end(call);
  free(call);
}

int32_t driver_connect(const driver_job *job, fake_faults faults, struct ArrowArrayStream *out) {
  void *state;
  const omphalos_plugin *plugin = fake_load(job->connector, &state);
  const omphalos_connector *connector = fake_capability(plugin, OMPHALOS_CONNECTOR, job->connector_name);
  last_error[0] = 0;
  fake_call *call = malloc(sizeof *call);
  RULE(call != NULL, "no memory for the test");
  fake_call_init(call, job->connector_config, job->input, NULL, faults);
  struct ArrowArrayStream source;
  memset(&source, 0, sizeof source);
  int32_t status = connector->open(state, &call->call, &source);
  RULE((status == OMPHALOS_OK) == (source.release != NULL), "a stream after a failure, or none after a success");
  if (status == OMPHALOS_OK) {
    checked_stream(out, &source, end_call, call);
    return status;
  }
  outcome_of(call, status);
  fake_call_end(call);
  free(call);
  return status;
}

int32_t driver_export(const driver_job *job, fake_faults faults, struct ArrowArrayStream *stream) {
  void *state;
  last_error[0] = 0;
  const omphalos_plugin *plugin = fake_load(job->exporter, &state);
  const omphalos_exporter *exporter = fake_capability(plugin, OMPHALOS_EXPORTER, job->exporter_name);
  fake_call call;
  fake_call_init(&call, job->exporter_config, NULL, job->directory, faults);
  const omphalos_dataset dataset = {sizeof dataset, 0, job->dataset, strlen(job->dataset), stream};
  const omphalos_dataset *inputs[] = {&dataset};
  int32_t status = exporter->run(state, &call.call, inputs, 1);
  outcome_of(&call, status);
  fake_call_end(&call);
  return status;
}

int32_t driver_convert(const driver_job *job, fake_faults faults) {
  struct ArrowArrayStream stream;
  const fake_faults none = {-1, -1};
  int32_t status = driver_connect(job, none, &stream);
  if (status != OMPHALOS_OK) return status;
  status = driver_export(job, faults, &stream);
  stream.release(&stream);
  RULE(checked_live_objects() == 0, "%lld Arrow structs were not released", (long long)checked_live_objects());
  return status;
}

/* ---- Lineage ----------------------------------------------------------------------------------------------------- */

static int32_t emit_lines(const omphalos_lineage_sink *sink, void *instance, const char *path) {
  FILE *file = fopen(path, "rb");
  RULE(file != NULL, "cannot open %s", path);
  char *line = NULL;
  size_t capacity = 0;
  int32_t status = OMPHALOS_OK;
  for (ssize_t length; status == OMPHALOS_OK && (length = getline(&line, &capacity, file)) > 0;) {
    status = sink->emit(instance, line, (size_t)length - 1);
    memset(line, 'x', (size_t)length); /* the sink may not keep the event */
  }
  if (status == OMPHALOS_OK && sink->flush != NULL) status = sink->flush(instance);
  free(line);
  fclose(file);
  return status;
}

int32_t driver_sink(const driver_job *job, fake_faults faults, uint32_t outcome) {
  void *state;
  const omphalos_plugin *plugin = fake_load(job->exporter, &state);
  const omphalos_lineage_sink *sink = fake_capability(plugin, OMPHALOS_LINEAGE_SINK, job->exporter_name);
  last_error[0] = 0;
  fake_call call;
  fake_call_init(&call, job->exporter_config, NULL, job->directory, faults);
  void *instance = NULL;
  int32_t status = sink->open(state, &call.call, &instance);
  if (status == OMPHALOS_OK) {
    int32_t emitted = emit_lines(sink, instance, job->input);
    status = sink->close(instance, emitted == OMPHALOS_OK ? outcome : (uint32_t)OMPHALOS_FAILED);
    if (emitted != OMPHALOS_OK) status = emitted;
  }
  outcome_of(&call, status);
  fake_call_end(&call);
  return status;
}

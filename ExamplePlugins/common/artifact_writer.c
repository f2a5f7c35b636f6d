#include <stdlib.h>
#include <string.h>

#include "plugin_call.h"

enum { BUFFER_BYTES = 128 * 1024 };

int32_t artifact_fail(const omphalos_call *call, const char *verb, const char *path, int32_t status) {
  const char *sentence = omphalos_status_sentence(status);
  return plugin_fail(call, status, "cannot %s the artifact %s: %s", verb, path,
                     sentence == NULL ? "the store gave an unknown status." : sentence);
}

omphalos_artifact_options artifact_options(const artifact_kind *kind) {
  const omphalos_artifact_options options = {sizeof options,    0,
                                             kind->media_type,  strlen(kind->media_type),
                                             kind->role,        strlen(kind->role),
                                             kind->description, strlen(kind->description)};
  return options;
}

static int32_t fail(artifact_writer *writer, const char *verb, int32_t status) {
  writer->status = artifact_fail(writer->call, verb, writer->path, status);
  return writer->status;
}

static void release(artifact_writer *writer) {
  free(writer->buffer);
  free(writer->path);
  writer->buffer = NULL;
  writer->path = NULL;
}

static int32_t open_artifact(artifact_writer *writer, const artifact_kind *kind) {
  const omphalos_artifact_options options = artifact_options(kind);
  int32_t status = writer->call->store->create(writer->call->handle, writer->path, strlen(writer->path), &options,
                                               &writer->artifact);
  return status == OMPHALOS_OK ? OMPHALOS_OK : fail(writer, "create", status);
}

int32_t artifact_create(artifact_writer *writer, const omphalos_call *call, const char *path,
                        const artifact_kind *kind) {
  memset(writer, 0, sizeof *writer);
  writer->call = call;
  size_t size = strlen(path) + 1;
  writer->path = malloc(size);
  writer->buffer = malloc(BUFFER_BYTES);
  int32_t status = OMPHALOS_OK;
  if (writer->path == NULL || writer->buffer == NULL) {
    status = plugin_fail(call, OMPHALOS_E_MEMORY, "there is no memory to write %s", path);
  } else {
    memcpy(writer->path, path, size);
    status = open_artifact(writer, kind);
  }
  if (status != OMPHALOS_OK) release(writer);
  return status;
}

static void store_write(artifact_writer *writer, const void *bytes, size_t length) {
  if (writer->status != OMPHALOS_OK || length == 0) return;
  int32_t status = writer->call->store->write(writer->call->handle, writer->artifact, bytes, length);
  if (status != OMPHALOS_OK) fail(writer, "write", status);
}

int32_t artifact_flush(artifact_writer *writer) {
  store_write(writer, writer->buffer, writer->used);
  writer->used = 0;
  return writer->status;
}

void artifact_write(artifact_writer *writer, const void *bytes, size_t length) {
  writer->written += length;
  if (length > BUFFER_BYTES - writer->used) artifact_flush(writer);
  if (length > BUFFER_BYTES) {
    store_write(writer, bytes, length); /* larger than the buffer: straight through */
    return;
  }
  if (length > 0) memcpy(writer->buffer + writer->used, bytes, length);
  writer->used += length;
}

void artifact_write_byte(artifact_writer *writer, char byte) { artifact_write(writer, &byte, 1); }

int32_t artifact_close(artifact_writer *writer, int32_t status) {
  if (status == OMPHALOS_OK) status = artifact_flush(writer);
  const omphalos_store *store = writer->call->store;
  if (status == OMPHALOS_OK) {
    int32_t committed = store->commit(writer->call->handle, writer->artifact);
    if (committed != OMPHALOS_OK) status = fail(writer, "commit", committed);
  } else {
    store->discard(writer->call->handle, writer->artifact); /* the first failure is the one to report */
  }
  release(writer);
  return status;
}

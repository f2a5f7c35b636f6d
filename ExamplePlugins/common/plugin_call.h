/* What a capability does with its call, whatever it reads or writes: fail with a sentence, read its configuration,
 * write an artifact through a buffer. */
#ifndef EXAMPLES_PLUGIN_CALL_H
#define EXAMPLES_PLUGIN_CALL_H

#include <omphalos/plugin.h>
#include <stdarg.h>
#include <stdbool.h>

#include "json_reader.h"

#ifdef __cplusplus
extern "C" {
#endif

/* ---- Failing ----------------------------------------------------------------------------------------------------- */

/* Tells the host why the call is about to fail. Bytes that are not UTF-8 become question marks. [result] `code` */
__attribute__((format(printf, 3, 4))) int32_t plugin_fail(const omphalos_call *call, int32_t code, const char *format,
                                                          ...);

/* The status for an errno value of an Arrow stream, and the other way round. */
int32_t plugin_status_from_errno(int error);
int plugin_errno_from_status(int32_t status);

/* 0, or E_CANCELLED if the run is being cancelled. */
int32_t plugin_check_cancelled(const omphalos_call *call);

/* ---- Configuration ----------------------------------------------------------------------------------------------- */

/* A failure sticks: read all that is wanted, then look at `status` once. Texts live until `plugin_config_close`. */
typedef struct plugin_config {
  const omphalos_call *call;
  json_document document;
  int32_t status;
} plugin_config;

void plugin_config_open(plugin_config *config, const omphalos_call *call);
void plugin_config_close(plugin_config *config);
/* The member, or NULL if there is none or the configuration is broken. */
const json_node *plugin_config_member(const plugin_config *config, const char *key);
const char *plugin_config_text(plugin_config *config, const char *key, const char *otherwise);
bool plugin_config_bool(plugin_config *config, const char *key, bool otherwise);
int64_t plugin_config_integer(plugin_config *config, const char *key, int64_t otherwise, int64_t least, int64_t most);

/* ---- Writing ----------------------------------------------------------------------------------------------------- */

/* One artifact, written through a buffer so that rows of a few bytes do not each cross into the host. */
typedef struct artifact_writer {
  const omphalos_call *call;
  char *path;
  uint64_t artifact;
  char *buffer;
  size_t used;
  uint64_t written; /* bytes given to artifact_write so far */
  int32_t status;   /* of the first failure; later writes do nothing */
} artifact_writer;

typedef struct artifact_kind {
  const char *media_type;
  const char *role;
  const char *description;
} artifact_kind;

/* What `create` and `stage` take. Points into `kind`. */
omphalos_artifact_options artifact_options(const artifact_kind *kind);
/* Reports that the store refused something: `verb` is "create", "write", "commit". [result] `status` */
int32_t artifact_fail(const omphalos_call *call, const char *verb, const char *path, int32_t status);

/* [result] status, reported. After a failure nothing is left to close. */
int32_t artifact_create(artifact_writer *writer, const omphalos_call *call, const char *path,
                        const artifact_kind *kind);
/* A failure is reported once and kept in `writer->status`. */
void artifact_write(artifact_writer *writer, const void *bytes, size_t length);
void artifact_write_byte(artifact_writer *writer, char byte);
/* Hands over what is buffered. [result] status */
int32_t artifact_flush(artifact_writer *writer);
/* Publishes the artifact if `status` and all writes succeeded, else discards it. [result] the first failure, or 0 */
int32_t artifact_close(artifact_writer *writer, int32_t status);

#ifdef __cplusplus
}
#endif
#endif

#include "plugin_call.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "utf8.h"

int32_t plugin_fail(const omphalos_call *call, int32_t code, const char *format, ...) {
  char text[1024];
  va_list arguments;
  va_start(arguments, format);
  int wanted = vsnprintf(text, sizeof text, format, arguments);
  va_end(arguments);
  size_t length = wanted < 0 ? 0 : (size_t)wanted < sizeof text ? (size_t)wanted : sizeof text - 1;
  for (size_t at = 0; (at += utf8_valid_prefix(text + at, length - at)) < length; at++) text[at] = '?';
  call->set_error(call->handle, code, text, length);
  return code;
}

int32_t plugin_status_from_errno(int error) {
  switch (error) {
    case 0: return OMPHALOS_OK;
    case ENOMEM: return OMPHALOS_E_MEMORY;
    case ECANCELED: return OMPHALOS_E_CANCELLED;
    case EIO: return OMPHALOS_E_IO;
    default: return OMPHALOS_E_DATA;
  }
}

int plugin_errno_from_status(int32_t status) {
  switch (status) {
    case OMPHALOS_OK: return 0;
    case OMPHALOS_E_MEMORY: return ENOMEM;
    case OMPHALOS_E_CANCELLED: return ECANCELED;
    case OMPHALOS_E_IO: return EIO;
    default: return EINVAL;
  }
}

int32_t plugin_check_cancelled(const omphalos_call *call) {
  if (call->is_cancelled(call->handle) == 0) return OMPHALOS_OK;
  return plugin_fail(call, OMPHALOS_E_CANCELLED, "the run is being cancelled");
}

/* ---- Configuration ----------------------------------------------------------------------------------------------- */

void plugin_config_open(plugin_config *config, const omphalos_call *call) {
  memset(config, 0, sizeof *config);
  config->call = call;
  size_t offset = 0;
  int error = json_parse(&config->document, call->config, call->config_len, &offset);
  if (error == ENOMEM) {
    config->status = plugin_fail(call, OMPHALOS_E_MEMORY, "there is no memory for the configuration");
  } else if (error != 0) {
    config->status = plugin_fail(call, OMPHALOS_E_CONFIG, "the configuration is not JSON at byte %zu", offset);
  } else if (config->document.nodes[0].kind != JSON_OBJECT) {
    config->status = plugin_fail(call, OMPHALOS_E_CONFIG, "the configuration is no JSON object");
  }
}

void plugin_config_close(plugin_config *config) { json_free(&config->document); }

const json_node *plugin_config_member(const plugin_config *config, const char *key) {
  return config->status != 0 ? NULL : json_member(&config->document.nodes[0], key);
}

static void refuse_type(plugin_config *config, const char *key, const char *wanted) {
  config->status = plugin_fail(config->call, OMPHALOS_E_CONFIG, "configuration `%s` must be %s", key, wanted);
}

const char *plugin_config_text(plugin_config *config, const char *key, const char *otherwise) {
  const json_node *node = plugin_config_member(config, key);
  if (node == NULL) return otherwise;
  if (node->kind == JSON_STRING && strlen(node->text) == node->length) return node->text;
  refuse_type(config, key, "a text without NUL");
  return otherwise;
}

bool plugin_config_bool(plugin_config *config, const char *key, bool otherwise) {
  const json_node *node = plugin_config_member(config, key);
  if (node == NULL) return otherwise;
  if (node->kind == JSON_TRUE || node->kind == JSON_FALSE) return node->kind == JSON_TRUE;
  refuse_type(config, key, "true or false");
  return otherwise;
}

int64_t plugin_config_integer(plugin_config *config, const char *key, int64_t otherwise, int64_t least, int64_t most) {
  const json_node *node = plugin_config_member(config, key);
  if (node == NULL) return otherwise;
  if (node->kind == JSON_NUMBER && node->is_integer && node->integer >= least && node->integer <= most)
    return node->integer;
  char wanted[96];
  snprintf(wanted, sizeof wanted, "an integer from %" PRId64 " to %" PRId64, least, most);
  refuse_type(config, key, wanted);
  return otherwise;
}

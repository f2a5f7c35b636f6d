/* The exporter `database`: every dataset a table of one SQLite database. */
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "capabilities.h"
#include "table.h"

typedef struct options {
  const char *path;
  const json_node *tables; /* NULL where no name is given */
  bool null_for_nan;
} options;

static bool is_dataset(const char *name, const omphalos_dataset *const *inputs, size_t count) {
  for (size_t i = 0; i < count; i++) {
    if (inputs[i]->name_len == strlen(name) && memcmp(inputs[i]->name, name, inputs[i]->name_len) == 0) return true;
  }
  return false;
}

/* A name for a dataset that is not there would be a misspelling that nobody notices. */
static int32_t check_tables(const plugin_config *config, const json_node *tables,
                            const omphalos_dataset *const *inputs, size_t count) {
  if (tables->kind != JSON_OBJECT)
    return plugin_fail(config->call, OMPHALOS_E_CONFIG, "configuration `tables` must be an object");
  for (const json_node *node = tables->first; node != NULL; node = node->next) {
    if (!is_dataset(node->key, inputs, count))
      return plugin_fail(config->call, OMPHALOS_E_CONFIG,
                         "configuration `tables` names the dataset %s, which is no input of this export", node->key);
    if (node->kind != JSON_STRING || node->length == 0 || strlen(node->text) != node->length)
      return plugin_fail(config->call, OMPHALOS_E_CONFIG, "configuration `tables.%s` must be a text without NUL",
                         node->key);
  }
  return OMPHALOS_OK;
}

static int32_t read_options(plugin_config *config, const omphalos_dataset *const *inputs, size_t count,
                            options *result) {
  const char *nan = plugin_config_text(config, "nan", "fail");
  result->path = plugin_config_text(config, "path", "warehouse/warehouse.sqlite");
  result->tables = plugin_config_member(config, "tables");
  result->null_for_nan = strcmp(nan, "null") == 0;
  if (config->status == OMPHALOS_OK && !result->null_for_nan && strcmp(nan, "fail") != 0)
    config->status = plugin_fail(config->call, OMPHALOS_E_CONFIG, "configuration `nan` must be fail or null");
  if (config->status == OMPHALOS_OK && result->tables != NULL)
    config->status = check_tables(config, result->tables, inputs, count);
  return config->status;
}

static int32_t write_table(database *db, const omphalos_dataset *dataset, const options *o) {
  char *name = malloc(dataset->name_len + 1);
  if (name == NULL) return plugin_fail(db->call, OMPHALOS_E_MEMORY, "there is no memory for the name of a dataset");
  memcpy(name, dataset->name, dataset->name_len);
  name[dataset->name_len] = 0;
  const json_node *given = o->tables == NULL ? NULL : json_member(o->tables, name);
  int32_t status = table_write(db, dataset, given == NULL ? name : given->text, o->null_for_nan);
  free(name);
  return status;
}

static int32_t write_database(const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count, int fd,
                              const options *o) {
  database db;
  int32_t status = database_open(&db, call, fd);
  if (status != OMPHALOS_OK) return status;
  for (size_t i = 0; i < count && status == OMPHALOS_OK; i++) status = write_table(&db, inputs[i], o);
  return database_close(&db, status);
}

static int32_t export_to(const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count,
                         const options *o) {
  const artifact_kind kind = {"application/vnd.sqlite3", "warehouse", "An SQLite database"};
  const omphalos_artifact_options artifact_kind_options = artifact_options(&kind);
  uint64_t artifact = 0;
  int32_t fd = -1;
  int32_t status = call->store->stage(call->handle, o->path, strlen(o->path), &artifact_kind_options, &artifact, &fd);
  if (status != OMPHALOS_OK) return artifact_fail(call, "create", o->path, status);
  status = write_database(call, inputs, count, fd, o);
  close(fd); /* the bytes are in the file, and the store has a descriptor of its own */
  if (status != OMPHALOS_OK) {
    call->store->discard(call->handle, artifact); /* the first failure is the one to report */
    return status;
  }
  status = call->store->commit(call->handle, artifact);
  return status == OMPHALOS_OK ? OMPHALOS_OK : artifact_fail(call, "commit", o->path, status);
}

static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
  (void)state;
  plugin_config config;
  plugin_config_open(&config, call);
  options o;
  int32_t status = read_options(&config, inputs, count, &o);
  if (status == OMPHALOS_OK) status = export_to(call, inputs, count, &o);
  plugin_config_close(&config);
  return status;
}

const omphalos_exporter exporter_database = {sizeof(omphalos_exporter), 0, run};

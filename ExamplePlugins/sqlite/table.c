#include "table.h"

#include <inttypes.h>
#include <math.h>
#include <stdio.h>
#include <string.h>

#include "../common/value_text.h"

typedef struct table_state {
  database *db;
  const omphalos_dataset *dataset;
  const char *name;
  bool null_for_nan;
  sqlite3_stmt *insert;
} table_state;

/* Reports a failure of SQLite with what was being done to which table. */
static int32_t fail(const table_state *t, const char *verb, uint64_t row) {
  char what[400];
  if (row == 0)
    snprintf(what, sizeof what, "%s the table \"%.128s\" for the dataset %.*s", verb, t->name,
             (int)t->dataset->name_len, t->dataset->name);
  else
    snprintf(what, sizeof what, "%s row %" PRIu64 " of the table \"%.128s\"", verb, row, t->name);
  return database_fail(t->db, what);
}

/* ---- The columns ------------------------------------------------------------------------------------------------- */

static const char *type_of(const arrow_field *field) {
  switch (field->kind) {
    case ARROW_KIND_BOOL:
    case ARROW_KIND_INT:
    case ARROW_KIND_UINT: return "INTEGER";
    case ARROW_KIND_FLOAT: return "REAL";
    case ARROW_KIND_TEXT:
    case ARROW_KIND_DATE:
    case ARROW_KIND_TIMESTAMP: return "TEXT";
    case ARROW_KIND_BINARY: return "BLOB";
    case ARROW_KIND_NULL: break;
  }
  return "ANY";
}

/* The statement that makes the table, or the one that inserts a row; NULL without memory, or with too long a result. */
static char *create_sql(const table_state *t, const arrow_table *table) {
  sqlite3_str *sql = sqlite3_str_new(t->db->handle);
  sqlite3_str_appendf(sql, "CREATE TABLE \"%w\" (", t->name);
  for (size_t i = 0; i < table->column_count; i++)
    sqlite3_str_appendf(sql, "%s\"%w\" %s", i == 0 ? "" : ", ", table->fields[i].name, type_of(&table->fields[i]));
  sqlite3_str_appendall(sql, ") STRICT");
  return sqlite3_str_finish(sql);
}

static char *insert_sql(const table_state *t, const arrow_table *table) {
  sqlite3_str *sql = sqlite3_str_new(t->db->handle);
  sqlite3_str_appendf(sql, "INSERT INTO \"%w\" VALUES (", t->name);
  for (size_t i = 0; i < table->column_count; i++) sqlite3_str_appendall(sql, i == 0 ? "?" : ", ?");
  sqlite3_str_appendall(sql, ")");
  return sqlite3_str_finish(sql);
}

static int32_t begin(void *context, const arrow_table *table) {
  table_state *t = context;
  if (table->column_count == 0)
    return plugin_fail(t->db->call, OMPHALOS_E_DATA, "the dataset %.*s has no columns, and a table of SQLite has one",
                       (int)t->dataset->name_len, t->dataset->name);
  char *create = create_sql(t, table), *insert = insert_sql(t, table);
  int32_t status = OMPHALOS_OK;
  if (create == NULL || insert == NULL)
    status = plugin_fail(t->db->call, OMPHALOS_E_MEMORY, "there is no memory for the columns of the table \"%s\"", t->name);
  else if (sqlite3_exec(t->db->handle, create, NULL, NULL, NULL) != SQLITE_OK)
    status = fail(t, "make", 0);
  else if (sqlite3_prepare_v2(t->db->handle, insert, -1, &t->insert, NULL) != SQLITE_OK)
    status = fail(t, "prepare", 0);
  sqlite3_free(create);
  sqlite3_free(insert);
  return status;
}

/* ---- The rows ---------------------------------------------------------------------------------------------------- */

static int32_t refuse(const table_state *t, const arrow_view *view, uint64_t number, const char *why) {
  return plugin_fail(t->db->call, OMPHALOS_E_DATA, "row %" PRIu64 ", column \"%s\": %s", number, view->field->name, why);
}

static int32_t bound(const table_state *t, int result, uint64_t number) {
  return result == SQLITE_OK ? OMPHALOS_OK : fail(t, "fill", number);
}

static int32_t bind_float(const table_state *t, const arrow_view *view, int64_t row, int place, uint64_t number) {
  double value = arrow_float_at(view, row);
  if (isnan(value) && !t->null_for_nan)
    return refuse(t, view, number, "SQLite has no nan (`nan: \"null\"` writes NULL)");
  return bound(t, sqlite3_bind_double(t->insert, place, value), number); /* nan becomes NULL there */
}

static int32_t bind_bytes(const table_state *t, const arrow_view *view, int64_t row, int place, uint64_t number) {
  const char *bytes = NULL;
  size_t length = 0;
  bool is_text = view->field->kind == ARROW_KIND_TEXT;
  int32_t status = is_text ? dataset_text(t->db->call, view, row, number, &bytes, &length)
                           : dataset_bytes(t->db->call, view, row, number, &bytes, &length);
  if (status != OMPHALOS_OK) return status;
  if (!is_text) return bound(t, sqlite3_bind_blob64(t->insert, place, bytes, length, SQLITE_STATIC), number);
  if (memchr(bytes, 0, length) != NULL) return refuse(t, view, number, "SQLite's text ends at a NUL, which this one has");
  return bound(t, sqlite3_bind_text64(t->insert, place, bytes, length, SQLITE_STATIC, SQLITE_UTF8), number);
}

static int32_t bind_value(const table_state *t, const arrow_view *view, int64_t row, int place, uint64_t number) {
  char text[VALUE_TEXT_MAX];
  uint64_t whole = 0;
  if (arrow_is_null(view, row)) return bound(t, sqlite3_bind_null(t->insert, place), number);
  switch (view->field->kind) {
    case ARROW_KIND_BOOL: return bound(t, sqlite3_bind_int(t->insert, place, arrow_bool_at(view, row)), number);
    case ARROW_KIND_INT: return bound(t, sqlite3_bind_int64(t->insert, place, arrow_int_at(view, row)), number);
    case ARROW_KIND_UINT:
      whole = arrow_uint_at(view, row);
      if (whole > INT64_MAX) return refuse(t, view, number, "SQLite's whole numbers end at 2^63 - 1");
      return bound(t, sqlite3_bind_int64(t->insert, place, (sqlite3_int64)whole), number);
    case ARROW_KIND_FLOAT: return bind_float(t, view, row, place, number);
    case ARROW_KIND_TEXT:
    case ARROW_KIND_BINARY: return bind_bytes(t, view, row, place, number);
    default: /* dates and times */
      return bound(t,
                   sqlite3_bind_text64(t->insert, place, text, value_text(view, row, text), SQLITE_TRANSIENT, SQLITE_UTF8),
                   number);
  }
}

static int32_t write_row(void *context, const arrow_table *table, const arrow_view *views, int64_t row,
                         uint64_t number) {
  const table_state *t = context;
  for (size_t i = 0; i < table->column_count; i++) {
    int32_t status = bind_value(t, &views[i], row, (int)i + 1, number);
    if (status != OMPHALOS_OK) return status;
  }
  if (sqlite3_step(t->insert) != SQLITE_DONE) return fail(t, "write", number);
  return sqlite3_reset(t->insert) == SQLITE_OK ? OMPHALOS_OK : fail(t, "write", number);
}

int32_t table_write(database *db, const omphalos_dataset *dataset, const char *name, bool null_for_nan) {
  table_state t = {db, dataset, name, null_for_nan, NULL};
  const dataset_consumer consumer = {true, begin, write_row, &t};
  int32_t status = dataset_read(db->call, dataset, &consumer);
  sqlite3_finalize(t.insert);
  return status;
}

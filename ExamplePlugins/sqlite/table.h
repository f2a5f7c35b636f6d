/* A dataset as a table of a database. */
#ifndef EXAMPLES_SQLITE_TABLE_H
#define EXAMPLES_SQLITE_TABLE_H

#include "../common/dataset_reading.h"
#include "database.h"

/* Makes the STRICT table `name` and writes every row of the dataset to it.
 *
 * Whole numbers and truth (0, 1) are INTEGER, floats REAL, text TEXT, dates and times TEXT in ISO 8601, bytes BLOB; a
 * column of nothing but nulls is ANY. What SQLite cannot hold exactly (whole numbers from 2^63 on, NaN unless
 * `null_for_nan`, NUL in text) is refused with row and column.
 *
 * [result] status, reported */
int32_t table_write(database *db, const omphalos_dataset *dataset, const char *name, bool null_for_nan);

#endif

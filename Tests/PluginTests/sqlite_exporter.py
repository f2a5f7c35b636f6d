#!/usr/bin/env python3
"""The sqlite plugin against Python's sqlite3: values, types, bytes, and every way to fail half-way.

Needs the plugin, which is built where SQLite's header is found, and the standard library; without the plugin the exit code
is 77. CC names the compiler for the driver. Types that the csv plugin does not make are in arrow_conformance.py.
"""
import itertools
import pathlib
import sqlite3
import subprocess
import tempfile
import unittest

import support
from support import E_CANCELLED, E_CONFIG, E_DATA, E_NO_SPACE, Driver, fails, python_bytes

if not (support.OPTIONAL / "sqlite.so").exists():
    support.skip("sqlite.so is not built")

driver = Driver()
FOLDER = tempfile.TemporaryDirectory(prefix="plugin-tests-")
DEFAULT = "warehouse/warehouse.sqlite"
numbers = itertools.count()


def opened(data):
    """A connection to the database that these bytes are, checked."""
    path = pathlib.Path(FOLDER.name) / ("%d.sqlite" % next(numbers))
    path.write_bytes(data)
    connection = sqlite3.connect(path)
    assert connection.execute("PRAGMA integrity_check").fetchall() == [("ok",)]
    return connection


def database(data, connector_config=None, dataset="t", **config):
    return opened(driver.one(data, "sqlite/database", connector_config, config, dataset))


def typed_rows(connection, table="t"):
    names = [row[1] for row in connection.execute("PRAGMA table_info(%s)" % quoted(table))]
    columns = ", ".join("%s, typeof(%s)" % (quoted(n), quoted(n)) for n in names)
    return connection.execute("SELECT %s FROM %s ORDER BY rowid" % (columns, quoted(table))).fetchall()


def quoted(name):
    return '"%s"' % name.replace('"', '""')


class Values(unittest.TestCase):
    def test_values_and_types_are_those_of_the_dataset(self):
        data = (b"i,f,b,d,s\n9223372036854775807,0.1,true,2024-02-29,x\n,,,,\n"
                b"-9223372036854775808,1e+16,false,1969-12-31,\xf0\x9f\x98\x80 'a'\n")
        self.assertEqual(typed_rows(database(data)), [
            (9223372036854775807, "integer", 0.1, "real", 1, "integer", "2024-02-29", "text", "x", "text"),
            (None, "null", None, "null", None, "null", None, "null", "", "text"),
            (-9223372036854775808, "integer", 1e16, "real", 0, "integer", "1969-12-31", "text", "😀 'a'", "text")])

    def test_the_table_is_strict(self):
        connection = database(b"i\n1\n")
        with self.assertRaisesRegex(sqlite3.Error, "cannot store TEXT value in INTEGER column"):
            connection.execute("INSERT INTO t VALUES ('x')")

    def test_names_are_taken_as_they_are(self):
        for name in ('a "quoted" one', "it's; DROP TABLE t --", "select", "é[x]`", "a.b"):
            data = python_bytes([[name, "b"], ["1", "2"]])
            connection = database(data, dataset="feed", tables={"feed": name})
            self.assertEqual(typed_rows(connection, name), [(1, "integer", 2, "integer")])
            self.assertEqual(connection.execute("SELECT name FROM sqlite_schema").fetchall(), [(name,)])

    def test_no_rows_are_an_empty_table(self):
        self.assertEqual(typed_rows(database(b"a,b\n")), [])

    def test_many_rows_of_many_sizes_are_whole(self):
        rows = [[i, "x" * (i * 37 % 9000)] for i in range(3000)]
        found = database(python_bytes([["i", "s"], *rows])).execute("SELECT i, s FROM t ORDER BY rowid").fetchall()
        self.assertEqual(found, [tuple(r) for r in rows])

    def test_the_same_rows_are_the_same_bytes_whatever_the_batches(self):
        data = python_bytes([["i", "s"], *[[i, "x" * (i * 37 % 900)] for i in range(5000)]])
        made = {driver.one(data, "sqlite/database", {"batch_rows": size}) for size in (1, 7, 5000, 5000)}
        self.assertEqual(len(made), 1)

    def test_the_file_is_one_page_size_one_encoding_and_no_journal(self):
        header = driver.one(b"a\n1\n", "sqlite/database")[:100]
        self.assertEqual(header[:16], b"SQLite format 3\0")
        self.assertEqual(int.from_bytes(header[16:18], "big"), 4096)
        self.assertEqual(header[18:20], b"\1\1")  # readable and writable without a write-ahead log
        self.assertEqual(int.from_bytes(header[56:60], "big"), 1)  # UTF-8

    def test_path_is_where_it_is_written(self):
        self.assertEqual(list(driver.convert(b"a\n1\n", "sqlite/database")), [DEFAULT])
        made = driver.convert(b"a\n1\n", "sqlite/database", {}, {"path": "exports/x/y.db"})
        self.assertEqual(list(made), ["exports/x/y.db"])

    def test_negative_zero_becomes_zero(self):
        rows = database(b"f\n-0.0\n", {"columns": [{"name": "f", "type": "float64"}]}).execute("SELECT f FROM t")
        self.assertEqual(repr(rows.fetchall()), "[(0.0,)]")

    def test_not_a_number_stops_the_export_or_becomes_null_and_infinity_stays(self):
        columns = {"columns": [{"name": "f", "type": "float64"}]}
        with fails(self, E_DATA, 'row 2, column "f": SQLite has no nan'):
            database(b"f\ninf\nnan\n", columns)
        self.assertEqual(typed_rows(database(b"f\ninf\nnan\n-inf\n", columns, nan="null")),
                         [(float("inf"), "real"), (None, "null"), (float("-inf"), "real")])


class Refusals(unittest.TestCase):
    def test_wrong_configurations_are_refused(self):
        for config, words in (({"nan": "zero"}, "`nan`"), ({"path": 1}, "`path` must be a text"),
                              ({"tables": []}, "`tables` must be an object"),
                              ({"tables": {"u": "x"}}, "`tables` names the dataset u, which is no input"),
                              ({"tables": {"t": ""}}, "`tables.t` must be a text"),
                              ({"tables": {"t": "a\0b"}}, "`tables.t` must be a text without NUL")):
            with fails(self, E_CONFIG, words):
                driver.one(b"a\n1\n", "sqlite/database", {}, config)

    def test_what_sqlite_refuses_is_told_with_the_table(self):
        with fails(self, 1, 'cannot make the table "sqlite_x" for the dataset t', "reserved for internal use"):
            driver.one(b"a\n1\n", "sqlite/database", {}, {"tables": {"t": "sqlite_x"}})
        with fails(self, 1, 'cannot make the table "t"', "duplicate column name: A"):
            driver.one(b"a,A\n1,2\n", "sqlite/database")
        with fails(self, 1, 'cannot make the table "t"', "too many columns"):
            driver.one(python_bytes([["c%d" % i for i in range(3000)], [1] * 3000]), "sqlite/database")

    def test_text_with_a_nul_is_refused(self):
        with fails(self, E_DATA, 'row 1, column "a": SQLite\'s text ends at a NUL'):
            driver.one(b"a\nx\0y\n", "sqlite/database")

    def test_an_error_in_the_middle_of_the_data_leaves_no_file(self):
        with fails(self, E_DATA, "line 1002: 1 field"):
            driver.one(python_bytes([["a", "b"], *[[1, 2]] * 1000]) + b"x\n", "sqlite/database", {"infer": False})

    def test_cancelling_stops_it_and_leaves_no_file(self):
        for after in (0, 3):
            with fails(self, E_CANCELLED):
                driver.convert(python_bytes([["a"], *[[i] for i in range(100)]]), "sqlite/database", {"batch_rows": 10},
                               cancel_after=after)

    def test_a_full_disk_is_reported_and_leaves_no_file(self):
        with fails(self, E_NO_SPACE, "database or disk is full (errno 28)"):
            driver.convert(b"a\n1\n", "sqlite/database", write_after=0)

    @unittest.skipIf(driver.program, "the driver was built without allocation faults")
    def test_every_allocation_may_fail(self):
        program = support.compile_c(support.SOURCES + ["plugin_driver.c", "alloc_faults.c"],
                                    pathlib.Path(FOLDER.name) / "plugin_driver", "-DWITH_ALLOC_FAULTS", "-rdynamic")
        data = python_bytes([["a", "b"], *[[i, "x%d" % i] for i in range(40)]])
        _, job = driver.job(data, "sqlite/database", {"batch_rows": 16}, {"tables": {"t": "u"}})
        fields = ("directory", "connector", "connector_name", "connector_config", "input", "exporter", "exporter_name",
                  "exporter_config", "dataset")
        done = subprocess.run([program, "faults", *[getattr(job, f) for f in fields], DEFAULT], capture_output=True,
                              text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(int(done.stdout.split()[0]), 100)


if __name__ == "__main__":
    unittest.main()

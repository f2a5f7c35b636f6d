#!/usr/bin/env python3
"""pyarrow judges the connector's streams, and feeds the exporters with types that the connector does not make.

Needs pyarrow (tried with 26.0.1); without it the exit code is 77. CONFORMANCE_ROWS: rows of the generated feed (default
100000), which needs OMPHALOS_SHARED.
"""
import contextlib
import csv
import ctypes
import datetime
import gc
import io
import json
import os
import sqlite3
import subprocess
import sys
import unittest

import support
from support import E_DATA, Driver, Faults, Job, fails

try:
    import pyarrow as pa
except ImportError:
    support.skip("pyarrow is not installed; python3 -m venv v && v/bin/pip install pyarrow==26.0.1")
if os.environ.get("PLUGIN_TEST_DRIVER"):
    support.skip("pyarrow needs the driver as a library, and PLUGIN_TEST_DRIVER is set")

driver = Driver()


def open_stream(data, **config):
    """A pyarrow reader on the connector's stream."""
    _, job = driver.job(data, "csv/table", config, {})
    memory = (ctypes.c_byte * 40)()
    status = driver.library.driver_connect(ctypes.byref(job), Faults(-1, -1), ctypes.byref(memory))
    if status != 0:
        raise support.Failed(status, driver.library.driver_error().decode())
    return pa.RecordBatchReader._import_from_c(ctypes.addressof(memory))


def read_all(data, **config):
    """The whole table, every batch fully validated."""
    with open_stream(data, **config) as reader:
        batches = list(reader)
        for batch in batches:
            batch.validate(full=True)
        table = pa.Table.from_batches(batches, reader.schema)
    table.validate(full=True)
    return table


def export(table, exporter, config=None, dataset="t", max_chunksize=None):
    """What an exporter makes of a pyarrow table."""
    folder, job = driver.job(b"", exporter, {}, config or {}, dataset)
    memory = (ctypes.c_byte * 40)()
    reader = pa.RecordBatchReader.from_batches(table.schema, table.to_batches(max_chunksize))
    reader._export_to_c(ctypes.addressof(memory))
    status = driver.library.driver_export(ctypes.byref(job), Faults(-1, -1), ctypes.byref(memory))
    # Importing it back is the way to release a stream from Python.
    pa.RecordBatchReader._import_from_c(ctypes.addressof(memory)).close()
    if status != 0:
        raise support.Failed(status, driver.library.driver_error().decode())
    return next(p for p in (folder / "exports").iterdir()).read_bytes()


class Streams(unittest.TestCase):
    def tearDown(self):
        gc.collect()
        self.assertEqual(driver.library.checked_live_objects(), 0, "not everything was released")

    def test_types_and_nulls_are_what_the_file_says(self):
        table = read_all(b"i,f,b,d,s\n1,0.5,true,2024-02-29,x\n,,,,\n-7,1e+16,false,1969-12-31,\xf0\x9f\x98\x80\n")
        self.assertEqual(table.schema, pa.schema([("i", pa.int64()), ("f", pa.float64()), ("b", pa.bool_()),
                                                  ("d", pa.date32()), ("s", pa.utf8())]))
        self.assertEqual(table.to_pydict(), {
            "i": [1, None, -7], "f": [0.5, None, 1e16], "b": [True, None, False],
            "d": [datetime.date(2024, 2, 29), None, datetime.date(1969, 12, 31)], "s": ["x", "", "😀"]})

    def test_batches_hold_the_rows_that_were_asked_for(self):
        data = b"a,b\n" + b"".join(b"%d,%s\n" % (i, b"" if i % 3 else b"true") for i in range(1000))
        for size in (1, 7, 8, 9, 64, 333, 1000, 5000):
            reader = open_stream(data, batch_rows=size)
            lengths = [len(b) for b in reader]
            self.assertEqual(lengths, [size] * (1000 // size) + ([1000 % size] if 1000 % size else []))
            reader.close()
            self.assertEqual(read_all(data, batch_rows=size).to_pydict(), {
                "a": list(range(1000)), "b": [None if i % 3 else True for i in range(1000)]})

    def test_a_batch_ends_after_sixteen_megabytes_too(self):
        data = b"a\n" + (b"x" * (1 << 20) + b"\n") * 40
        self.assertEqual([len(b) for b in open_stream(data)], [16, 16, 8])

    def test_arrays_outlive_the_stream(self):
        reader = open_stream(b"a,b\nx,1\ny,2\n")
        batch = reader.read_next_batch()
        reader.close()
        del reader
        gc.collect()
        batch.validate(full=True)
        self.assertEqual(batch.to_pydict(), {"a": ["x", "y"], "b": [1, 2]})

    def test_a_column_outlives_its_batch(self):
        reader = open_stream(b"a,b\nx,1\ny,2\n")
        column = reader.read_next_batch().column(1)
        reader.close()
        del reader
        gc.collect()
        self.assertEqual(column.to_pylist(), [1, 2])

    def test_a_stream_may_be_left_before_its_end(self):
        reader = open_stream(b"a\n" + b"1\n" * 100, batch_rows=10)
        reader.read_next_batch()
        reader.close()

    def test_no_rows_give_a_schema_and_no_batch(self):
        self.assertEqual(read_all(b"a,b\n").schema.names, ["a", "b"])
        self.assertEqual(list(open_stream(b"a,b\n")), [])

    def test_an_error_in_the_middle_has_a_text(self):
        reader = open_stream(b"a,b\n1,2\n3\n", infer=False, batch_rows=1)
        self.assertEqual(len(reader.read_next_batch()), 1)
        for _ in range(2):
            with self.assertRaisesRegex(Exception, "line 3: 1 field, wanted 2"):
                reader.read_next_batch()


class WholeTables(unittest.TestCase):
    def same(self, path, **config):
        with open(path, encoding="utf-8", newline="") as stream:
            head, *rows = csv.reader(stream)
        table = read_all(path, infer=False, **config)
        self.assertEqual(table.schema.names, head)
        self.assertEqual(table.num_rows, len(rows))
        for name, column in zip(head, zip(*rows)):
            self.assertEqual(table.column(name).to_pylist(), list(column), name)
        typed = read_all(path, **config)
        out = io.StringIO(newline="")
        written = csv.writer(out, lineterminator="\n")
        written.writerow(head)
        written.writerows(zip(*(self.text(c) for c in typed.columns)))
        self.assertEqual(out.getvalue().encode(), path.read_bytes())
        self.assertEqual(export(typed, "csv/table"), path.read_bytes())
        return typed

    @staticmethod
    def text(column):
        """Values as csv.writer is to see them; only Arrow's truth values look otherwise than in the file."""
        return [{True: "true", False: "false"}[v] if isinstance(v, bool) else v for v in column.to_pylist()]

    def test_the_demo_tables(self):
        for path in sorted((support.ROOT / "ExamplePlugins" / "data").glob("*.csv")):
            self.same(path)

    @unittest.skipUnless((support.SHARED / "data").is_dir(), "needs the shared tables")
    def test_the_full_tables(self):
        self.assertEqual(self.same(support.SHARED / "data" / "sanctioned_entities.csv").num_rows, 8111)
        self.assertEqual(self.same(support.SHARED / "data" / "harmonized_system.csv").num_rows, 6940)

    @unittest.skipUnless((support.SHARED / "tools").is_dir(), "needs the shared generator")
    def test_a_generated_feed(self):
        rows = int(os.environ.get("CONFORMANCE_ROWS", "100000"))
        feed = driver.folder / "feed.csv"
        subprocess.run([sys.executable, support.SHARED / "tools" / "make_trade_feed.py", "--rows", str(rows), "--out",
                        feed], check=True, stdout=subprocess.DEVNULL)
        table = self.same(feed)
        self.assertEqual(table.num_rows, rows)
        self.assertEqual(table.schema.field("ship_date").type, pa.date32())
        self.assertEqual(table.schema.field("hs_code").type, pa.utf8())


class Exporters(unittest.TestCase):
    def records(self, table, **config):
        return [json.loads(line) for line in export(table, "jsonl/records", config).decode().splitlines()]

    def test_every_width_of_number_is_exact(self):
        ends = {}
        for bits in (8, 16, 32, 64):
            ends["i%d" % bits] = pa.array([-(1 << bits - 1), None, (1 << bits - 1) - 1], "int%d" % bits)
            ends["u%d" % bits] = pa.array([0, None, (1 << bits) - 1], "uint%d" % bits)
        ends["f32"] = pa.array([0.1, None, -1.5], pa.float32())
        ends["f64"] = pa.array([0.1, None, 5e-324])
        ends["none"] = pa.nulls(3)
        table = pa.table(ends)
        self.assertEqual(self.records(table), table.to_pylist())
        profile = json.loads(export(table, "profile/profile"))
        for column in profile["columns"][:-1]:
            values = [v for v in table.column(column["name"]).to_pylist() if v is not None]
            self.assertEqual((column["least"], column["greatest"]), (min(values), max(values)), column["name"])
        self.assertEqual((profile["columns"][-1]["type"], profile["columns"][-1]["nulls"]), ("null", 3))

    def test_slices_begin_where_they_say(self):
        table = pa.table({"i": pa.array([None, 1, 2, None, 4, 5, 6, 7, 8, 9, None, 11]),
                          "b": pa.array([True, None, False] * 4), "s": pa.array(["", "a", None, "bb"] * 3),
                          "l": pa.array(["", "é", None, "bb"] * 3, pa.large_utf8())})
        for start in range(12):
            for length in (1, 3, 12):
                part = table.slice(start, length)
                self.assertEqual(self.records(part), part.to_pylist())
                json.loads(export(part, "profile/profile"))

    def test_many_batches_make_one_file(self):
        table = pa.table({"i": list(range(1000)), "s": [str(i) * (i % 5) for i in range(1000)]})
        for size in (1, 7, 999):
            part = export(table, "csv/table", max_chunksize=size)
            self.assertEqual(part, b"i,s\n" + b"".join(b"%d,%s\n" % (i, str(i).encode() * (i % 5)) for i in range(1000)))

    def test_times_are_written_in_iso_8601(self):
        instant = datetime.datetime(1969, 12, 31, 23, 59, 59, 123456)
        table = pa.table({
            "s": pa.array([-1], pa.timestamp("s")), "ms": pa.array([-1], pa.timestamp("ms", "UTC")),
            "us": pa.array([instant], pa.timestamp("us")), "ns": pa.array([1], pa.timestamp("ns", "Europe/Paris")),
            "d": pa.array([datetime.date(2000, 2, 29)])})
        wanted = {"s": "1969-12-31T23:59:59", "ms": "1969-12-31T23:59:59.999Z", "us": "1969-12-31T23:59:59.123456",
                  "ns": "1970-01-01T00:00:00.000000001Z", "d": "2000-02-29"}
        self.assertEqual(self.records(table), [wanted])
        self.assertEqual(export(table, "csv/table").decode().splitlines()[1].split(","), list(wanted.values()))
        profile = json.loads(export(table, "profile/profile"))
        self.assertEqual({c["name"]: c["least"] for c in profile["columns"]}, wanted)

    def test_days_of_ten_thousand_years(self):
        days = pa.array(range(-719162, 2932897, 997), pa.int32()).cast(pa.date32())
        table = pa.table({"d": days})
        self.assertEqual([r["d"] for r in self.records(table)], [d.isoformat() for d in days.to_pylist()])
        self.assertEqual(read_all(export(table, "csv/table")).column("d").combine_chunks(), days)

    def test_what_cannot_be_written_is_refused_with_the_name_of_the_column(self):
        for exporter in ("csv/table", "jsonl/records", "profile/profile"):
            with fails(self, E_DATA, 'column "odd"', "+l"):
                export(pa.table({"odd": [[1]]}), exporter)
            with fails(self, E_DATA, 'column "odd"', "dictionary-encoded"):
                export(pa.table({"odd": pa.array(["a"]).dictionary_encode()}), exporter)
            bad = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xff"))
            with fails(self, E_DATA, 'column "odd"', "UTF-8"):
                export(pa.table({"odd": bad}), exporter)
            back = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\2\0\0\0\1\0\0\0"), pa.py_buffer(b"ab"))
            with fails(self, E_DATA, 'column "odd"', "not in order"):
                export(pa.table({"odd": back}), exporter)

    def test_two_columns_of_one_name_are_no_json(self):
        table = pa.Table.from_arrays([pa.array([1]), pa.array([2])], ["a", "a"])
        with fails(self, E_DATA, 'columns 1 and 2 are both named "a"'):
            export(table, "jsonl/records")

    def test_bytes_are_refused_with_the_name_of_the_column_where_the_format_has_none(self):
        for exporter in ("csv/table", "jsonl/records"):
            for kind, name in ((pa.binary(), "z"), (pa.large_binary(), "Z")):
                with fails(self, E_DATA, 'column "odd" has Arrow type %s, which this exporter does not write' % name):
                    export(pa.table({"odd": pa.array([b"x"], kind)}), exporter)


@unittest.skipUnless((support.OPTIONAL / "sqlite.so").exists(), "sqlite.so is not built")
class Databases(unittest.TestCase):
    def rows(self, table, **config):
        """The rows of the database, and the declared type of each column."""
        path = driver.folder / "read.sqlite"
        path.write_bytes(export(table, "sqlite/database", {"path": "exports/x", **config}))
        with contextlib.closing(sqlite3.connect(path)) as connection:
            self.assertEqual(connection.execute("PRAGMA integrity_check").fetchall(), [("ok",)])
            types = {row[1]: row[2] for row in connection.execute("PRAGMA table_info(t)")}
            return connection.execute("SELECT * FROM t ORDER BY rowid").fetchall(), types

    def same(self, table, **config):
        rows, types = self.rows(table, **config)
        self.assertEqual(rows, [tuple(row.values()) for row in table.to_pylist()])
        return types

    def test_every_width_of_number_is_exact(self):
        ends = {}
        for bits in (8, 16, 32, 64):
            ends["i%d" % bits] = pa.array([-(1 << bits - 1), None, (1 << bits - 1) - 1], "int%d" % bits)
            ends["u%d" % bits] = pa.array([0, None, min((1 << bits) - 1, (1 << 63) - 1)], "uint%d" % bits)
        self.assertEqual(set(self.same(pa.table(ends)).values()), {"INTEGER"})
        self.assertEqual(self.same(pa.table({"a": pa.array([0.1, None, -1.5], pa.float32()),
                                             "b": pa.array([0.1, None, 5e-324])})), {"a": "REAL", "b": "REAL"})

    def test_whole_numbers_that_sqlite_cannot_hold_are_refused(self):
        with fails(self, E_DATA, 'row 2, column "u": SQLite\'s whole numbers end at 2^63 - 1'):
            self.rows(pa.table({"u": pa.array([(1 << 63) - 1, 1 << 63], pa.uint64())}))

    def test_bytes_are_blobs_and_nulls_are_nulls(self):
        values = [b"", b"\0\xff", None, bytes(range(256)) * 40]
        table = pa.table({"z": pa.array(values, pa.binary()), "big": pa.array(values, pa.large_binary()),
                          "none": pa.nulls(4)})
        self.assertEqual(self.same(table), {"z": "BLOB", "big": "BLOB", "none": "ANY"})

    def test_times_are_text_in_iso_8601(self):
        table = pa.table({"s": pa.array([-1], pa.timestamp("s")), "ms": pa.array([-1], pa.timestamp("ms", "UTC")),
                          "d": pa.array([datetime.date(2000, 2, 29)])})
        rows, types = self.rows(table)
        self.assertEqual(rows, [("1969-12-31T23:59:59", "1969-12-31T23:59:59.999Z", "2000-02-29")])
        self.assertEqual(set(types.values()), {"TEXT"})

    def test_slices_begin_where_they_say(self):
        table = pa.table({"i": pa.array([None, 1, 2, None] * 3), "s": pa.array(["", "a", None, "bb"] * 3),
                          "z": pa.array([b"", b"a", None, b"\0"] * 3)})
        for start in range(12):
            for length in (1, 3, 12):
                self.same(table.slice(start, length))

    def test_what_cannot_be_written_is_refused_with_the_name_of_the_column(self):
        with fails(self, E_DATA, 'column "odd"', "+l"):
            self.rows(pa.table({"odd": [[1]]}))
        bad = pa.StringArray.from_buffers(1, pa.py_buffer(b"\0\0\0\0\2\0\0\0"), pa.py_buffer(b"\xff\xff"))
        with fails(self, E_DATA, 'column "odd"', "UTF-8"):
            self.rows(pa.table({"odd": bad}))
        with fails(self, E_DATA, "has no columns"):
            self.rows(pa.table({}))


@unittest.skipUnless((support.OPTIONAL / "digest.so").exists(), "digest.so is not built")
class Digests(unittest.TestCase):
    """The digest of an array must be that of the same values in another layout, and its nulls those of pyarrow."""

    def digest(self, table, **options):
        return json.loads(export(table, "digest/digest", **options))["columns"]

    TABLE = pa.table({
        "i8": pa.array([-128, None, 127] * 5, pa.int8()), "u64": pa.array([0, None, (1 << 64) - 1] * 5, pa.uint64()),
        "f32": pa.array([0.1, None, -1.5] * 5, pa.float32()), "b": pa.array([True, None, False] * 5),
        "s": pa.array(["", None, "😀"] * 5), "big": pa.array(["a", None, ""] * 5, pa.large_string()),
        "z": pa.array([b"\0", None, b"\xff"] * 5, pa.binary()), "none": pa.nulls(15),
        "ts": pa.array([-1, None, 1] * 5, pa.timestamp("us", "UTC")), "t": pa.array([1, None, 2] * 5, pa.time64("us")),
        "d": pa.array([1, None, -1] * 5, pa.date32()), "span": pa.array([1, None, -1] * 5, pa.duration("s"))})

    def test_every_type_is_read_and_its_nulls_are_counted(self):
        columns = self.digest(self.TABLE)
        self.assertEqual([c["name"] for c in columns], self.TABLE.column_names)
        self.assertEqual([c["nulls"] for c in columns], [self.TABLE[n].null_count for n in self.TABLE.column_names])

    def test_slices_and_batches_are_the_same_values(self):
        for start in range(10):
            part = self.TABLE.slice(start, 5)
            fresh = pa.table({n: pa.array(part[n].to_pylist(), part[n].type) for n in part.column_names})
            self.assertEqual(self.digest(part), self.digest(fresh))
            self.assertEqual(self.digest(part, max_chunksize=2), self.digest(fresh))

    def test_text_has_one_checksum_whatever_the_width_of_its_offsets(self):
        values = ["a", None, "bb"]
        sums = [c["checksum"] for c in self.digest(pa.table({
            "s": pa.array(values), "big": pa.array(values, pa.large_string()), "z": pa.array([b"a", None, b"bb"])}))]
        self.assertEqual(len(set(sums)), 1)

    def test_what_cannot_be_read_is_refused_with_the_name_of_the_column(self):
        with fails(self, E_DATA, 'column "odd" has Arrow type +l, which is not read here'):
            self.digest(pa.table({"odd": [[1]]}))
        with fails(self, E_DATA, 'column "odd" has Arrow type i, dictionary-encoded'):
            self.digest(pa.table({"odd": pa.array(["a"]).dictionary_encode()}))
        back = pa.StringArray.from_buffers(2, pa.py_buffer(b"\0\0\0\0\2\0\0\0\1\0\0\0"), pa.py_buffer(b"ab"))
        with fails(self, E_DATA, 'column "odd" has offsets that are not in order'):
            self.digest(pa.table({"odd": back}))


if __name__ == "__main__":
    unittest.main()

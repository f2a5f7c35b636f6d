#!/usr/bin/env python3
"""The exporters and the lineage sink against Python: bytes of records and profiles, and every way to fail half-way.

Needs the standard library only. CC names the compiler for the driver.
"""
import csv
import json
import os
import pathlib
import subprocess
import tempfile
import unittest

import support
from support import E_CANCELLED, E_CONFIG, E_DATA, E_NO_SPACE, Driver, fails, python_bytes

driver = Driver()
PROGRAM = os.environ.get("PLUGIN_TEST_DRIVER")
FOLDER = tempfile.TemporaryDirectory(prefix="plugin-tests-")


def program():
    """plugin_driver as a program, with allocation faults."""
    global PROGRAM
    if PROGRAM is None:
        PROGRAM = support.compile_c(support.SOURCES + ["plugin_driver.c", "alloc_faults.c"],
                                    pathlib.Path(FOLDER.name) / "plugin_driver", "-DWITH_ALLOC_FAULTS", "-rdynamic")
    return str(PROGRAM)


class Records(unittest.TestCase):
    def test_every_character_is_escaped_as_python_escapes_it(self):
        text = "".join(chr(c) for c in range(0x180) if c != 0x0D) + "\u2028\u2029\ufeff\uffff😀"
        data = python_bytes([["k\"e\\y\té", "b"], [text, "x\r\n"]], "\r\n")
        self.assertEqual(driver.one(data, "jsonl/records", {"infer": False}),
                         (json.dumps({"k\"e\\y\té": text, "b": "x\r\n"}, ensure_ascii=False, separators=(",", ":")) +
                          "\n").encode())

    def test_numbers_are_exact_and_the_order_is_that_of_the_columns(self):
        data = b"z,a,m,d,t\n9223372036854775807,0.1,true,2024-02-29,x\n,,,,\n-9007199254740993,1e+16,false,0001-01-01,y\n"
        self.assertEqual(driver.one(data, "jsonl/records"), (
            b'{"z":9223372036854775807,"a":0.1,"m":true,"d":"2024-02-29","t":"x"}\n'
            b'{"z":null,"a":null,"m":null,"d":null,"t":""}\n'
            b'{"z":-9007199254740993,"a":1e+16,"m":false,"d":"0001-01-01","t":"y"}\n'))

    def test_what_json_cannot_hold_stops_the_export_or_becomes_null(self):
        columns = {"columns": [{"name": "f", "type": "float64"}]}
        for word in ("nan", "inf", "-inf"):
            data = b"f\n1.0\n" + word.encode() + b"\n"
            with fails(self, E_DATA, 'row 2, column "f": JSON has no nan'):
                driver.one(data, "jsonl/records", columns)
            self.assertEqual(driver.one(data, "jsonl/records", columns, {"non_finite": "null"}),
                             b'{"f":1.0}\n{"f":null}\n')

    def test_paths_hold_the_name_of_the_dataset(self):
        self.assertEqual(list(driver.convert(b"a\n1\n", "jsonl/records", dataset="feed")), ["exports/feed.jsonl"])
        made = driver.convert(b"a\n1\n", "jsonl/records", {}, {"path": "exports/x/{dataset}-1.ndjson"}, dataset="feed")
        self.assertEqual(list(made), ["exports/x/feed-1.ndjson"])

    def test_wrong_configurations_are_refused(self):
        for config, words in (({"non_finite": "zero"}, "`non_finite`"), ({"path": 1}, "`path` must be a text"),
                              ({"path": "a\0b"}, "`path` must be a text without NUL")):
            with fails(self, E_CONFIG, words):
                driver.one(b"a\n1\n", "jsonl/records", {}, config)


class Profiles(unittest.TestCase):
    def profile(self, data, config=None, **exporter_config):
        text = driver.one(data, "profile/profile", config, exporter_config)
        value = json.loads(text)
        self.assertEqual(text, (json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n").encode())
        return value

    def test_every_type_is_profiled(self):
        data = b"i,f,b,d,s\n5,0.5,true,2024-02-29,b\n-3,1e+16,false,1969-12-31,a\n,,,,\n5,0.5,true,1969-12-31,\xc3\xa9\n"
        value = self.profile(data)
        self.assertEqual((value["dataset"], value["rows"]), ("t", 4))
        self.assertEqual(value["columns"], [
            {"name": "i", "type": "int64", "count": 3, "nulls": 1, "distinct": {"exact": 2}, "least": -3, "greatest": 5},
            {"name": "f", "type": "float64", "count": 3, "nulls": 1, "distinct": {"exact": 2}, "least": 0.5,
             "greatest": 1e16},
            {"name": "b", "type": "bool", "count": 3, "nulls": 1, "distinct": {"exact": 2}, "least": False,
             "greatest": True},
            {"name": "d", "type": "date", "count": 3, "nulls": 1, "distinct": {"exact": 2}, "least": "1969-12-31",
             "greatest": "2024-02-29"},
            {"name": "s", "type": "string", "count": 4, "nulls": 0, "distinct": {"exact": 4}, "least": "",
             "greatest": "é"}])

    def test_beyond_the_limit_distinct_values_are_counted_at_least(self):
        data = b"n\n" + b"".join(b"%d\n" % (i % 11) for i in range(100))
        self.assertEqual(self.profile(data, distinct_limit=11)["columns"][0]["distinct"], {"exact": 11})
        self.assertEqual(self.profile(data, distinct_limit=10)["columns"][0]["distinct"], {"at_least": 11})

    def test_texts_differ_and_are_ordered_by_their_bytes(self):
        column = self.profile("s\né\ne\u0301\n\U0001f600\n\uffff\n".encode())["columns"][0]
        self.assertEqual((column["distinct"], column["least"], column["greatest"]),
                         ({"exact": 4}, "e\u0301", "\U0001f600"))

    def test_a_long_text_is_cut_after_a_whole_character(self):
        column = self.profile(("s\n" + "a" * 255 + "éé\n").encode())["columns"][0]
        self.assertEqual((column["least"], column["least_bytes"]), ("a" * 255, 259))

    def test_what_is_not_a_number_has_its_own_count(self):
        column = self.profile(b"f\nnan\n1.0\n-inf\n", {"columns": [{"name": "f", "type": "float64"}]})["columns"][0]
        self.assertEqual(column, {"name": "f", "type": "float64", "count": 3, "nulls": 0, "not_a_number": 1,
                                  "distinct": {"exact": 2}, "least": "-inf", "greatest": 1.0})

    def test_a_table_without_rows(self):
        self.assertEqual(self.profile(b"a\n")["columns"], [
            {"name": "a", "type": "string", "count": 0, "nulls": 0, "distinct": {"exact": 0}, "least": None,
             "greatest": None}])

    def test_real_tables_agree_with_python(self):
        for file in sorted((support.ROOT / "ExamplePlugins" / "data").glob("*.csv")):
            with open(file, encoding="utf-8", newline="") as stream:
                rows = list(csv.DictReader(stream))
            for column in self.profile(file, {"infer": False})["columns"]:
                values = [row[column["name"]] for row in rows]
                encoded = [v.encode() for v in values]
                self.assertEqual(column["count"], len(values))
                self.assertEqual(column["distinct"], {"exact": len(set(values))})
                self.assertEqual(column["least"].encode(), min(encoded)[:256])
                self.assertEqual(column["greatest"].encode(), max(encoded)[:256])

    def test_wrong_configurations_are_refused(self):
        for config, words in (({"distinct_limit": 0}, "`distinct_limit`"), ({"path": 1}, "`path` must be a text"),
                              ({"paht": "x"}, "`paht` is unknown"), ({"path": {}}, "object of texts and integers")):
            with fails(self, E_CONFIG, words):
                self.profile(b"a\n1\n", **config)


class Failures(unittest.TestCase):
    """support.convert checks that no file is left."""

    EXPORTERS = ("csv/table", "jsonl/records", "profile/profile")
    DATA = python_bytes([["a", "b"], *[[i, "x" * 50] for i in range(20_000)]])

    def test_a_full_disk_fails_the_export_and_leaves_no_file(self):
        for exporter in self.EXPORTERS:
            for limit in (0, 100) + ((200_000,) if exporter != "profile/profile" else ()):
                with fails(self, E_NO_SPACE, "exports/t", "The disk is full."):
                    driver.convert(self.DATA, exporter, write_after=limit)

    def test_a_cancelled_run_ends_the_export_and_leaves_no_file(self):
        for exporter in self.EXPORTERS:
            for question in (0, 1, 2):
                with fails(self, E_CANCELLED, "cancelled"):
                    driver.convert(self.DATA, exporter, cancel_after=question)

    def test_an_error_in_the_middle_of_the_data_fails_the_export_and_leaves_no_file(self):
        for exporter in self.EXPORTERS:
            with fails(self, E_DATA, "line 20002: 1 field"):
                driver.convert(self.DATA + b"x\n", exporter, {"infer": False})

    @unittest.skipIf(driver.program, "the driver was built without allocation faults")
    def test_every_allocation_may_fail(self):
        data = python_bytes([["a", "b"], *[[i, "x%d" % i] for i in range(40)]])
        configs = ({"batch_rows": 16}, {"delimiter": ",", "null_values": ["NA"], "columns": [
            {"name": "a", "type": "int64"}, {"name": "b", "type": "string"}]})
        for exporter, artifact in (("csv/table", "exports/t.csv"), ("jsonl/records", "exports/t.jsonl")):
            for config in configs:
                folder, job = driver.job(data, exporter, config, {"path": artifact})
                fields = ("directory", "connector", "connector_name", "connector_config", "input", "exporter",
                          "exporter_name", "exporter_config", "dataset")
                done = subprocess.run([program(), "faults", *[getattr(job, f) for f in fields], artifact],
                                      capture_output=True, text=True)
                self.assertEqual(done.returncode, 0, done.stderr)
                self.assertGreater(int(done.stdout.split()[0]), 20)


class LineageSink(unittest.TestCase):
    EVENTS = b'{"kind":"INGEST","n":1}\n{"kind":"EXPORT","n":2}\n' * 5000

    def sink(self, config, outcome, **environment):
        folder = pathlib.Path(tempfile.mkdtemp(dir=FOLDER.name))
        (folder / "events").write_bytes(self.EVENTS)
        done = subprocess.run([program(), "sink", folder / "out", support.plugin("jsonl"), "jsonl", json.dumps(config),
                               folder / "events", str(outcome)], env=environment, capture_output=True, text=True)
        made = {str(p.relative_to(folder / "out")): p.read_bytes() for p in (folder / "out").rglob("*") if p.is_file()}
        return done, made

    def test_events_arrive_as_lines(self):
        done, made = self.sink({}, 0)
        self.assertEqual((done.returncode, made), (0, {"lineage/events.jsonl": self.EVENTS}), done.stderr)
        _, made = self.sink({"path": "lineage/mine.jsonl"}, 0)
        self.assertEqual(list(made), ["lineage/mine.jsonl"])

    def test_a_run_that_did_not_finish_publishes_no_events(self):
        for outcome in (1, 2):
            done, made = self.sink({}, outcome)
            self.assertEqual((done.returncode, made), (0, {}), done.stderr)

    def test_a_full_disk_is_reported_and_leaves_no_file(self):
        for limit in ("0", "100", "200000"):
            done, made = self.sink({}, 0, DRIVER_WRITE_AFTER=limit)
            self.assertEqual((done.returncode, made), (1, {}))
            self.assertIn("E_NO_SPACE", done.stderr)

    def test_a_path_outside_lineage_is_refused_by_the_store(self):
        done, made = self.sink({"path": "../x"}, 0)
        self.assertEqual((done.returncode, made), (1, {}))
        self.assertIn("cannot create the artifact ../x", done.stderr)


if __name__ == "__main__":
    unittest.main()

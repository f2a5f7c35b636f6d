#!/usr/bin/env python3
"""The digest plugin against a digest computed in Python: values, nulls, batches, and every way to fail half-way.

Needs the plugin, which is built where rustc is found, and the standard library; without the plugin the exit code is 77. CC names
the compiler for the driver. Types that the csv plugin does not make are in arrow_conformance.py.
"""
import json
import pathlib
import struct
import subprocess
import tempfile
import unittest

import support
from support import E_CANCELLED, E_DATA, E_NO_SPACE, Driver, fails, python_bytes

if not (support.OPTIONAL / "digest.so").exists():
    support.skip("digest.so is not built")

driver = Driver()
FOLDER = tempfile.TemporaryDirectory(prefix="plugin-tests-")


def checksum(values):
    """FNV-1a over each value, None or bytes, as docs of the plugin say."""
    state = 0xCBF29CE484222325
    for byte in b"".join(b"\0" if v is None else b"\1" + v for v in values):
        state = (state ^ byte) * 0x100000001B3 % (1 << 64)
    return "%016x" % state


def text(value):
    encoded = value.encode()
    return struct.pack("<Q", len(encoded)) + encoded


def packed(form, values):
    return [None if v is None else struct.pack("<" + form, v) for v in values]


class Values(unittest.TestCase):
    def digest(self, data, config=None, dataset="t"):
        made = driver.convert(data, "digest/digest", config, {}, dataset)
        self.assertEqual(list(made), ["exports/%s.digest.json" % dataset])
        return json.loads(made["exports/%s.digest.json" % dataset])

    def test_every_type_of_csv_has_the_checksum_of_python(self):
        data = b"i,f,b,d,s\n5,0.5,true,1970-01-02,b\n-3,1e+16,false,1969-12-31,\xc3\xa9\n,,,,\n"
        value = self.digest(data, dataset="feed")
        self.assertEqual((value["dataset"], value["rows"], value["algorithm"]), ("feed", 3, "fnv1a-64"))
        wanted = [("i", "l", 1, packed("q", [5, -3, None])), ("f", "g", 1, packed("d", [0.5, 1e16, None])),
                  ("b", "b", 1, packed("B", [1, 0, None])), ("d", "tdD", 1, packed("i", [1, -1, None])),
                  ("s", "u", 0, [text("b"), text("é"), text("")])]
        self.assertEqual(value["columns"], [
            {"name": n, "type": t, "nulls": nulls, "checksum": checksum(v)} for n, t, nulls, v in wanted])

    def test_batches_do_not_matter_and_the_order_of_rows_does(self):
        rows = [[i, "x" * (i * 37 % 90)] for i in range(1000)]
        made = {json.dumps(self.digest(python_bytes([["i", "s"], *rows]), {"batch_rows": n})) for n in (1, 7, 1000)}
        self.assertEqual(len(made), 1)
        rows[1], rows[2] = rows[2], rows[1]
        self.assertNotIn(json.dumps(self.digest(python_bytes([["i", "s"], *rows]))), made)

    def test_values_do_not_run_into_each_other(self):
        sums = {self.digest(python_bytes([["s", "t"], *[[a, "x"] for a in column]]))["columns"][0]["checksum"]
                for column in (["ab", "c"], ["a", "bc"], ["abc", ""], ["", "abc"])}
        self.assertEqual(len(sums), 4)

    def test_names_are_escaped_and_no_rows_are_no_error(self):
        value = self.digest("\"a \"\"q\"\"\\\té😀\"\n".encode())
        self.assertEqual((value["rows"], value["columns"][0]["name"]), (0, "a \"q\"\\\té😀"))
        self.assertEqual(value["columns"][0]["checksum"], checksum([]))


class Failures(unittest.TestCase):
    """support.convert checks that no file is left."""
    DATA = python_bytes([["a", "b"], *[[i, "x" * 50] for i in range(20_000)]])

    def test_a_full_disk_fails_the_export(self):
        with fails(self, E_NO_SPACE, "exports/t.digest.json", "The disk is full."):
            driver.convert(self.DATA, "digest/digest", write_after=0)

    def test_a_cancelled_run_ends_the_export(self):
        for question in (0, 1, 2):
            with fails(self, E_CANCELLED, "cancelled"):
                driver.convert(self.DATA, "digest/digest", cancel_after=question)

    def test_an_error_in_the_middle_of_the_data_fails_the_export(self):
        with fails(self, E_DATA, "line 20002: 1 field"):
            driver.convert(self.DATA + b"x\n", "digest/digest", {"infer": False})

    @unittest.skipIf(driver.program, "the driver was built without allocation faults")
    def test_every_allocation_may_fail(self):
        program = support.compile_c(support.SOURCES + ["plugin_driver.c", "alloc_faults.c"],
                                    pathlib.Path(FOLDER.name) / "plugin_driver", "-DWITH_ALLOC_FAULTS", "-rdynamic")
        data = python_bytes([["a", "b"], *[[i, "x%d" % i] for i in range(40)]])
        _, job = driver.job(data, "digest/digest", {"batch_rows": 16}, {})
        fields = ("directory", "connector", "connector_name", "connector_config", "input", "exporter", "exporter_name",
                  "exporter_config", "dataset")
        done = subprocess.run([program, "faults", *[getattr(job, f) for f in fields], "exports/t.digest.json"],
                              capture_output=True, text=True)
        self.assertEqual(done.returncode, 0, done.stderr)
        self.assertGreater(int(done.stdout.split()[0]), 30)


if __name__ == "__main__":
    unittest.main()

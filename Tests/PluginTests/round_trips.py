#!/usr/bin/env python3
"""The csv plugin against Python's csv module: nasty files, random files, types, limits. Needs the standard library only.

Environment, besides support.py's: ROUND_TRIPS = how many random files (default 3000).
"""
import json
import os
import random
import unittest

import support
from support import E_CONFIG, E_DATA, Driver, fails, python_bytes, python_rows

driver = Driver()
COUNT = int(os.environ.get("ROUND_TRIPS", "3000"))


class NastyFiles(unittest.TestCase):
    """Each is read to the same values as Python reads."""

    def same(self, data, **config):
        self.assertEqual(driver.rows(data, config), python_rows(data, delimiter=config.get("delimiter", ",")))

    def test_quotes_doubled_quotes_and_delimiters_inside_them(self):
        self.same(b'"a","b ""quoted"" c","d,e"\nx,y,z\n')

    def test_line_breaks_of_all_kinds_inside_quotes(self):
        self.same(b'"a\nb","c\r\nd","e\rf"\n1,2,3\n')

    def test_crlf_line_ends(self):
        self.same(b'a,b\r\n"c\r\n",d\r\n')

    def test_a_last_line_without_an_end(self):
        self.same(b"a,b\nc,d")
        self.same(b"a,b\nc,")
        self.same(b'a,b\nc,"d"')

    def test_empty_lines_are_no_rows(self):
        self.same(b"\n\na,b\n\n\r\nc,d\n\n")

    def test_empty_fields(self):
        self.same(b',,\n"",,""\n')

    def test_one_column(self):
        self.same(b'a\n""\nb\n')

    def test_letters_of_every_length_in_utf8(self):
        self.same("é,ß,漢字,😀,\u2028,e\u0301\n".encode())

    def test_a_byte_order_mark(self):
        self.same("\ufeffa,b\n1,2\n".encode())
        self.same("\ufeff\"a\",b\n1,2\n".encode())

    def test_nul_bytes_inside_fields(self):
        self.same(b"a\0b,\0\n")

    def test_a_quote_inside_an_unquoted_field(self):
        self.same(b'5" pipe,a"b"c\n')

    def test_spaces_are_kept(self):
        self.same(b' a , "b" ,c \n')

    def test_other_delimiters(self):
        self.same(b'a;"b;c";d,e\n', delimiter=";")
        self.same(b'a\t"b\tc"\td,e\n', delimiter="\t")

    def test_a_field_of_a_megabyte_over_many_blocks(self):
        self.same(b'a,"' + b'x""y\n,' * 200_000 + b'",b\n')
        self.same(b"a," + b"x" * 1_000_000 + b",b\n")

    def test_line_ends_and_quotes_at_every_place_of_a_block(self):
        for shift in range(-4, 5):
            filler = b"x" * (256 * 1024 + shift)
            for tail in (b'\r\n"b""c"\r\nd\r\n', b'\n"\r\n"\n', b'\n""\n'):
                self.same(filler + tail)


class BadFiles(unittest.TestCase):
    """Each is refused with E_DATA, and the message says where and what."""

    def refuse(self, data, *words, **config):
        with fails(self, E_DATA, *words):
            driver.rows(data, config)

    def test_too_few_or_too_many_fields(self):
        self.refuse(b"a,b\nc,d\ne\n", "line 3: 1 field, wanted 2 as in the first record")
        self.refuse(b'"a\n\n",b\nc,d,e\n', "line 4: 3 fields, wanted 2")
        with fails(self, E_DATA, "line 2: 1 field, wanted 2 as in the header"):
            driver.table(b"a,b\n1\n")

    def test_a_quote_that_is_never_closed(self):
        self.refuse(b'a,b\nc,"d\ne\n', "line 2: a quoted field begins here and is not closed")

    def test_text_behind_a_closing_quote(self):
        self.refuse(b'a,b\n"c"d,e\n', "line 2: text behind the closing quote of field 1")

    def test_a_carriage_return_alone(self):
        self.refuse(b"a,b\rc,d\r", "line 1: a carriage return without a line feed")
        self.refuse(b"a,b\n\rc,d\n", "line 2: a carriage return without a line feed")

    def test_bytes_that_are_not_utf8(self):
        self.refuse(b"a,b\nc,caf\xe9\n", "line 2: field 2 (column_2): byte 0xe9 at position 4 is not UTF-8", "iconv")
        self.refuse(b'a,"x\n\xff"\n', "line 2: field 2", "0xff")
        self.refuse(b"a,\xed\xa0\x80\n", "0xed")
        self.refuse(b"a,\xc0\x80\n", "0xc0")
        self.refuse(b"a,\xf4\x90\x80\x80\n", "0xf4")
        self.refuse(b"a,\xe2\x82\n", "0xe2")

    def test_utf16(self):
        self.refuse("a,b\n".encode("utf-16"), "UTF-16")

    def test_an_empty_file(self):
        self.refuse(b"", "the file is empty")
        self.refuse(b"\n\n", "the file is empty")
        with fails(self, E_DATA, "the file is empty, wanted a header"):
            driver.table(b"")

    def test_a_record_beyond_the_limit(self):
        self.refuse(b'a,b\nc,"' + b"d" * 100, "line 2: the record that begins here is longer than 50 bytes",
                    max_record_bytes=50)
        self.refuse(b'a,b\nc,"' + b"d" * (17 << 20), "longer than 16777216 bytes", "closing quote")

    def test_a_record_of_more_fields_than_any_table_has(self):
        self.refuse(b"," * 100_000, "more than 16384 fields")

    def test_a_header_with_a_name_twice_or_with_nul(self):
        with fails(self, E_DATA, 'line 1: two columns of the header are named "a"'):
            driver.table(b"a,b,a\n1,2,3\n")
        with fails(self, E_DATA, "NUL"):
            driver.table(b"a,b\0\n1,2\n")

    def test_a_value_that_is_not_of_the_declared_type(self):
        columns = [{"name": "id", "type": "int64"}, {"name": "day", "type": "date"}]
        with fails(self, E_DATA, 'line 3: field 2 (day): "2024-02-30" is no date'):
            driver.table(b"id,day\n1,2024-02-29\n2,2024-02-30\n", {"columns": columns})
        with fails(self, E_DATA, 'line 2: field 1 (id): "9223372036854775808" is no int64'):
            driver.table(b"id,day\n9223372036854775808,\n", {"columns": columns})

    def test_a_header_that_is_not_the_declared_one(self):
        columns = [{"name": "a", "type": "string"}, {"name": "b", "type": "string"}]
        with fails(self, E_DATA, 'field 2 of the header is "c", wanted "b"'):
            driver.table(b"a,c\n", {"columns": columns})
        with fails(self, E_DATA, "the header has 1 field, `columns` lists 2"):
            driver.table(b"a\n", {"columns": columns})

    def test_configurations_that_the_schema_would_refuse_are_refused_here_too(self):
        for config, words in (({"delimiter": ""}, "`delimiter`"), ({"delimiter": '"'}, "`delimiter`"),
                              ({"delimiter": "é"}, "`delimiter`"), ({"batch_rows": 0}, "`batch_rows` must be an integer"),
                              ({"header": 1}, "`header` must be true or false"), ({"columns": []}, "`columns`"),
                              ({"columns": [{"name": "a", "type": "int"}]}, 'has type "int", wanted string, int64'),
                              ({"null_values": [1]}, "`null_values`")):
            with fails(self, E_CONFIG, words):
                driver.table(b"a\n1\n", config)


class Types(unittest.TestCase):
    def inferred(self, values, **config):
        data = python_bytes([["other", "v"], *[["x", v] for v in values]])
        self.assertEqual(driver.table(data, config), data, "not the same bytes")
        return driver.types(data, config)["v"]

    def test_a_type_is_found_only_if_nothing_is_lost(self):
        for wanted, values in {
            "int64": (["1", "-5", "0"], ["9223372036854775807", "-9223372036854775808"], ["1", "", "2"]),
            "float64": (["1.5", "-0.25"], ["1e+16", "5e-324"], ["0.1", "", "2.0"], ["-0.0"]),
            "bool": (["true", "false"], ["true", ""]),
            "date": (["2024-02-29", "0001-01-01", "9999-12-31"], ["1969-12-31", ""]),
            "string": (["010121", "020110"], ["+5"], ["-0"], ["1", "1.5"], ["1.50"], ["1e5"], ["nan"], ["inf"], ["True"],
                       ["true", "1"], ["2023-02-29"], ["2024-1-1"], [" 1"], ["9223372036854775808"], ["", ""], [],
                       ["0x10"], ["1_000"], ["1,5"], ["1\n"], [".5"], ["5."]),
        }.items():
            for some in values:
                self.assertEqual(self.inferred(some), wanted, some)

    def test_a_quoted_empty_field_is_no_null(self):
        self.assertEqual(driver.types(b'a,b\n1,1\n"",2\n')["a"], "string")
        self.assertEqual(driver.types(b"a,b\n1,1\n,2\n")["a"], "int64")

    def test_one_column_of_numbers_keeps_its_nulls(self):
        data = b'a\n1\n""\n2\n'
        self.assertEqual(driver.table(data), data)
        self.assertEqual(driver.types(data)["a"], "int64")

    def test_null_values_count_in_every_column_and_only_unquoted(self):
        text = driver.one(b'a,b\nNA,NA\n1,"NA"\n,x\n', "jsonl/records", {"null_values": ["NA", ""]}).decode()
        self.assertEqual([json.loads(line) for line in text.splitlines()],
                         [{"a": None, "b": None}, {"a": 1, "b": "NA"}, {"a": None, "b": "x"}])

    def test_the_text_for_null_is_kept_apart_from_a_string_that_is_the_same(self):
        data = b'a,b\n1,NA\nNA,"NA"\n3,x\n'
        self.assertEqual(driver.table(data, {"null_values": ["NA"]}, null_text="NA"), data)

    def test_without_inference_all_is_string(self):
        self.assertEqual(set(driver.types(b"a,b\n1,true\n", {"infer": False}).values()), {"string"})

    def test_without_a_header_columns_are_numbered(self):
        self.assertEqual(driver.types(b"1,x\n2,y\n", {"header": False}), {"column_1": "int64", "column_2": "string"})

    def test_declared_columns_need_no_header(self):
        columns = [{"name": "n", "type": "float64"}, {"name": "s", "type": "string"}]
        self.assertEqual(driver.table(b"1,x\n,y\n", {"header": False, "columns": columns}), b"n,s\n1.0,x\n,y\n")

    def test_floats_are_written_as_python_writes_them(self):
        rng = random.Random(1)
        values = {repr(rng.uniform(-1, 1) * 10.0 ** rng.randint(-320, 308)) for _ in range(20_000)}
        values |= {repr(rng.randint(0, 1 << 60) / 2 ** rng.randint(0, 60)) for _ in range(5000)}
        data = python_bytes([["v", "w"], *[[v, ""] for v in sorted(values)]])
        self.assertEqual(driver.table(data), data)
        self.assertEqual(driver.types(data)["v"], "float64")

    def test_batches_of_every_size_give_the_same_table(self):
        data = python_bytes([["a", "b"], *[[i, "x" * (i % 7)] for i in range(100)]])
        for size in (1, 2, 3, 7, 8, 9, 99, 100, 101):
            self.assertEqual(driver.table(data, {"batch_rows": size}), data)


class RandomFiles(unittest.TestCase):
    ALPHABET = ["a", "bc", "é", "😀", ",", '"', '""', "\n", "\r\n", " ", "", "0", "1", "-7", "1.5", "true", "2024-02-29"]

    def field(self, rng):
        return "".join(rng.choice(self.ALPHABET) for _ in range(rng.choice((0, 1, 1, 2, 5))))

    def test_what_python_writes_comes_back_byte_for_byte(self):
        for seed in range(COUNT):
            rng = random.Random(seed)
            width = rng.randint(1, 4)
            rows = [["c%d" % i for i in range(width)]]
            rows += [[self.field(rng) for _ in range(width)] for _ in range(rng.randint(0, 6))]
            config = {"batch_rows": rng.randint(1, 4), "infer": rng.random() < 0.8}
            # Python 3.11 leaves a CR unquoted when lines end with LF, and then reads two lines: only CRLF is safe there.
            crlf = any("\r" in field for row in rows for field in row) or rng.random() < 0.3
            data = python_bytes(rows, "\r\n" if crlf else "\n")
            with self.subTest(seed=seed):
                self.assertEqual(driver.table(data, config, line_ending="crlf" if crlf else "lf"), data)

    def test_any_text_is_read_as_python_reads_it_or_refused(self):
        accepted = 0
        for seed in range(COUNT):
            rng = random.Random(seed)
            data = "".join(rng.choice(self.ALPHABET + ["\n", ",", '"', "\r"]) for _ in range(rng.randint(0, 14))).encode()
            with self.subTest(seed=seed, data=data):
                accepted += self.compare(data)
        self.assertGreater(accepted, COUNT // 20)

    def compare(self, data):
        try:
            wanted = python_rows(data, strict=True)
        except support.csv.Error:
            wanted = None
        try:
            found = driver.rows(data)
        except support.Failed as failure:
            self.assertEqual(failure.status, E_DATA)
            lone_return = b"\r" in data.replace(b"\r\n", b"")
            ragged = wanted is not None and len({len(row) for row in wanted}) > 1
            self.assertTrue(wanted is None or not wanted or ragged or lone_return, failure.message)
            return 0
        self.assertEqual(found, wanted)
        return 1


class Tables(unittest.TestCase):
    def test_real_tables_come_back_byte_for_byte(self):
        folders = [support.ROOT / "ExamplePlugins" / "data", support.SHARED / "data"]
        files = [f for folder in folders if folder.is_dir() for f in sorted(folder.glob("*.csv"))]
        self.assertGreaterEqual(len(files), 2)
        for file in files:
            data = file.read_bytes()
            self.assertEqual(driver.table(file), data, file)
            self.assertEqual(driver.rows(file), python_rows(data), file)


if __name__ == "__main__":
    unittest.main()

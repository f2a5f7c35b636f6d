@testable import PluginABI

/// Three rows of every type that the host admits, the second of them null, and the same in Python.
enum SpoolTypes {
  /// Formats with numbers of so many bytes; Python sees them as integers of that size.
  private static let formats: [(format: String, size: Int)] = [
    ("c", 1), ("C", 1), ("s", 2), ("S", 2), ("i", 4), ("I", 4), ("l", 8), ("L", 8), ("e", 2), ("f", 4), ("g", 8),
    ("tdD", 4), ("tdm", 8), ("tts", 4), ("ttm", 4), ("ttu", 8), ("ttn", 8), ("tss:", 8), ("tsm:UTC", 8),
    ("tsu:Europe/Berlin", 8), ("tsn:+07:30", 8), ("tDs", 8), ("tDm", 8), ("tDu", 8), ("tDn", 8), ("tiM", 4), ("tiD", 8),
    ("tin", 16), ("w:3", 3), ("d:5,2", 16), ("d:38,-3", 16), ("d:4,1,32", 4), ("d:9,0,64", 8), ("d:10,2,128", 16),
    ("d:50,7,256", 32),
  ]

  /// `offset` rows of other values lie before the first.
  static func columns(offset: Int, isEmpty: Bool = false) -> [TestColumn] {
    let others = SpoolTests.columns(offset: offset).dropFirst() + [bytes("z", offset), bytes("Z", offset)]
    return numbers(offset: offset, isEmpty: isEmpty) + (isEmpty ? others.map(emptied) : Array(others))
  }

  /// Those of one size a value.
  static func numbers(offset: Int, isEmpty: Bool = false) -> [TestColumn] {
    let columns = formats.map { number($0.format, $0.size, offset) }
    return isEmpty ? columns.map(emptied) : columns
  }

  private static func number(_ format: String, _ size: Int, _ offset: Int) -> TestColumn {
    // 1, whatever stands under the null, 3, in little-endian.
    let values = [UInt8](repeating: 0x5a, count: offset) + [1, 0x77, 3]
    return TestColumn(
      name: "#" + format, format: format, length: 3, offset: offset,
      buffers: [
        TestColumn.validity([1, nil, 3] as [Int?], offset: offset),
        values.flatMap { [$0] + [UInt8](repeating: 0, count: size - 1) },
      ])
  }

  private static func bytes(_ format: String, _ offset: Int) -> TestColumn {
    var column = TestColumn.text(format, ["\u{0}a", nil, ""], offset: offset, large: format == "Z")
    column.format = format
    return column
  }

  private static func emptied(_ column: TestColumn) -> TestColumn {
    var column = column
    column.length = 0
    column.offset = 0
    column.nullCount = 0
    column.buffers = column.buffers.map { _ in nil }
    column.children = column.children.map(emptied)
    return column
  }

  /// The values that Python expects are written down here, not computed from the columns above.
  static let script = """
    import sys
    import pyarrow as pa, pyarrow.ipc
    table = pa.ipc.open_stream(pa.OSFile(sys.argv[1])).read_all()
    # A date64 of one millisecond is no whole day.
    table.drop_columns(["#tdm"]).validate(full=True)
    types = {
      "c": pa.int8(), "C": pa.uint8(), "s": pa.int16(), "S": pa.uint16(), "i": pa.int32(), "I": pa.uint32(), "l": pa.int64(),
      "L": pa.uint64(), "e": pa.float16(), "f": pa.float32(), "g": pa.float64(), "tdD": pa.date32(), "tdm": pa.date64(),
      "tts": pa.time32("s"), "ttm": pa.time32("ms"), "ttu": pa.time64("us"), "ttn": pa.time64("ns"), "tss:": pa.timestamp("s"),
      "tsm:UTC": pa.timestamp("ms", "UTC"), "tsu:Europe/Berlin": pa.timestamp("us", "Europe/Berlin"),
      "tsn:+07:30": pa.timestamp("ns", "+07:30"), "tDs": pa.duration("s"), "tDm": pa.duration("ms"), "tDu": pa.duration("us"),
      "tDn": pa.duration("ns"), "tin": pa.month_day_nano_interval(), "w:3": pa.binary(3), "d:5,2": pa.decimal128(5, 2),
      "d:38,-3": pa.decimal128(38, -3), "d:4,1,32": pa.decimal32(4, 1), "d:9,0,64": pa.decimal64(9, 0),
      "d:10,2,128": pa.decimal128(10, 2), "d:50,7,256": pa.decimal256(50, 7),
    }
    names = {"tiM": "month_interval", "tiD": "day_time_interval"}
    others = {
      "b": (pa.bool_(), [True, None, False]), "u": (pa.string(), ["a", None, "ccc"]), "U": (pa.large_string(), ["a", None, "ccc"]),
      "l": (pa.list_(pa.int32()), [[8, 7], None, [None, 5]]),
      "L": (pa.large_list(pa.string()), [["p"], ["q", None], ["s", "t"]]),
      "d": (pa.dictionary(pa.int8(), pa.string()), ["three", None, "one"]),
      "D": (pa.dictionary(pa.uint32(), pa.int32()), [7, 7, None]), "n": (pa.null(), [None, None, None]),
      "m": (pa.map_(pa.string(), pa.int32()), [[("k1", 1)], [], [("k2", None)]]),
      "deep": (pa.list_(pa.struct([pa.field("c", pa.dictionary(pa.int8(), pa.string()))])),
        [[{"c": None}], [{"c": "one"}, None], [{"c": None}]]),
      "z": (pa.binary(), [b"\\0a", None, b""]), "Z": (pa.large_binary(), [b"\\0a", None, b""]),
    }
    def check(what, found, wanted):
      if found != wanted: sys.exit(f"{what}: found {found}, wanted {wanted}")
    def number(name, kind, column):
      check(name, kind, types[name])
      width = kind.bit_width // 8
      raw = column.buffers()[1].to_pybytes()[column.offset * width:]
      check(name, [int.from_bytes(raw[i * width:(i + 1) * width], "little") for i in (0, 2)], [1, 3])
      check(name + " nulls", [column.null_count, column[1].is_valid], [1, False])
    for part, shift in ((table.slice(0, 3), int(sys.argv[2])), (table.slice(3, 3), 0)):
      others["s"] = (None, [{"x": shift, "y": None}, None, {"x": shift + 2, "y": f"t{shift + 2}"}])
      others["w"] = (pa.list_(pa.int32(), 2), [[2 * shift, 2 * shift + 1], None, [2 * shift + 4, 2 * shift + 5]])
      for index, field in enumerate(table.schema):
        # pyarrow knows these types, and has no arrays of them.
        if field.name[1:] in names: check(field.name, str(field.type), names[field.name[1:]]); continue
        column = part.column(index).chunk(0)
        if field.name[0] == "#": number(field.name[1:], field.type, column); continue
        kind, values = others[field.name]
        if kind is not None: check(field.name + " type", field.type, kind)
        check(field.name, column.to_pylist(), values)
    print(f"{len(table.schema)} columns, {table.num_rows} rows")
    """
}

import COmphalos
import Testing

@testable import PluginABI

@Suite("Checking the structure of a batch")
struct ArrowBatchCheckTests {
  private static let words: [String?] = ["a", nil, "ccc", "dd"]

  static var column: TestColumn { .text("w", words) }

  /// The error that the check finds in one column, after damage to the struct of that column (and of the batch).
  private func problem(
    _ column: TestColumn, rows: Int? = nil, _ damage: (inout ArrowArray) -> Void = { _ in },
    batch damageBatch: (inout ArrowArray) -> Void = { _ in }
  ) throws -> String? {
    let fields = try ArrowSchemaReader.columns(of: makeSchema([column]))
    var batch = makeBatch([column], rows: rows ?? column.length)
    damage(&batch.children[0]!.pointee)
    damageBatch(&batch)
    do {
      _ = try ArrowBatchCheck.columns(of: batch, fields)
      return nil
    } catch {
      return error.message
    }
  }

  @Test("whole batches of every layout are taken, empty ones and NULL validity too")
  func whole() throws {
    let columns: [TestColumn] = [
      .int32("n", [1, nil]), .bool("b", [true, nil]), .text("w", ["a", nil]), .text("W", ["a", nil], large: true),
      .structure("s", [.int32("x", [1, 2])], valid: [true, false]),
      .list("l", of: .int32("i", [1, 2, 3]), ends: [1, 3]), .coded("d", [0, nil], values: .text("", ["x"])),
      TestColumn(name: "0", format: "n", length: 2, nullCount: 2, buffers: []),
      TestColumn(name: "w", format: "w:3", length: 2, buffers: [nil, [1, 2, 3, 4, 5, 6]]),
    ]
    for column in columns {
      #expect(try problem(column) == nil, "\(column.name)")
      var empty = column
      empty.length = 0
      empty.nullCount = 0
      empty.buffers = empty.buffers.map { _ in nil }
      #expect(try problem(empty) == nil, "\(column.name), no rows")
    }
  }

  @Test(
    "counts that cannot be are refused by name",
    arguments: [
      ("length -1", "length"), ("length huge", "length"), ("offset -1", "offset"), ("offset huge", "offset"),
      ("both huge", "length"), ("null_count -2", "null_count"), ("null_count beyond length", "null_count"),
      ("one buffer short", "n_buffers"), ("one buffer more", "n_buffers"), ("no buffers", "n_buffers"),
      ("a child", "n_children"), ("fewer rows than the batch", "rows"), ("released", "released"),
    ])
  func counts(defect: String, named: String) throws {
    let found = try problem(Self.column) { array in
      switch defect {
      case "length -1": array.length = -1
      case "length huge": array.length = .max
      case "offset -1": array.offset = -1
      case "offset huge": array.offset = 1 << 62
      case "both huge":
        array.length = .max
        array.offset = .max
      case "null_count -2": array.null_count = -2
      case "null_count beyond length": array.null_count = 5
      case "one buffer short": array.n_buffers = 2
      case "one buffer more": array.n_buffers = 4
      case "no buffers": array.n_buffers = .min
      case "a child": array.n_children = 1
      case "fewer rows than the batch": array.length = 3
      default: array.release = nil
      }
    }
    #expect(found?.contains(named) == true, "\(found ?? "taken")")
    #expect(found?.contains("batch.w") == true)
  }

  @Test("buffers and children that are NULL or wild where rows need them are refused")
  func pointers() throws {
    let none: UnsafeMutablePointer<UnsafeRawPointer?>? = UnsafeMutablePointer(bitPattern: nowhere)
    #expect(try problem(Self.column, { $0.buffers = nil }) != nil)
    #expect(try problem(Self.column, { $0.buffers = none }) != nil)
    #expect(try problem(Self.column, { $0.buffers[1] = nil }) != nil)
    #expect(try problem(Self.column, { $0.buffers[2] = nil }) != nil)
    #expect(try problem(Self.column, { $0.buffers[0] = nil }) == nil)
    #expect(
      try problem(Self.column) {
        $0.buffers[0] = nil
        $0.null_count = 1
      } != nil)
    let nested = TestColumn.structure("s", [.int32("x", [1])], valid: [true])
    #expect(try problem(nested, { $0.children = nil }) != nil)
    #expect(try problem(nested, { $0.children[0] = nil }) != nil)
    #expect(try problem(nested, { $0.children[0] = UnsafeMutablePointer(bitPattern: nowhere) }) != nil)
    #expect(try problem(nested, { $0.children[0]!.pointee.release = nil }) != nil)
    let coded = TestColumn.coded("d", [0], values: .text("", ["x"]))
    #expect(try problem(coded, { $0.dictionary = nil }) != nil)
    #expect(try problem(coded, { $0.dictionary = UnsafeMutablePointer(bitPattern: UInt.max - 7) }) != nil)
  }

  @Test("the batch itself has no offset, no null rows, and the schema's number of columns")
  func root() throws {
    #expect(try problem(Self.column, batch: { $0.offset = 1 })?.contains("offset") == true)
    #expect(try problem(Self.column, batch: { $0.null_count = 1 })?.contains("null_count") == true)
    #expect(try problem(Self.column, batch: { $0.n_children = 0 })?.contains("n_children") == true)
    #expect(try problem(Self.column, batch: { $0.n_children = 2 })?.contains("n_children") == true)
    #expect(try problem(Self.column, batch: { $0.n_buffers = 0 })?.contains("n_buffers") == true)
    #expect(try problem(Self.column, batch: { $0.length = -1 })?.contains("length") == true)
    #expect(try problem(Self.column, batch: { $0.release = nil })?.contains("released") == true)
    let validity = UnsafeMutablePointer<UInt8>.allocate(capacity: 1)
    validity.pointee = 0b1011
    let hidden = try problem(
      Self.column,
      batch: {
        $0.null_count = -1
        $0.buffers[0] = UnsafeRawPointer(validity)
      })
    #expect(hidden?.contains("row 2") == true)
    validity.pointee = 0b1111
    let none = try problem(
      Self.column,
      batch: {
        $0.null_count = -1
        $0.buffers[0] = UnsafeRawPointer(validity)
      })
    #expect(none == nil)
  }

  @Test(
    "offsets never decrease and never begin below 0, in both widths, wherever the slice begins",
    arguments: [false, true], [0, 3])
  func offsets(large: Bool, offset: Int) throws {
    func column(_ offsets: [Int]) -> TestColumn {
      var column = TestColumn.text("w", ["", "", ""], offset: offset, large: large)
      let all = [Int](repeating: -77, count: offset) + offsets
      column.buffers[1] = large ? TestColumn.bytes(all.map(Int64.init)) : TestColumn.bytes(all.map(Int32.init))
      column.buffers[2] = [UInt8](repeating: 97, count: 16)
      return column
    }
    #expect(try problem(column([0, 3, 3, 9])) == nil)
    #expect(try problem(column([5, 5, 5, 5])) == nil)
    #expect(try problem(column([0, 3, 2, 9]))?.contains("row 1") == true)
    #expect(try problem(column([4, 3, 3, 9]))?.contains("row 0") == true)
    #expect(try problem(column([-1, 3, 3, 9]))?.contains("first offset") == true)
    #expect(try problem(column([0, -5, 3, 9]))?.contains("row 0") == true)
    #expect(try problem(column([0, 1, 2, large ? Int.min : Int(Int32.min)]))?.contains("row 2") == true)
  }

  @Test("lists end within their child")
  func lists() throws {
    for large in [false, true] {
      func column(_ last: Int) -> TestColumn {
        .list("l", of: .int32("i", [1, 2, 3], offset: 4), ends: [1, last], large: large)
      }
      #expect(try problem(column(3)) == nil)
      #expect(try problem(column(4))?.contains("3 rows") == true)
      #expect(try problem(column(Int(Int32.max)))?.contains("3 rows") == true)
    }
  }

  @Test("a struct's and a fixed list's children are long enough, offsets counted")
  func childLengths() throws {
    #expect(try problem(.structure("s", [.int32("x", [1, 2])], valid: [true, true, true])) != nil)
    #expect(try problem(.structure("s", [.int32("x", [1, 2])], valid: [true], offset: 2)) != nil)
    #expect(try problem(.structure("s", [.int32("x", [1, 2])], valid: [true], offset: 1)) == nil)
    func fixed(_ format: String, rows: Int) -> TestColumn {
      TestColumn(
        name: "f", format: format, length: rows, buffers: [nil], children: [.int32("i", [1, 2, 3, 4, 5, 6])])
    }
    #expect(try problem(fixed("+w:3", rows: 2)) == nil)
    #expect(try problem(fixed("+w:3", rows: 3)) != nil)
    // Rows times size far beyond 2^63 bytes, and no trap.
    var huge = fixed("+w:1000000", rows: 2)
    huge.length = 1 << 40
    #expect(try problem(huge, rows: 1)?.contains("wanted") == true)
  }

  @Test(
    "dictionary indices lie within the dictionary; a negative one never counts as a large one",
    arguments: ["c", "C", "s", "S", "i", "I", "l", "L"])
  func indices(format: String) throws {
    // As many values as a signed byte's -1 would reach, were it taken for 255.
    let values = TestColumn.int32("", (0..<300).map { $0 })
    #expect(try problem(.coded("d", [0, nil, 127], format: format, values: values)) == nil)
    let isSigned = format.first?.isLowercase == true
    if isSigned || format != "C" {
      #expect(try problem(.coded("d", [0, -1], format: format, values: values))?.contains("row 1") == true)
    } else {
      #expect(try problem(.coded("d", [0, 255], format: format, values: values)) == nil)
    }
    let few = TestColumn.int32("", [1, 2])
    #expect(try problem(.coded("d", [0, 1, 2], format: format, values: few))?.contains("row 2") == true)
    #expect(try problem(.coded("d", [0, nil, 1], format: format, offset: 3, values: few)) == nil)
  }

  @Test("offsets at odd addresses are read as they are")
  func unaligned() throws {
    let memory = UnsafeMutableRawPointer.allocate(byteCount: 64, alignment: 8)
    let bytes = TestColumn.bytes([Int32(0), 1, 1, 4, 6])
    (memory + 1).copyMemory(from: bytes, byteCount: bytes.count)
    #expect(try problem(Self.column, { $0.buffers[1] = UnsafeRawPointer(memory + 1) }) == nil)
  }
}

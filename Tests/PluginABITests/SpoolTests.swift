import Foundation
import LinuxCalls
import TestSupport
import Testing

@testable import PluginABI

@Suite("Batches in the spool")
struct SpoolTests {
  /// Spools batches of real Arrow structs and gives the columns that come back, with what keeps them.
  private func spooled(
    _ batches: [[TestColumn]], in file: File
  ) throws -> (fields: [ArrowField], batches: [(batch: SpooledBatch, rows: Int)]) {
    var schema = makeSchema(batches[0])
    defer { schema.release(&schema) }
    let fields = try ArrowSchemaReader.columns(of: schema)
    let spool = Spool(file, fields)
    var places: [Spool.Place] = []
    for columns in batches {
      let rows = columns.first?.length ?? 0
      var batch = makeBatch(columns, rows: rows)
      defer { batch.release(&batch) }
      places.append(try spool.append(try ArrowBatchCheck.columns(of: batch, fields), rows: rows))
    }
    try spool.finish()
    // What is read is the file: the producer's memory is gone.
    return (fields, try places.map { (try spool.batch(at: $0), $0.rows) })
  }

  private static let words = TestColumn.text("", ["one", nil, "three"], lead: "zero")

  /// Columns of every layout, sliced at `offset` where they can be.
  static func columns(offset: Int, _ rows: Int = 3) -> [TestColumn] {
    func cut<Value>(_ values: [Value]) -> [Value] { Array(values.prefix(rows)) }
    let inner = offset + rows
    var key = TestColumn.text("key", ["k1", "k2"])
    key.flags = 0
    return [
      .int32("i", cut([1, nil, -3]), offset: offset), .bool("b", cut([true, nil, false]), offset: offset),
      .text("u", cut(["a", nil, "ccc"]), offset: offset, lead: "skipped"),
      .text("U", cut(["a", nil, "ccc"]), offset: offset, lead: "skipped", large: true),
      .structure(
        "s", [.int32("x", (0..<inner).map { Int32($0) }), .text("y", (0..<inner).map { $0 == offset ? nil : "t\($0)" })],
        valid: cut([true, false, true]), offset: offset),
      .list("l", of: .int32("item", [9, 8, 7, nil, 5, 4]), ends: cut([3, nil, 5]), start: 1, offset: offset),
      .list("L", of: .text("item", ["p", "q", nil, "s", "t"]), ends: cut([1, 3, 5]), offset: offset, large: true),
      TestColumn(
        name: "w", format: "+w:2", length: rows, offset: offset,
        buffers: [TestColumn.validity(cut([1, nil, 3] as [Int?]), offset: offset)],
        children: [.int32("item", (0..<2 * inner).map { Int32($0) })]),
      .coded("d", cut([2, nil, 0]), offset: offset, values: words),
      .coded("D", cut([0, 0, 1]), format: "I", offset: offset, values: .int32("", [7, nil])),
      TestColumn(name: "n", format: "n", length: rows, nullCount: rows, buffers: []),
      TestColumn(
        name: "m", format: "+m", length: rows, offset: offset,
        buffers: [nil, TestColumn.bytes([Int32](repeating: 0, count: offset) + [0, 1, 1, 2].prefix(rows + 1))],
        children: [
          TestColumn(
            name: "entries", format: "+s", length: 2, nullCount: 0, buffers: [nil],
            children: [key, .int32("value", [1, nil])], flags: 0)
        ]),
      .list(
        "deep", of: .structure("item", [.coded("c", [1, 0, 2, nil], values: words)], valid: [true, true, false, true]),
        ends: cut([1, 3, 4]), offset: offset),
    ]
  }

  @Test("what comes back has the rows that went in, whatever the layout, the offset and the size", arguments: [0, 1, 7, 8, 13])
  func rows(offset: Int) throws {
    let batches = [
      Self.columns(offset: offset) + SpoolTypes.numbers(offset: offset), Self.columns(offset: offset, 0) + SpoolTypes.numbers(offset: 0, isEmpty: true),
      Self.columns(offset: 0) + SpoolTypes.numbers(offset: 1),
    ]
    let (fields, back) = try spooled(batches, in: try AnonymousFile.create(name: "spool"))
    var result = RowFingerprint(fields)
    for (batch, rows) in back {
      try withExtendedLifetime(batch) {
        try ArrowBatchCheck.checkContents(batch.columns)
        result.add(batch.columns, rows: rows)
      }
    }
    #expect(result.digest().hex == (try fingerprint(batches)))
    #expect(back.map(\.rows) == [3, 0, 3])
  }

  @Test("buffers come back aligned to 64 bytes, in the pages of the file itself")
  func places() throws {
    let file = try AnonymousFile.create(name: "spool")
    let (_, back) = try spooled([[.int32("i", [1, 2, 3]), .text("u", ["a", "b", "c"])]], in: file)
    let columns = back[0].batch.columns
    #expect(columns.flatMap(\.buffers).allSatisfy { UInt(bitPattern: $0) % 64 == 0 })
    let place = MemoryMap.current().holding(UInt(bitPattern: columns[0].values))
    let inode = try file.status().inode
    #expect(place?.path.contains("spool") == true && place?.inode == inode)
    withExtendedLifetime(back) {}
  }

  @Test("a spool that somebody wrote into is an error at worst, and never a crash")
  func damaged() throws {
    let file = try AnonymousFile.create(name: "spool")
    var schema = makeSchema(Self.columns(offset: 3))
    defer { schema.release(&schema) }
    let fields = try ArrowSchemaReader.columns(of: schema)
    let spool = Spool(file, fields)
    var batch = makeBatch(Self.columns(offset: 3), rows: 3)
    defer { batch.release(&batch) }
    let place = try spool.append(try ArrowBatchCheck.columns(of: batch, fields), rows: 3)
    let whole = try file.read(at: place.start, count: place.byteCount)
    var errors = 0
    for index in whole.indices where whole[index] != 0 || index % 7 == 0 {
      var bytes = whole
      bytes[index] ^= 0xff
      // The bytes are read as memory, as they are from the mapping.
      bytes.withUnsafeBytes { memory in
        do {
          let columns = try ArrowIPCDecoder.columns(in: memory, fields, rows: 3)
          guard (try? ArrowBatchCheck.checkContents(columns)) != nil else { return errors += 1 }
          var result = RowFingerprint(fields)
          result.add(columns, rows: 3)
          _ = result.digest()
        } catch {
          errors += 1
        }
      }
    }
    #expect(errors > 100)
  }

  @Test("a dictionary of dictionaries is what the format cannot say, and its column is named")
  func unsayable() throws {
    let plain = TestColumn.coded("plain", [0], values: .text("", ["a"]))
    let twice = TestColumn.coded("twice", [0], values: .coded("", [0], values: .text("", ["a"])))
    func answer(_ columns: [TestColumn]) throws -> String? {
      var schema = makeSchema(columns)
      defer { schema.release(&schema) }
      return Spool(try AnonymousFile.create(name: "spool"), try ArrowSchemaReader.columns(of: schema)).unsayable
    }
    #expect(try answer([plain]) == nil)
    #expect(try answer([plain, .list("l", of: twice, ends: [1])]) == "twice")
  }

  @Test(
    "pyarrow reads a spool with every type that the host admits, and finds the values",
    arguments: [0, 5])
  func pyarrow(offset: Int) throws {
    guard (try? Shell.run(["python3", "-c", "import pyarrow"]).status) == 0 else {
      try Test.cancel("pyarrow is not installed")
    }
    let folder = try TemporaryFolder()
    let file = try File.open(folder.file("spool.arrows"), .createNew)
    _ = try spooled(
      [SpoolTypes.columns(offset: offset), SpoolTypes.columns(offset: 0, isEmpty: true), SpoolTypes.columns(offset: 0)], in: file)
    let result = try Shell.run(["python3", "-c", SpoolTypes.script, folder.file("spool.arrows"), "\(offset)"])
    #expect(result.status == 0, "\(result.stderr)")
    #expect(result.stdout == "\(SpoolTypes.columns(offset: 0).count) columns, 6 rows\n")
  }

  @Test("names, flags and metadata of columns stand in the spool's schema, as pyarrow reads it")
  func schema() throws {
    guard (try? Shell.run(["python3", "-c", "import pyarrow"]).status) == 0 else {
      try Test.cancel("pyarrow is not installed")
    }
    let pairs: [UInt8] = [2, 0, 0, 0, 1, 0, 0, 0, 107, 3, 0, 0, 0, 195, 188, 0, 0, 0, 0, 0, 0, 0, 0, 0]
    let key = ArrowField(name: "key", format: "u", flags: 0, type: .variable32)
    let value = ArrowField(name: "value", format: "i", flags: 2, type: .fixed(4))
    let entries = ArrowField(name: "entries", format: "+s", flags: 0, type: .structure([key, value]))
    let fields = [
      ArrowField(name: "\u{e9} \"n\"", format: "i", flags: 0, type: .fixed(4), metadata: pairs),
      ArrowField(name: "", format: "s", flags: 3, type: .dictionary(.int16, values: key)),
      ArrowField(name: "m", format: "+m", flags: 6, type: .list32(entries)),
    ]
    let folder = try TemporaryFolder()
    let spool = Spool(try File.open(folder.file("spool.arrows"), .createNew), fields)
    func empty(_ type: ArrowType) -> ArrowColumn {
      var parts = type.children.map { empty($0.type) }
      if case .dictionary(_, let values) = type { parts = [empty(values.type)] }
      return ArrowColumn(
        type: type, length: 0, offset: 0, nullCount: 0, validity: nil, values: nil, bytes: nil, children: parts)
    }
    _ = try spool.append(fields.map { empty($0.type) }, rows: 0)
    try spool.finish()
    let script = """
      import sys, pyarrow as pa, pyarrow.ipc
      schema = pa.ipc.open_stream(pa.OSFile(sys.argv[1])).read_all().schema
      wanted = pa.schema([
        pa.field('\u{e9} "n"', pa.int32(), nullable=False, metadata={"k": "\u{fc}\\0", "": ""}),
        pa.field("", pa.dictionary(pa.int16(), pa.string(), ordered=True)),
        pa.field("m", pa.map_(pa.string(), pa.int32(), keys_sorted=True))])
      if not schema.equals(wanted, check_metadata=True): sys.exit(f"found {schema}, wanted {wanted}")
      """
    let result = try Shell.run(["python3", "-c", script, folder.file("spool.arrows")])
    #expect(result.status == 0, "\(result.stderr)")
  }
}

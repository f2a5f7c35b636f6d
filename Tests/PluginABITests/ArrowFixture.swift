import COmphalos
import Synchronization

@testable import PluginABI

/// Counts what producers released.
final class Ledger: Sendable {
  private let state = Mutex<(schemas: Int, arrays: Int, streams: Int)>((0, 0, 0))
  var schemas: Int { state.withLock { $0.schemas } }
  /// Of top-level arrays.
  var arrays: Int { state.withLock { $0.arrays } }
  var streams: Int { state.withLock { $0.streams } }
  func releasedSchema() { state.withLock { $0.schemas += 1 } }
  func releasedArray() { state.withLock { $0.arrays += 1 } }
  func releasedStream() { state.withLock { $0.streams += 1 } }
}

/// A column in plain Swift, from which real Arrow structs are made.
struct TestColumn: Sendable {
  var name: String
  var format: String
  var length: Int
  var offset = 0
  var nullCount = -1
  var buffers: [[UInt8]?]
  var children: [TestColumn] = []
  /// None or one.
  var dictionary: [TestColumn] = []
  var flags: Int64 = 2

  static func bytes<Number: FixedWidthInteger>(_ numbers: [Number]) -> [UInt8] {
    numbers.flatMap { number in withUnsafeBytes(of: number.littleEndian) { Array($0) } }
  }

  /// Validity of `values`, after `offset` bits that are set the wrong way round on purpose.
  static func validity<Value>(_ values: [Value?], offset: Int) -> [UInt8] {
    bits((0..<offset).map { $0 % 2 == 0 } + values.map { $0 != nil })
  }

  static func bits(_ bits: [Bool]) -> [UInt8] {
    var bytes = [UInt8](repeating: 0, count: bits.count / 8 + 1)
    for (index, bit) in bits.enumerated() where bit { bytes[index / 8] |= 1 << (index % 8) }
    return bytes
  }

  static func int32(_ name: String, _ values: [Int32?], offset: Int = 0) -> TestColumn {
    TestColumn(
      name: name, format: "i", length: values.count, offset: offset,
      buffers: [
        validity(values, offset: offset),
        bytes([Int32](repeating: 0x5a5a, count: offset) + values.map { $0 ?? 0x7777 }),
      ])
  }

  static func bool(_ name: String, _ values: [Bool?], offset: Int = 0) -> TestColumn {
    TestColumn(
      name: name, format: "b", length: values.count, offset: offset,
      buffers: [
        validity(values, offset: offset), bits([Bool](repeating: true, count: offset) + values.map { $0 ?? true }),
      ])
  }

  /// - Parameter lead: bytes that lie in the data before the first value, as in a slice.
  static func text(
    _ name: String, _ values: [String?], offset: Int = 0, lead: String = "", large: Bool = false
  ) -> TestColumn {
    var data = Array(lead.utf8)
    var offsets = [Int](repeating: 0, count: offset) + [data.count]
    for value in values {
      data += Array((value ?? "").utf8)
      offsets.append(data.count)
    }
    return TestColumn(
      name: name, format: large ? "U" : "u", length: values.count, offset: offset,
      buffers: [
        validity(values, offset: offset), large ? bytes(offsets.map(Int64.init)) : bytes(offsets.map(Int32.init)), data,
      ])
  }

  /// - Parameter indices: into `values`; nil is null.
  static func coded(
    _ name: String, _ indices: [Int?], format: String = "c", offset: Int = 0, values: TestColumn
  ) -> TestColumn {
    let all = [Int](repeating: 99, count: offset) + indices.map { $0 ?? 99 }
    let data: [UInt8] =
      switch format {
      case "c", "C": all.map { UInt8(truncatingIfNeeded: $0) }
      case "s", "S": bytes(all.map { UInt16(truncatingIfNeeded: $0) })
      case "i", "I": bytes(all.map { UInt32(truncatingIfNeeded: $0) })
      default: bytes(all.map { UInt64(bitPattern: Int64($0)) })
      }
    return TestColumn(
      name: name, format: format, length: indices.count, offset: offset,
      buffers: [validity(indices, offset: offset), data], dictionary: [values])
  }

  static func structure(_ name: String, _ children: [TestColumn], valid: [Bool], offset: Int = 0) -> TestColumn {
    TestColumn(
      name: name, format: "+s", length: valid.count, offset: offset,
      buffers: [validity(valid.map { $0 ? true : nil }, offset: offset)], children: children)
  }

  /// - Parameter ends: where each list ends in the child; the first begins at `start`.
  static func list(
    _ name: String, of child: TestColumn, ends: [Int?], start: Int = 0, offset: Int = 0, large: Bool = false
  ) -> TestColumn {
    var offsets = [Int](repeating: 0, count: offset) + [start]
    for end in ends { offsets.append(end ?? offsets.last ?? start) }
    return TestColumn(
      name: name, format: large ? "+L" : "+l", length: ends.count, offset: offset,
      buffers: [
        validity(ends, offset: offset), large ? bytes(offsets.map(Int64.init)) : bytes(offsets.map(Int32.init)),
      ],
      children: [child])
  }
}

/// What one exported struct owns.
private final class Owned {
  var memory: [UnsafeMutableRawPointer] = []
  let ledger: Ledger?
  init(_ ledger: Ledger?) { self.ledger = ledger }

  func copy(_ bytes: [UInt8]) -> UnsafeMutableRawPointer {
    let place = UnsafeMutableRawPointer.allocate(byteCount: max(1, bytes.count), alignment: 64)
    place.copyMemory(from: bytes, byteCount: bytes.count)
    memory.append(place)
    return place
  }

  func array<Element>(_ elements: [Element]) -> UnsafeMutablePointer<Element> {
    let place = UnsafeMutablePointer<Element>.allocate(capacity: max(1, elements.count))
    place.initialize(from: elements, count: elements.count)
    memory.append(UnsafeMutableRawPointer(place))
    return place
  }

  func text(_ text: String) -> UnsafePointer<CChar> {
    UnsafePointer(array(text.utf8.map { CChar(bitPattern: $0) } + [0]))
  }

  func free() { for place in memory { place.deallocate() } }
}

/// A batch or schema as a struct: `columns` below a "+s".
func makeSchema(_ columns: [TestColumn], ledger: Ledger? = nil) -> ArrowSchema {
  makeSchema(TestColumn(name: "", format: "+s", length: 0, buffers: [nil], children: columns, flags: 0), ledger)
}

func makeSchema(_ column: TestColumn, _ ledger: Ledger?) -> ArrowSchema {
  let owned = Owned(ledger)
  let children = column.children.map { child in Optional(owned.array([makeSchema(child, nil)])) }
  let dictionary = column.dictionary.first.map { owned.array([makeSchema($0, nil)]) }
  return ArrowSchema(
    format: owned.text(column.format), name: owned.text(column.name), metadata: nil, flags: column.flags,
    n_children: Int64(children.count), children: owned.array(children), dictionary: dictionary,
    release: { schema in
      guard let schema, let context = schema.pointee.private_data else { return }
      for index in 0..<Int(schema.pointee.n_children) {
        if let child = schema.pointee.children[index], let release = child.pointee.release { release(child) }
      }
      if let dictionary = schema.pointee.dictionary, let release = dictionary.pointee.release { release(dictionary) }
      schema.pointee.release = nil
      let owned = Unmanaged<Owned>.fromOpaque(context).takeRetainedValue()
      owned.ledger?.releasedSchema()
      owned.free()
    }, private_data: Unmanaged.passRetained(owned).toOpaque())
}

func makeBatch(_ columns: [TestColumn], rows: Int, ledger: Ledger? = nil) -> ArrowArray {
  makeArray(
    TestColumn(name: "", format: "+s", length: rows, nullCount: 0, buffers: [nil], children: columns), ledger)
}

func makeArray(_ column: TestColumn, _ ledger: Ledger?) -> ArrowArray {
  let owned = Owned(ledger)
  let buffers = column.buffers.map { $0.map { UnsafeRawPointer(owned.copy($0)) } }
  let children = column.children.map { child in Optional(owned.array([makeArray(child, nil)])) }
  let dictionary = column.dictionary.first.map { owned.array([makeArray($0, nil)]) }
  return ArrowArray(
    length: Int64(column.length), null_count: Int64(column.nullCount), offset: Int64(column.offset),
    n_buffers: Int64(buffers.count), n_children: Int64(children.count), buffers: owned.array(buffers),
    children: owned.array(children), dictionary: dictionary,
    release: { array in
      guard let array, let context = array.pointee.private_data else { return }
      for index in 0..<Int(array.pointee.n_children) {
        // A child that the consumer moved away bears no release any more.
        if let child = array.pointee.children[index], let release = child.pointee.release { release(child) }
      }
      if let dictionary = array.pointee.dictionary, let release = dictionary.pointee.release { release(dictionary) }
      array.pointee.release = nil
      let owned = Unmanaged<Owned>.fromOpaque(context).takeRetainedValue()
      owned.ledger?.releasedArray()
      owned.free()
    }, private_data: Unmanaged.passRetained(owned).toOpaque())
}

/// The columns of a batch after the host's own check, and the fingerprint over batches.
func fingerprint(_ batches: [[TestColumn]]) throws -> String {
  var schema = makeSchema(batches[0])
  defer { schema.release(&schema) }
  let fields = try ArrowSchemaReader.columns(of: schema)
  var result = RowFingerprint(fields)
  for columns in batches {
    let rows = columns.first?.length ?? 0
    var batch = makeBatch(columns, rows: rows)
    defer { batch.release(&batch) }
    result.add(try ArrowBatchCheck.columns(of: batch, fields), rows: rows)
  }
  return result.digest().hex
}

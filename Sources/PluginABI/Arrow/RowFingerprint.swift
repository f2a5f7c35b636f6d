import OmphalosValues

/// SHA-256 over the logical rows of a dataset, whatever its batches.
///
/// The hashed bytes, all integers little-endian: for each column `u64 length, name, u64 length, format`, preceded by
/// the `u64` number of columns, and followed, where the type is a list or struct, by the `u64` number of its parts and
/// the parts in the same form; then row by row and column by column one byte, 0 for null or 1 for a value, and for a
/// value `u64 length, bytes`. A value of a list or struct is one byte string made of its parts by the same rule.
/// A dictionary-encoded column counts as a column of its values.
struct RowFingerprint: Sendable {
  private var hasher = SHA256Hasher()
  private var pending: [UInt8] = []
  private static let flushAt = 1 << 16

  init(_ fields: [ArrowField]) {
    pending.reserveCapacity(Self.flushAt + 4096)
    append(UInt64(fields.count))
    for field in fields { append(field) }
  }

  mutating func add(_ columns: [ArrowColumn], rows: Int) {
    for row in 0..<rows {
      for column in columns { append(column, row) }
      if pending.count >= Self.flushAt { flush() }
    }
  }

  /// The digest of all rows so far.
  func digest() -> SHA256Digest {
    var copy = self
    copy.flush()
    return copy.hasher.finalize()
  }

  /// A copy that shares no bytes that wait to be hashed, so that it stays small.
  mutating func settled() -> RowFingerprint {
    flush()
    var copy = self
    copy.pending = []
    return copy
  }

  private mutating func flush() {
    hasher.update(pending)
    pending.removeAll(keepingCapacity: true)
  }

  private mutating func append(_ field: ArrowField) {
    append(Array(field.name.utf8))
    appendType(of: field)
  }

  private mutating func appendType(of field: ArrowField) {
    if case .dictionary(_, let values) = field.type { return appendType(of: values) }
    append(Array(field.format.utf8))
    switch field.type {
    case .structure, .list32, .list64, .fixedList:
      // The number keeps {a: {b}, c} apart from {a: {b, c}}.
      append(UInt64(field.type.children.count))
      for child in field.type.children { append(child) }
    default: break
    }
  }

  private mutating func append(_ number: UInt64) {
    for shift in stride(from: UInt64(0), to: 64, by: 8) { pending.append(UInt8(truncatingIfNeeded: number >> shift)) }
  }

  private mutating func append(_ bytes: [UInt8]) {
    append(UInt64(bytes.count))
    pending += bytes
  }

  private mutating func append(_ column: ArrowColumn, _ row: Int) {
    guard !column.isNull(row) else {
      pending.append(0)
      return
    }
    pending.append(1)
    switch column.type {
    case .null: break
    case .bits:
      append(1)
      pending.append(bit(column, row))
    case .fixed(let size):
      append(UInt64(size))
      guard let values = unsafe column.values else { break }
      // The batch check saw the buffer; a row lies `size` bytes after the one before.
      unsafe pending.append(
        contentsOf: UnsafeRawBufferPointer(start: values + (row + column.offset) * size, count: size))
    case .variable32, .variable64:
      let range = column.range(row)
      append(UInt64(range.end - range.start))
      guard range.end > range.start, let bytes = unsafe column.bytes else { break }
      unsafe pending.append(
        contentsOf: UnsafeRawBufferPointer(start: bytes + range.start, count: range.end - range.start))
    case .dictionary(let index, _):
      pending.removeLast()
      append(column.children[0], column.index(row, index))
    case .structure, .list32, .list64, .fixedList:
      appendNested(column, row)
    }
  }

  private mutating func appendNested(_ column: ArrowColumn, _ row: Int) {
    let start = pending.count
    append(UInt64(0))
    let bodyStart = pending.count
    switch column.type {
    case .structure:
      for child in column.children { append(child, row + column.offset) }
    case .fixedList(_, let size):
      for item in 0..<size { append(column.children[0], (row + column.offset) * size + item) }
    default:
      let range = column.range(row)
      for item in range.start..<range.end { append(column.children[0], item) }
    }
    let length = UInt64(pending.count - bodyStart)
    for index in 0..<8 { pending[start + index] = UInt8(truncatingIfNeeded: length >> UInt64(index * 8)) }
  }

  private func bit(_ column: ArrowColumn, _ row: Int) -> UInt8 {
    guard let values = unsafe column.values else { return 0 }
    let index = row + column.offset
    return unsafe (values.load(fromByteOffset: index >> 3, as: UInt8.self) >> UInt8(index & 7)) & 1
  }
}

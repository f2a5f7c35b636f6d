import COmphalos

/// One column of one batch.
///
/// Counts, lengths and offsets are checked when the view is made, so every row below `rows` lies in the buffers, as far
/// as can be known: the Arrow C data interface does not carry the size of a buffer. A view may not outlive its batch.
@safe struct ColumnView {
  let kind: ColumnKind
  let rows: Int
  private let offset: Int
  private let validity: UnsafeRawPointer?
  private let values: UnsafeRawPointer?
  private let text: UnsafeRawPointer?

  /// - Parameters:
  ///   - column: a child of the batch, not released.
  ///   - first: the offset of the batch itself, which counts for its children on top of their own.
  @unsafe init(_ field: Field, _ column: ArrowArray, first: Int64, rows: Int64) throws(Failure) {
    kind = field.kind
    self.rows = Int(rows)
    let (begin, overflow) = unsafe column.offset.addingReportingOverflow(first)
    guard unsafe column.release != nil, unsafe column.offset >= 0, unsafe column.length >= 0, !overflow,
      unsafe first <= column.length, unsafe rows <= column.length - first
    else { throw .data("column \"\(field.name)\" does not have the \(rows) values of its batch") }
    guard unsafe column.n_buffers == field.kind.bufferCount,
      unsafe column.n_buffers == 0 || column.buffers != nil
    else {
      throw unsafe .data("column \"\(field.name)\" has \(column.n_buffers) buffers, wanted \(field.kind.bufferCount)")
    }
    offset = Int(begin)
    let hasBuffers = field.kind.bufferCount > 0
    unsafe validity = hasBuffers && column.null_count != 0 ? column.buffers[0] : nil
    unsafe values = hasBuffers ? column.buffers[1] : nil
    unsafe text = field.kind.bufferCount == 3 ? column.buffers[2] : nil
    if rows > 0, hasBuffers, unsafe values == nil {
      throw .data("column \"\(field.name)\" has no values in a batch")
    }
    if unsafe column.null_count > 0, hasBuffers, unsafe validity == nil {
      throw .data("column \"\(field.name)\" counts nulls and has no validity bitmap")
    }
  }

  func isNull(_ row: Int) -> Bool {
    if case .null = kind { return true }
    return unsafe validity.map { unsafe !bit(of: $0, row) } ?? false
  }

  func truth(_ row: Int) -> Bool { unsafe values.map { unsafe bit(of: $0, row) } ?? false }

  /// For integers, dates and timestamps.
  func integer(_ row: Int) -> Int64 {
    switch kind {
    case .integer(bytes: 1): Int64(load(row, as: Int8.self))
    case .integer(bytes: 2): Int64(load(row, as: Int16.self))
    case .integer(bytes: 4), .date: Int64(load(row, as: Int32.self))
    default: load(row, as: Int64.self)
    }
  }

  func unsigned(_ row: Int) -> UInt64 {
    switch kind {
    case .unsigned(bytes: 1): UInt64(load(row, as: UInt8.self))
    case .unsigned(bytes: 2): UInt64(load(row, as: UInt16.self))
    case .unsigned(bytes: 4): UInt64(load(row, as: UInt32.self))
    default: load(row, as: UInt64.self)
    }
  }

  func float(_ row: Int) -> Double {
    if case .float(bytes: 4) = kind { return Double(load(row, as: Float.self)) }
    return load(row, as: Double.self)
  }

  /// The bytes of a text, or nil if its offsets are not in order.
  func bytes(_ row: Int) -> Bytes? {
    let begin: Int64, end: Int64
    if case .text(offsetBytes: 8) = kind {
      begin = load(row, as: Int64.self)
      end = load(row + 1, as: Int64.self)
    } else {
      begin = Int64(load(row, as: Int32.self))
      end = Int64(load(row + 1, as: Int32.self))
    }
    guard 0 <= begin, begin <= end, unsafe begin == end || text != nil else { return nil }
    if begin == end { return Bytes([]) }
    // Both offsets are ordered and not negative; that they lie in the buffer is the producer's promise.
    let slice = unsafe UnsafeRawBufferPointer(start: text.map { unsafe $0 + Int(begin) }, count: Int(end - begin))
    return unsafe Bytes([UInt8](slice))
  }

  /// Unaligned, because Arrow recommends alignment and does not require it. The row was checked against the column's
  /// length; a text column has one offset more than it has rows.
  private func load<Value: BitwiseCopyable>(_ row: Int, as type: Value.Type) -> Value {
    guard let values = unsafe values else { preconditionFailure("a column of \(kind.name) has values") }
    return unsafe values.loadUnaligned(fromByteOffset: (offset + row) * MemoryLayout<Value>.size, as: type)
  }

  @unsafe private func bit(of bits: UnsafeRawPointer, _ row: Int) -> Bool {
    let index = offset + row
    return unsafe bits.load(fromByteOffset: index / 8, as: UInt8.self) >> (index % 8) & 1 == 1
  }
}

/// Text compared, hashed and ordered as bytes: Swift's String would call two spellings of one letter equal.
struct Bytes: Hashable, Comparable {
  let bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  static func < (left: Bytes, right: Bytes) -> Bool { left.bytes.lexicographicallyPrecedes(right.bytes) }
}

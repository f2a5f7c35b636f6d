/// Turns a batch into messages: its dictionaries, the inner ones first, then the batch.
struct ArrowIPCEncoder {
  private(set) var messages: [ArrowIPCMessage] = []
  private var dictionaries = 0

  /// - Parameter columns: after the batch check; each has at least `rows` rows.
  static func messages(_ columns: [ArrowColumn], rows: Int) -> [ArrowIPCMessage] {
    var encoder = ArrowIPCEncoder()
    var batch = ArrowIPCMessage(rows: rows)
    for column in columns { encoder.add(column, 0, rows, to: &batch) }
    return encoder.messages + [batch]
  }

  /// Adds `count` rows from `first` on.
  private mutating func add(_ column: ArrowColumn, _ first: Int, _ count: Int, to message: inout ArrowIPCMessage) {
    let at = first + column.offset
    let nulls = nulls(of: column, first, count)
    message.nodes.append((count, nulls))
    if column.type == .null { return }
    if nulls > 0, let validity = unsafe column.validity {
      message.buffers.append(unsafe .bits(UnsafeRawPointer(validity), first: at, count: count))
    } else {
      message.buffers.append(.empty)
    }
    switch column.type {
    case .null: break
    case .bits: message.buffers.append(bits(of: column, at, count))
    case .fixed(let size): message.buffers.append(values(of: column, size, at, count))
    case .variable32: addBytes(column, 4, first, count, to: &message)
    case .variable64: addBytes(column, 8, first, count, to: &message)
    case .list32: addList(column, 4, first, count, to: &message)
    case .list64: addList(column, 8, first, count, to: &message)
    case .structure: for child in column.children { add(child, at, count, to: &message) }
    case .fixedList(_, let size): add(column.children[0], at * size, count * size, to: &message)
    case .dictionary(let index, _):
      message.buffers.append(values(of: column, index.size, at, count))
      addDictionary(column.children[0])
    }
  }

  private mutating func addDictionary(_ values: ArrowColumn) {
    var message = ArrowIPCMessage(dictionary: dictionaries, rows: values.length)
    dictionaries += 1
    add(values, 0, values.length, to: &message)
    messages.append(message)
  }

  private func nulls(of column: ArrowColumn, _ first: Int, _ count: Int) -> Int {
    if column.type == .null { return count }
    if unsafe column.validity == nil { return 0 }
    return (first..<first + count).reduce(0) { $0 + (column.isNull($1) ? 1 : 0) }
  }

  private func bits(of column: ArrowColumn, _ at: Int, _ count: Int) -> ArrowIPCBuffer {
    guard count > 0, let values = unsafe column.values else { return .empty }
    return unsafe .bits(values, first: at, count: count)
  }

  private func values(of column: ArrowColumn, _ size: Int, _ at: Int, _ count: Int) -> ArrowIPCBuffer {
    guard count > 0, let values = unsafe column.values else { return .empty }
    return unsafe .bytes(values + at * size, count * size)
  }

  /// The offsets of some rows, and the range that they cover.
  private func offsets(
    of column: ArrowColumn, _ size: Int, _ first: Int, _ count: Int
  ) -> (buffer: ArrowIPCBuffer, covered: Range<Int>) {
    // A column without rows may have no offsets; the format asks for one.
    guard count > 0, let values = unsafe column.values else { return (.zeros(size), 0..<0) }
    let buffer = unsafe ArrowIPCBuffer.offsets(values, size: size, first: first + column.offset, count: count + 1)
    return (buffer, column.range(first).start..<column.range(first + count - 1).end)
  }

  private func addBytes(_ column: ArrowColumn, _ size: Int, _ first: Int, _ count: Int, to message: inout ArrowIPCMessage) {
    let (buffer, covered) = offsets(of: column, size, first, count)
    message.buffers.append(buffer)
    guard !covered.isEmpty, let bytes = unsafe column.bytes else { return message.buffers.append(.empty) }
    message.buffers.append(unsafe .bytes(bytes + covered.lowerBound, covered.count))
  }

  private mutating func addList(
    _ column: ArrowColumn, _ size: Int, _ first: Int, _ count: Int, to message: inout ArrowIPCMessage
  ) {
    let (buffer, covered) = offsets(of: column, size, first, count)
    message.buffers.append(buffer)
    add(column.children[0], covered.lowerBound, covered.count, to: &message)
  }
}

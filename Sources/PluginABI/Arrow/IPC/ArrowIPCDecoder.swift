/// Columns over the messages of one batch that lie in memory: they point into it, and nothing is copied.
///
/// What lies there was written by this host, and may have been written over by somebody since: every length and place is
/// checked against the memory.
@safe struct ArrowIPCDecoder {
  private let memory: UnsafeRawBufferPointer
  private var messages: [Int: Message] = [:]
  private var dictionaries = 0

  /// A message whose columns are being taken from it one after the other.
  @safe private struct Message {
    let rows: Int
    let nodes: [(Int64, Int64)]
    let buffers: [(Int64, Int64)]
    let body: UnsafeRawBufferPointer
    var nextNode = 0
    var nextBuffer = 0
  }

  /// The number under which the batch itself is kept among its dictionaries.
  private static let batch = -1
  private static let changed = ArrowError("the spool is not what was written into it")

  /// - Parameter memory: the messages of the batch, and nothing else.
  static func columns(
    in memory: UnsafeRawBufferPointer, _ fields: [ArrowField], rows: Int
  ) throws(ArrowError) -> [ArrowColumn] {
    var decoder = unsafe ArrowIPCDecoder(memory: memory)
    try decoder.readMessages()
    guard decoder.messages[batch]?.rows == rows else { throw changed }
    return try decoder.columns(fields, from: batch, rows: rows)
  }

  private init(memory: UnsafeRawBufferPointer) { unsafe self.memory = unsafe memory }

  private mutating func readMessages() throws(ArrowError) {
    var place = 0
    while unsafe place < memory.count {
      guard let size = unsafe number(Int32.self, in: memory, at: place + 4), size > 0 else { throw Self.changed }
      let start = place + 8
      let bodyStart = start + Int(size)
      guard unsafe bodyStart <= memory.count else { throw Self.changed }
      let metadata = unsafe UnsafeRawBufferPointer(rebasing: memory[start..<bodyStart])
      guard let message = unsafe FlatBufferTable(root: metadata), let length = message.long(3), length >= 0,
        let kind = message.byte(1), let header = message.table(2), unsafe Int(length) <= memory.count - bodyStart
      else { throw Self.changed }
      let isDictionary = kind == ArrowIPCMetadata.Header.dictionary.rawValue
      guard let batch = isDictionary ? header.table(1) : header, let rows = batch.long(0), let nodes = batch.pairs(1),
        let buffers = batch.pairs(2)
      else { throw Self.changed }
      place = bodyStart + Int(length)
      let body = unsafe UnsafeRawBufferPointer(rebasing: memory[bodyStart..<place])
      let key = isDictionary ? Int(clamping: header.long(0) ?? 0) : Self.batch
      messages[key] = unsafe Message(rows: Int(clamping: rows), nodes: nodes, buffers: buffers, body: body)
    }
  }

  private mutating func columns(
    _ fields: [ArrowField], from message: Int, rows: Int?
  ) throws(ArrowError) -> [ArrowColumn] {
    try fields.map { (field) throws(ArrowError) in try column(field.type, from: message, rows: rows) }
  }

  /// - Parameter rows: as many as the column must have; nil where its parent says how many at least.
  private mutating func column(_ type: ArrowType, from message: Int, rows: Int?) throws(ArrowError) -> ArrowColumn {
    let (length, nulls) = try node(message)
    guard 0...length ~= nulls, rows == nil || rows == length else { throw Self.changed }
    var buffers: [UnsafeRawBufferPointer] = unsafe []
    for index in 0..<type.bufferCount {
      let buffer = try unsafe buffer(message)
      guard buffer.count >= Self.least(type, index, length, nulls) else { throw Self.changed }
      unsafe buffers.append(buffer)
    }
    let children = try children(of: type, from: message, length)
    let validity = unsafe buffers.isEmpty || buffers[0].isEmpty ? nil : buffers[0].baseAddress
    let column = unsafe ArrowColumn(
      type: type, length: length, offset: 0, nullCount: nulls,
      validity: validity?.assumingMemoryBound(to: UInt8.self),
      values: buffers.count > 1 ? buffers[1].baseAddress : nil, bytes: buffers.count > 2 ? buffers[2].baseAddress : nil,
      children: children)
    if unsafe buffers.count > 2, length > 0, unsafe column.range(length - 1).end > buffers[2].count { throw Self.changed }
    return column
  }

  private mutating func children(
    of type: ArrowType, from message: Int, _ length: Int
  ) throws(ArrowError) -> [ArrowColumn] {
    switch type {
    case .structure(let fields): return try columns(fields, from: message, rows: length)
    case .fixedList(let field, let size): return try columns([field], from: message, rows: length * size)
    case .list32(let field), .list64(let field): return try columns([field], from: message, rows: nil)
    case .dictionary(_, let values):
      let number = dictionaries
      dictionaries += 1
      guard let rows = messages[number]?.rows else { throw Self.changed }
      return try columns([values], from: number, rows: rows)
    default: return []
    }
  }

  private mutating func node(_ message: Int) throws(ArrowError) -> (length: Int, nulls: Int) {
    guard let next = messages[message]?.nextNode, let nodes = messages[message]?.nodes, next < nodes.count,
      0...(1 << 40) ~= nodes[next].0
    else { throw Self.changed }
    messages[message]?.nextNode += 1
    return (Int(nodes[next].0), Int(clamping: nodes[next].1))
  }

  private mutating func buffer(_ message: Int) throws(ArrowError) -> UnsafeRawBufferPointer {
    guard let found = messages[message], found.nextBuffer < found.buffers.count else { throw Self.changed }
    let (start, length) = found.buffers[found.nextBuffer]
    guard start >= 0, length >= 0, unsafe start <= found.body.count, unsafe length <= Int64(found.body.count) - start else {
      throw Self.changed
    }
    messages[message]?.nextBuffer += 1
    return unsafe UnsafeRawBufferPointer(rebasing: found.body[Int(start)..<Int(start + length)])
  }

  /// How many bytes a buffer of so many rows has at least.
  private static func least(_ type: ArrowType, _ buffer: Int, _ rows: Int, _ nulls: Int) -> Int {
    if buffer == 0 { return nulls > 0 ? (rows + 7) / 8 : 0 }
    if buffer == 2 { return 0 }
    return switch type {
    case .bits: (rows + 7) / 8
    case .fixed(let size): rows * size
    case .dictionary(let index, _): rows * index.size
    case .variable32, .list32: (rows + 1) * 4
    case .variable64, .list64: (rows + 1) * 8
    default: 0
    }
  }
}

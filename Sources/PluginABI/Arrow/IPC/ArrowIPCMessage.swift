/// One message of a batch: the batch itself, or one of its dictionaries.
struct ArrowIPCMessage {
  /// The number of the dictionary; nil for the batch.
  let dictionary: Int?
  let rows: Int
  /// Length and nulls of each column, a column before its children.
  var nodes: [(length: Int, nulls: Int)] = []
  var buffers: [ArrowIPCBuffer] = []

  init(dictionary: Int? = nil, rows: Int) {
    self.dictionary = dictionary
    self.rows = rows
  }

  /// Where buffers begin in the body: a multiple of this many bytes, as the format recommends.
  static let alignment = 64

  var bodyLength: Int { buffers.reduce(0) { $0 + Self.padded($1.length) } }

  static func padded(_ count: Int) -> Int { (count + alignment - 1) & ~(alignment - 1) }

  /// The message's metadata.
  var metadata: [UInt8] {
    var place = 0
    var ranges: [UInt8] = []
    for buffer in buffers {
      ranges += littleEndian(Int64(place)) + littleEndian(Int64(buffer.length))
      place += Self.padded(buffer.length)
    }
    let counts = nodes.flatMap { littleEndian(Int64($0.length)) + littleEndian(Int64($0.nulls)) }
    let batch = FlatBuffer.table([
      .init(0, .long(Int64(rows))), .init(1, .offset(.structs(nodes.count, counts))),
      .init(2, .offset(.structs(buffers.count, ranges))),
    ])
    guard let dictionary else { return ArrowIPCMetadata.message(.batch, batch, bodyLength: place) }
    // Without the mark of a delta it takes the place of the dictionary that had the number before.
    let content = FlatBuffer.table([.init(0, .long(Int64(dictionary))), .init(1, .offset(batch))])
    return ArrowIPCMetadata.message(.dictionary, content, bodyLength: place)
  }
}

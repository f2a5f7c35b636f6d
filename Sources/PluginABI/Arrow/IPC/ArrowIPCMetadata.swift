/// The metadata of the messages of an Arrow IPC stream, as FlatBuffers. Source: Apache Arrow, "Arrow Columnar Format",
/// "Serialization and Interprocess Communication", and the definitions it names, Schema.fbs and Message.fbs.
enum ArrowIPCMetadata {
  /// Which message it is: the number of its type among the headers.
  enum Header: UInt8 {
    case schema = 1
    case dictionary = 2
    case batch = 3
  }

  /// The message around a header.
  static func message(_ header: Header, _ content: FlatBuffer, bodyLength: Int) -> [UInt8] {
    let version: Int16 = 4
    return FlatBuffer.table([
      .init(0, .short(version)), .init(1, .byte(header.rawValue)), .init(2, .offset(content)),
      .init(3, .long(Int64(bodyLength))),
    ]).bytes
  }

  /// Dictionaries are numbered as they are met: a column before what is in it.
  static func schema(_ fields: [ArrowField]) -> FlatBuffer {
    var dictionaries: Int64 = 0
    let littleEndian: Int16 = 0
    return .table([
      .init(0, .short(littleEndian)), .init(1, .offset(.vector(fields.map { field($0, &dictionaries) }))),
    ])
  }

  private static func field(_ field: ArrowField, _ dictionaries: inout Int64) -> FlatBuffer {
    var parts: [FlatBuffer.Field] = [
      .init(0, .offset(.string(Array(field.name.utf8)))), .init(1, .bool(field.flags & 2 != 0)),
    ]
    // An encoded column is described by its values; of them it has the type, and the children.
    var content = field
    if case .dictionary(let index, let values) = field.type {
      parts.append(.init(4, .offset(encoding(index, field, &dictionaries))))
      content = values
    }
    let type = ArrowIPCType(content)
    parts += [.init(2, .byte(type.number)), .init(3, .offset(.table(type.parameters)))]
    parts.append(.init(5, .offset(.vector(content.type.children.map { Self.field($0, &dictionaries) }))))
    let pairs = keyValues(field.metadata)
    if !pairs.isEmpty { parts.append(.init(6, .offset(.vector(pairs)))) }
    return .table(parts)
  }

  private static func encoding(_ index: ArrowIndex, _ field: ArrowField, _ dictionaries: inout Int64) -> FlatBuffer {
    defer { dictionaries += 1 }
    return .table([
      .init(0, .long(dictionaries)), .init(1, .offset(.table(ArrowIPCType.integer(index.size, index.isSigned)))),
      .init(2, .bool(field.flags & 1 != 0)),
    ])
  }

  /// From the layout of the C interface: `i32` number of pairs, then each key and value after its `i32` length.
  private static func keyValues(_ metadata: [UInt8]) -> [FlatBuffer] {
    var place = 0
    func length() -> Int {
      defer { place += 4 }
      return metadata[place..<place + 4].reversed().reduce(0) { $0 << 8 | Int($1) }
    }
    func text() -> FlatBuffer {
      let count = length()
      defer { place += count }
      return .string(Array(metadata[place..<place + count]))
    }
    if metadata.isEmpty { return [] }
    return (0..<length()).map { _ in .table([.init(0, .offset(text())), .init(1, .offset(text()))]) }
  }
}

/// What a FlatBuffers buffer is made of, before it has places: enough of the format for the metadata of Arrow messages.
/// Source: "FlatBuffers Internals", the binary format.
indirect enum FlatBuffer {
  case table([Field])
  case string([UInt8])
  case vector([FlatBuffer])
  /// A vector of structs whose first member has eight bytes: their number, and all their bytes.
  case structs(Int, [UInt8])

  /// A field by its number in the table's definition. A field that is left out has its default.
  struct Field {
    let slot: Int
    let value: Value
    init(_ slot: Int, _ value: Value) {
      self.slot = slot
      self.value = value
    }
  }

  enum Value {
    case byte(UInt8)
    case short(Int16)
    case int(Int32)
    case long(Int64)
    case offset(FlatBuffer)

    static func bool(_ value: Bool) -> Value { .byte(value ? 1 : 0) }

    var size: Int {
      switch self {
      case .byte: 1
      case .short: 2
      case .int, .offset: 4
      case .long: 8
      }
    }

    /// The bytes of a number; zeros for an offset, which is known later.
    var bytes: [UInt8] {
      switch self {
      case .byte(let value): [value]
      case .short(let value): littleEndian(value)
      case .int(let value): littleEndian(value)
      case .long(let value): littleEndian(value)
      case .offset: [0, 0, 0, 0]
      }
    }
  }

  /// The buffer of which this is the root table.
  var bytes: [UInt8] {
    var writer = FlatBufferWriter()
    return writer.write(root: self)
  }
}

func littleEndian<Number: FixedWidthInteger>(_ number: Number) -> [UInt8] {
  (0..<Number.bitWidth / 8).map { UInt8(truncatingIfNeeded: number >> Number($0 * 8)) }
}

/// Lays values out from front to back: an offset points forward to what is written after its owner.
private struct FlatBufferWriter {
  private var bytes: [UInt8] = []

  mutating func write(root: FlatBuffer) -> [UInt8] {
    bytes = [0, 0, 0, 0]
    point(at: 0, to: write(root))
    return bytes
  }

  /// Writes a value behind all others; where it lies.
  private mutating func write(_ value: FlatBuffer) -> Int {
    switch value {
    case .table(let fields): return write(fields)
    case .string(let text):
      pad(before: 4, to: 4)
      let place = bytes.count
      bytes += littleEndian(UInt32(text.count)) + text + [0]
      return place
    case .vector(let items):
      pad(before: 0, to: 4)
      let place = bytes.count
      bytes += littleEndian(UInt32(items.count)) + [UInt8](repeating: 0, count: 4 * items.count)
      for (index, item) in items.enumerated() { point(at: place + 4 + 4 * index, to: write(item)) }
      return place
    case .structs(let count, let content):
      // The structs, not their number, lie on a multiple of eight.
      pad(before: 4, to: 8)
      let place = bytes.count
      bytes += littleEndian(UInt32(count)) + content
      return place
    }
  }

  private mutating func write(_ fields: [FlatBuffer.Field]) -> Int {
    var places = [Int](repeating: 0, count: (fields.map(\.slot).max() ?? -1) + 1)
    var size = 4
    for field in fields {
      size = (size + field.value.size - 1) & ~(field.value.size - 1)
      places[field.slot] = size
      size += field.value.size
    }
    // The list of places comes first; the table itself lies on a multiple of eight, so its fields are aligned.
    let listSize = 4 + 2 * places.count
    pad(before: listSize, to: 8)
    bytes += littleEndian(UInt16(listSize)) + littleEndian(UInt16(size))
    for place in places { bytes += littleEndian(UInt16(place)) }
    let table = bytes.count
    bytes += littleEndian(Int32(listSize)) + [UInt8](repeating: 0, count: size - 4)
    for field in fields {
      let place = table + places[field.slot]
      bytes.replaceSubrange(place..<place + field.value.size, with: field.value.bytes)
    }
    for field in fields {
      if case .offset(let value) = field.value { point(at: table + places[field.slot], to: write(value)) }
    }
    return table
  }

  /// After `count` more bytes the end is a multiple of `alignment`.
  private mutating func pad(before count: Int, to alignment: Int) {
    while (bytes.count + count) % alignment != 0 { bytes.append(0) }
  }

  private mutating func point(at place: Int, to target: Int) {
    bytes.replaceSubrange(place..<place + 4, with: littleEndian(UInt32(target - place)))
  }
}

/// A column's type as an IPC schema says it: the number in the union `Type` of Schema.fbs, and the fields of its table.
struct ArrowIPCType {
  let number: UInt8
  let parameters: [FlatBuffer.Field]

  private init(_ number: UInt8, _ parameters: [FlatBuffer.Field] = []) {
    self.number = number
    self.parameters = parameters
  }

  /// - Parameter field: not dictionary-encoded; its format is one that `ArrowSchemaReader` admits.
  init(_ field: ArrowField) {
    let format = field.format
    switch format {
    case "n": self.init(1)
    case "e", "f", "g": self.init(3, [.init(0, .short(format == "e" ? 0 : format == "f" ? 1 : 2))])
    case "z": self.init(4)
    case "u": self.init(5)
    case "b": self.init(6)
    case "+l": self.init(12)
    case "+s": self.init(13)
    case "+m": self.init(17, [.init(0, .bool(field.flags & 4 != 0))])
    case "Z": self.init(19)
    case "U": self.init(20)
    case "+L": self.init(21)
    default: self = Self.parametrized(format)
    }
  }

  private static func parametrized(_ format: String) -> ArrowIPCType {
    if let index = ArrowIndex(format: format) { return ArrowIPCType(2, integer(index.size, index.isSigned)) }
    let rest = format.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).dropFirst().first ?? ""
    if format.hasPrefix("d:") { return decimal(rest) }
    if format.hasPrefix("w:") { return ArrowIPCType(15, [.init(0, .int(Int32(rest) ?? 0))]) }
    if format.hasPrefix("+w:") { return ArrowIPCType(16, [.init(0, .int(Int32(rest) ?? 0))]) }
    return time(format, zone: rest)
  }

  static func integer(_ size: Int, _ isSigned: Bool) -> [FlatBuffer.Field] {
    [.init(0, .int(Int32(size * 8))), .init(1, .bool(isSigned))]
  }

  private static func decimal(_ parameters: Substring) -> ArrowIPCType {
    let numbers = parameters.split(separator: ",").map { Int32($0) ?? 0 } + [0, 0]
    let bits = parameters.split(separator: ",").count > 2 ? numbers[2] : 128
    return ArrowIPCType(7, [.init(0, .int(numbers[0])), .init(1, .int(numbers[1])), .init(2, .int(bits))])
  }

  private static func time(_ format: String, zone: Substring) -> ArrowIPCType {
    let letters = Array(format.utf8.prefix(3)) + [0, 0, 0]
    let units: [UInt8: Int16] = [UInt8(ascii: "s"): 0, UInt8(ascii: "m"): 1, UInt8(ascii: "u"): 2, UInt8(ascii: "n"): 3]
    let unit = units[letters[2]] ?? 0
    switch letters[1] {
    case UInt8(ascii: "d"): return ArrowIPCType(8, [.init(0, .short(letters[2] == UInt8(ascii: "D") ? 0 : 1))])
    case UInt8(ascii: "t"): return ArrowIPCType(9, [.init(0, .short(unit)), .init(1, .int(unit < 2 ? 32 : 64))])
    case UInt8(ascii: "i"):
      let intervals: [UInt8: Int16] = [UInt8(ascii: "M"): 0, UInt8(ascii: "D"): 1, UInt8(ascii: "n"): 2]
      return ArrowIPCType(11, [.init(0, .short(intervals[letters[2]] ?? 0))])
    case UInt8(ascii: "D"): return ArrowIPCType(18, [.init(0, .short(unit))])
    default:
      let named = zone.isEmpty ? [] : [FlatBuffer.Field(1, .offset(.string(Array(zone.utf8))))]
      return ArrowIPCType(10, [.init(0, .short(unit))] + named)
    }
  }
}

extension ArrowIndex {
  /// In bytes.
  var size: Int {
    switch self {
    case .int8, .uint8: 1
    case .int16, .uint16: 2
    case .int32, .uint32: 4
    case .int64, .uint64: 8
    }
  }

  var isSigned: Bool {
    switch self {
    case .int8, .int16, .int32, .int64: true
    case .uint8, .uint16, .uint32, .uint64: false
    }
  }
}

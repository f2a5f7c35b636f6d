/// The physical layout of a column, from its format string. Source: "The Arrow C data interface", format strings.
indirect enum ArrowType: Sendable, Hashable {
  case null
  /// One bit a value, least significant first.
  case bits
  /// So many bytes a value.
  case fixed(Int)
  /// 32-bit offsets and bytes.
  case variable32
  /// 64-bit offsets and bytes.
  case variable64
  case structure([ArrowField])
  /// 32-bit offsets into the child; also maps.
  case list32(ArrowField)
  case list64(ArrowField)
  case fixedList(ArrowField, Int)
  /// Indices into the dictionary.
  case dictionary(ArrowIndex, values: ArrowField)

  var bufferCount: Int {
    switch self {
    case .null: 0
    case .structure, .fixedList: 1
    case .bits, .fixed, .list32, .list64, .dictionary: 2
    case .variable32, .variable64: 3
    }
  }

  var children: [ArrowField] {
    switch self {
    case .structure(let fields): fields
    case .list32(let field), .list64(let field), .fixedList(let field, _): [field]
    default: []
    }
  }
}

/// The integers of a dictionary-encoded column.
enum ArrowIndex: Sendable, Hashable {
  case int8, uint8, int16, uint16, int32, uint32, int64, uint64

  init?(format: String) {
    switch format {
    case "c": self = .int8
    case "C": self = .uint8
    case "s": self = .int16
    case "S": self = .uint16
    case "i": self = .int32
    case "I": self = .uint32
    case "l": self = .int64
    case "L": self = .uint64
    default: return nil
    }
  }
}

/// A column or a part of one.
struct ArrowField: Sendable, Hashable {
  let name: String
  let format: String
  /// As the producer gave them: dictionary ordered (1), nullable (2), map keys sorted (4).
  let flags: Int64
  let type: ArrowType
  /// Key-value pairs as the interface lays them out, passed on as they are; empty where there are none. Extension types
  /// are named in here. Not part of a dataset's fingerprint.
  let metadata: [UInt8]

  init(name: String, format: String, flags: Int64, type: ArrowType, metadata: [UInt8] = []) {
    self.name = name
    self.format = format
    self.flags = flags
    self.type = type
    self.metadata = metadata
  }

  init(name: String, format: String, isNullable: Bool, type: ArrowType) {
    self.init(name: name, format: format, flags: isNullable ? 2 : 0, type: type)
  }
}

/// Why a stream of a plugin is not what the Arrow C interface asks for.
struct ArrowError: Error {
  let message: String
  init(_ message: String) { self.message = message }
}

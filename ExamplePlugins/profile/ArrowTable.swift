import COmphalos

/// What a column holds.
enum ColumnKind {
  case null
  case truth
  case integer(bytes: Int)
  case unsigned(bytes: Int)
  case float(bytes: Int)
  case text(offsetBytes: Int)
  case date
  case timestamp(unitsPerSecond: Int64, hasZone: Bool)

  /// Reads an Arrow format text; nil for a type that this plugin does not profile.
  init?(format: String) {
    switch format {
    case "n": self = .null
    case "b": self = .truth
    case "c": self = .integer(bytes: 1)
    case "s": self = .integer(bytes: 2)
    case "i": self = .integer(bytes: 4)
    case "l": self = .integer(bytes: 8)
    case "C": self = .unsigned(bytes: 1)
    case "S": self = .unsigned(bytes: 2)
    case "I": self = .unsigned(bytes: 4)
    case "L": self = .unsigned(bytes: 8)
    case "f": self = .float(bytes: 4)
    case "g": self = .float(bytes: 8)
    case "u": self = .text(offsetBytes: 4)
    case "U": self = .text(offsetBytes: 8)
    case "tdD": self = .date
    default:
      // "tsu:Europe/Paris": unit and zone. Whatever the zone, the numbers count from an instant in UTC.
      let units: [String: Int64] = ["tss:": 1, "tsm:": 1000, "tsu:": 1_000_000, "tsn:": 1_000_000_000]
      guard let perSecond = units[String(format.prefix(4))] else { return nil }
      self = .timestamp(unitsPerSecond: perSecond, hasZone: format.utf8.count > 4)
    }
  }

  /// The name of the type in a profile.
  var name: String {
    switch self {
    case .null: "null"
    case .truth: "bool"
    case .integer(let bytes): "int\(bytes * 8)"
    case .unsigned(let bytes): "uint\(bytes * 8)"
    case .float(let bytes): "float\(bytes * 8)"
    case .text: "string"
    case .date: "date"
    case .timestamp: "timestamp"
    }
  }

  var bufferCount: Int64 {
    switch self {
    case .null: 0
    case .text: 3
    default: 2
    }
  }
}

struct Field {
  var name: String
  var kind: ColumnKind
}

/// Reads the columns of a stream's schema. The schema stays the caller's.
///
/// - Note: `children` and the texts are valid until the schema is released, as the Arrow C data interface promises.
@unsafe func readFields(_ schema: ArrowSchema) throws(Failure) -> [Field] {
  guard unsafe schema.release != nil, let format = unsafe schema.format, unsafe String(cString: format) == "+s" else {
    throw .data("the schema is not that of a record batch (Arrow type +s)")
  }
  var fields: [Field] = []
  for index in 0..<max(0, unsafe Int(schema.n_children)) {
    guard let child = unsafe schema.children?[index]?.pointee, let format = unsafe child.format else {
      throw .data("column \(index + 1) has no schema")
    }
    let name = unsafe child.name.map { unsafe String(cString: $0) } ?? ""
    let type = unsafe String(cString: format)
    guard unsafe child.dictionary == nil else {
      throw .data("column \"\(name)\" is dictionary-encoded, which this plugin does not read; decode it first")
    }
    guard let kind = ColumnKind(format: type) else {
      throw .data("column \"\(name)\" has Arrow type \(type), which this plugin does not read")
    }
    fields.append(Field(name: name, kind: kind))
  }
  return fields
}

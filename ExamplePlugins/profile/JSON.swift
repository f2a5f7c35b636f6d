/// A JSON value on its way out.
enum JSON {
  case null
  case truth(Bool)
  case integer(Int64)
  case unsigned(UInt64)
  case float(Double)
  case text(String)
  case array([JSON])
  case object([(String, JSON)])

  /// Sorted keys, two spaces of indent, a line feed at the end.
  var prettyBytes: [UInt8] {
    var out: [UInt8] = []
    write(into: &out, indent: 0)
    out.append(UInt8(ascii: "\n"))
    return out
  }

  private func write(into out: inout [UInt8], indent: Int) {
    switch self {
    case .null: out += "null".utf8
    case .truth(let value): out += (value ? "true" : "false").utf8
    case .integer(let value): out += String(value).utf8
    case .unsigned(let value): out += String(value).utf8
    // JSON has no infinity; Swift's own text of a finite number is exact and valid JSON.
    case .float(let value) where value.isFinite: out += value.description.utf8
    case .float(let value): Self.write(text: value.description, into: &out)
    case .text(let value): Self.write(text: value, into: &out)
    case .array(let values):
      Self.write(items: values, brackets: ("[", "]"), into: &out, indent: indent) { value, out in
        value.write(into: &out, indent: indent + 2)
      }
    case .object(let members):
      let sorted = members.sorted { Bytes(Array($0.0.utf8)) < Bytes(Array($1.0.utf8)) }
      Self.write(items: sorted, brackets: ("{", "}"), into: &out, indent: indent) { member, out in
        Self.write(text: member.0, into: &out)
        out += ": ".utf8
        member.1.write(into: &out, indent: indent + 2)
      }
    }
  }

  private static func write<Item>(
    items: [Item], brackets: (String, String), into out: inout [UInt8], indent: Int,
    each: (Item, inout [UInt8]) -> Void
  ) {
    out += brackets.0.utf8
    for (index, item) in items.enumerated() {
      out += (index == 0 ? "\n" : ",\n").utf8
      out += repeatElement(UInt8(ascii: " "), count: indent + 2)
      each(item, &out)
    }
    if !items.isEmpty {
      out.append(UInt8(ascii: "\n"))
      out += repeatElement(UInt8(ascii: " "), count: indent)
    }
    out += brackets.1.utf8
  }

  private static func write(text: String, into out: inout [UInt8]) {
    out.append(UInt8(ascii: "\""))
    for byte in text.utf8 {
      switch byte {
      case UInt8(ascii: "\""): out += "\\\"".utf8
      case UInt8(ascii: "\\"): out += "\\\\".utf8
      case 0x08: out += "\\b".utf8
      case 0x09: out += "\\t".utf8
      case 0x0a: out += "\\n".utf8
      case 0x0c: out += "\\f".utf8
      case 0x0d: out += "\\r".utf8
      case 0..<0x20: out += ("\\u00" + (byte < 0x10 ? "0" : "") + String(byte, radix: 16)).utf8
      default: out.append(byte)
      }
    }
    out.append(UInt8(ascii: "\""))
  }
}

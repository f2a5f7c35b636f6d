extension JSONValue {
  /// The canonical form that fingerprints are taken of: keys sorted by their UTF-8 bytes, no spaces, nothing escaped
  /// but what JSON requires.
  ///
  /// Byte for byte what Python writes with
  /// `json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False)`.
  public var canonicalBytes: [UInt8] {
    var writer = JSONWriter(indents: false)
    writer.write(self, depth: 0)
    return writer.output
  }

  /// The form of files that people read: sorted keys, two spaces of indent, a newline at the end.
  ///
  /// Byte for byte what Python writes with
  /// `json.dumps(value, sort_keys=True, indent=2, ensure_ascii=False) + "\n"`.
  public var prettyBytes: [UInt8] {
    var writer = JSONWriter(indents: true)
    writer.write(self, depth: 0)
    return writer.output + [UInt8(ascii: "\n")]
  }

  /// The canonical form as text, for messages and for log lines.
  public var canonicalText: String { String(decoding: canonicalBytes, as: UTF8.self) }
}

private struct JSONWriter {
  let indents: Bool
  private(set) var output: [UInt8] = []

  init(indents: Bool) {
    self.indents = indents
  }

  mutating func write(_ value: JSONValue, depth: Int) {
    switch value {
    case .null: append("null")
    case .bool(let value): append(value ? "true" : "false")
    case .integer(let value): append(value.description)
    case .number(let value): append(value.description)
    case .string(let value): writeString(value)
    case .array(let elements):
      writeList(elements, open: "[", close: "]", depth: depth) { writer, element in
        writer.write(element, depth: depth + 1)
      }
    case .object(let object):
      writeList(object.sortedMembers, open: "{", close: "}", depth: depth) { writer, member in
        writer.writeString(member.key)
        writer.append(writer.indents ? ": " : ":")
        writer.write(member.value, depth: depth + 1)
      }
    }
  }

  private mutating func writeList<Element>(
    _ elements: [Element], open: String, close: String, depth: Int,
    writeElement: (inout JSONWriter, Element) -> Void
  ) {
    append(open)
    for (index, element) in elements.enumerated() {
      if index > 0 { output.append(UInt8(ascii: ",")) }
      startLine(depth: depth + 1)
      writeElement(&self, element)
    }
    if !elements.isEmpty { startLine(depth: depth) }
    append(close)
  }

  private mutating func startLine(depth: Int) {
    guard indents else { return }
    output.append(UInt8(ascii: "\n"))
    output.append(contentsOf: repeatElement(UInt8(ascii: " "), count: depth * 2))
  }

  private mutating func append(_ text: String) {
    output.append(contentsOf: text.utf8)
  }

  private mutating func writeString(_ text: String) {
    output.append(UInt8(ascii: "\""))
    defer { output.append(UInt8(ascii: "\"")) }
    if text.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "\"") && $0 != UInt8(ascii: "\\") }) { return append(text) }
    for byte in text.utf8 {
      if byte >= 0x20, byte != UInt8(ascii: "\""), byte != UInt8(ascii: "\\") {
        output.append(byte)
      } else {
        writeEscape(of: byte)
      }
    }
  }

  private mutating func writeEscape(of byte: UInt8) {
    output.append(UInt8(ascii: "\\"))
    switch byte {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"): output.append(byte)
    case 0x08: output.append(UInt8(ascii: "b"))
    case 0x09: output.append(UInt8(ascii: "t"))
    case 0x0a: output.append(UInt8(ascii: "n"))
    case 0x0c: output.append(UInt8(ascii: "f"))
    case 0x0d: output.append(UInt8(ascii: "r"))
    default: output.append(contentsOf: "u00".utf8 + [hexDigit(byte >> 4), hexDigit(byte & 15)])
    }
  }
}

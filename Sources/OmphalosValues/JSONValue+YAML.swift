extension JSONValue {
  /// The value on one line of YAML, as this project's reader takes it, and readers of YAML 1.1 too: texts are in quotes
  /// unless they are plain words. Nothing in it moves a terminal's cursor.
  public var yamlText: String {
    switch self {
    case .string(let text): yamlScalar(text)
    case .array(let elements):
      elements.isEmpty ? "[]" : "[" + elements.map(\.yamlText).joined(separator: ", ") + "]"
    case .object(let object):
      object.isEmpty
        ? "{}"
        : "{ " + object.sortedMembers.map { "\(yamlScalar($0.key)): \($0.value.yamlText)" }.joined(separator: ", ") + " }"
    default: canonicalText
    }
  }
}

/// A text as a value or a key of a mapping.
public func yamlScalar(_ text: String) -> String {
  if isPlainWord(text) { return text }
  var result = "\""
  for scalar in text.unicodeScalars {
    switch scalar {
    case "\"", "\\": result += "\\\(scalar)"
    case "\n": result += "\\n"
    case "\t": result += "\\t"
    default:
      let character = String(scalar)
      result += haveEqualBytes(printable(character), character) ? character : escape(of: scalar)
    }
  }
  return result + "\""
}

/// Begins with a letter, has nothing with a meaning in it, and is no boolean, null or number to any reader.
private func isPlainWord(_ text: String) -> Bool {
  guard let first = text.unicodeScalars.first, first.isASCII, first.properties.isAlphabetic, text.utf8.count <= 128 else {
    return false
  }
  let isPlain = text.unicodeScalars.allSatisfy {
    $0.isASCII && ($0.properties.isAlphabetic || ("0"..."9").contains($0) || $0 == "_" || $0 == "-" || $0 == "/" || $0 == ".")
  }
  guard isPlain, case .string? = try? YAMLScalar.resolvePlain(text) else { return false }
  return true
}

/// YAML 1.2, section 5.7.
private func escape(of scalar: Unicode.Scalar) -> String {
  let digits = String(scalar.value, radix: 16)
  let width = scalar.value < 0x100 ? 2 : scalar.value < 0x10000 ? 4 : 8
  let letter = width == 2 ? "x" : width == 4 ? "u" : "U"
  return "\\\(letter)" + String(repeating: "0", count: width - digits.utf8.count) + digits
}

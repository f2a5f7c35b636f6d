import OmphalosValues

/// How a value may stand in a text that somebody writes about it.
enum SecretForms {
  /// Shorter values, and shorter lines of a value, would be found in ordinary words.
  static let leastBytes = 4
  static let leastLineBytes = 8

  /// Each form once.
  static func all(of value: String) -> Set<[UInt8]> {
    var forms: Set<[UInt8]> = []
    for text in [value, trimmed(value)] where text.utf8.count >= leastBytes {
      for form in encodings(of: text) + [percentEncoded(text)] {
        // What goes through our own messages is escaped once more.
        forms.formUnion([form, printable(form), quoted(form)].map { Array($0.utf8) })
      }
    }
    for line in lines(of: value) where line.utf8.count >= leastLineBytes {
      forms.formUnion(encodings(of: line).map { Array($0.utf8) })
    }
    return forms
  }

  private static func encodings(of text: String) -> [String] {
    let plain = jsonText(text)
    return [text, plain, plain.replacing("/", with: "\\/"), ascii(plain, uppercase: false), ascii(plain, uppercase: true)]
  }

  /// A value of several lines is often printed line by line.
  private static func lines(of value: String) -> [String] {
    let lines = value.utf8.split(separator: UInt8(ascii: "\n")).map { trimmed(String(decoding: $0, as: UTF8.self)) }
    return lines.count > 1 ? lines : []
  }

  private static func jsonText(_ text: String) -> String { unquoted(JSONValue.string(text).canonicalText) }

  private static func quoted(_ text: String) -> String { unquoted(quotedForMessage(text, limit: .max)) }

  private static func unquoted(_ text: String) -> String { String(text.dropFirst().dropLast()) }

  /// As JSON writers do it that write nothing but ASCII.
  private static func ascii(_ json: String, uppercase: Bool) -> String {
    var result = ""
    for unit in json.utf16 {
      if unit < 0x80, let scalar = Unicode.Scalar(unit) {
        result.unicodeScalars.append(scalar)
      } else {
        let digits = String(unit, radix: 16, uppercase: uppercase)
        result += "\\u" + String(repeating: "0", count: 4 - digits.utf8.count) + digits
      }
    }
    return result
  }

  /// As it stands in a URL. RFC 3986, section 2.3.
  private static func percentEncoded(_ text: String) -> String {
    var result = ""
    for byte in text.utf8 {
      let scalar = Unicode.Scalar(byte)
      if scalar.isASCII, scalar.properties.isAlphabetic || ("0"..."9").contains(scalar) || "-._~".unicodeScalars.contains(scalar) {
        result.unicodeScalars.append(scalar)
      } else {
        result += "%" + (byte < 16 ? "0" : "") + String(byte, radix: 16, uppercase: true)
      }
    }
    return result
  }

  private static func trimmed(_ text: String) -> String {
    let blanks: Set<Unicode.Scalar> = [" ", "\t", "\r", "\n"]
    let scalars = text.unicodeScalars
    guard let first = scalars.firstIndex(where: { !blanks.contains($0) }),
      let last = scalars.lastIndex(where: { !blanks.contains($0) })
    else { return "" }
    return String(scalars[first...last])
  }
}

import OmphalosValues

/// A licence as CycloneDX wants it: one known SPDX id, one expression, or a name.
///
/// CycloneDX refuses an `id` that is not on the SPDX list, and takes anything for an expression. So an id is written
/// only where it is one of the common ones below, an expression only where the text has its grammar, and all else is a
/// name.
enum BillLicense: Hashable {
  case id(String)
  case expression(String)
  case name(String)

  init(_ text: String) {
    if Self.commonIDs.contains(text) {
      self = .id(text)
    } else if Self.isExpression(text) {
      self = .expression(text)
    } else {
      self = .name(text)
    }
  }

  var json: JSONValue {
    switch self {
    case .id(let id): ["license": ["id": .string(id)]]
    case .expression(let expression): ["expression": .string(expression)]
    case .name(let name): ["license": ["name": .string(name)]]
    }
  }

  private static let commonIDs: Set<String> = [
    "0BSD", "AGPL-3.0-only", "AGPL-3.0-or-later", "Apache-2.0", "BSD-2-Clause", "BSD-3-Clause", "BSL-1.0", "CC0-1.0",
    "EPL-2.0", "EUPL-1.2", "GPL-2.0-only", "GPL-2.0-or-later", "GPL-3.0-only", "GPL-3.0-or-later", "ISC",
    "LGPL-2.1-only", "LGPL-2.1-or-later", "LGPL-3.0-only", "LGPL-3.0-or-later", "MIT", "MIT-0", "MPL-2.0", "MS-PL",
    "PostgreSQL", "Unlicense", "Zlib",
  ]

  /// SPDX 2.3, annex D, for expressions with an operator or a `LicenseRef-`: terms joined by AND and OR, each an id
  /// with an optional `WITH` exception, or an expression in parentheses.
  private static func isExpression(_ text: String) -> Bool {
    let words = text.replacingParentheses.split(separator: " ")
    guard words.count > 1 || text.hasPrefix("LicenseRef-") else { return false }
    var open = 0
    var wantsTerm = true
    var mayTakeException = false
    for word in words {
      switch word {
      case "(":
        guard wantsTerm else { return false }
        open += 1
      case ")":
        guard !wantsTerm, open > 0 else { return false }
        open -= 1
        mayTakeException = false
      case "AND", "OR":
        guard !wantsTerm else { return false }
        wantsTerm = true
      case "WITH":
        guard mayTakeException else { return false }
        (wantsTerm, mayTakeException) = (true, false)
        continue
      default:
        guard wantsTerm, word.utf8.allSatisfy(isIDByte) else { return false }
        (wantsTerm, mayTakeException) = (false, true)
      }
    }
    return !wantsTerm && open == 0
  }

  private static func isIDByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."), UInt8(ascii: "+"):
      true
    default: false
    }
  }
}

extension String {
  /// With spaces around every parenthesis, so that they become words of their own.
  fileprivate var replacingParentheses: String {
    var result = ""
    for character in self { result += character == "(" || character == ")" ? " \(character) " : String(character) }
    return result
  }
}

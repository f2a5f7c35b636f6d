import OmphalosValues

/// An SPDX license expression (SPDX 2.3, annex D). Whether an identifier is on SPDX's list is not asked: the list grows,
/// and vendors have licenses of their own (`LicenseRef-...`).
struct SPDXExpression: Sendable, Hashable {
  private static let depthLimit = 32

  private indirect enum Term: Sendable, Hashable {
    /// With its exception, if it has one: "GPL-2.0-only WITH Classpath-exception-2.0".
    case license(String)
    /// Of all of them the terms have to be kept.
    case all([Term])
    /// One of them may be chosen.
    case any([Term])
  }

  /// What makes a text none.
  struct Problem: Error {
    /// What was wanted.
    let wanted: String
  }

  private let root: Term

  init(_ text: String) throws(Problem) {
    var parser = Parser(tokens: Self.tokens(of: text))
    root = try parser.expression(depth: 0)
    if let token = parser.next { throw Problem(wanted: "AND, OR or WITH before \(quotedForMessage(token))") }
  }

  /// What is wrong with the expression; nil if nothing is.
  static func problem(of text: String) -> String? {
    do throws(Problem) {
      _ = try SPDXExpression(text)
      return nil
    } catch {
      return error.wanted
    }
  }

  /// Whether there is a choice among its alternatives that takes licenses of this kind only.
  func canBeTaken(with isAccepted: (String) -> Bool) -> Bool { Self.canBeTaken(root, isAccepted) }

  private static func canBeTaken(_ term: Term, _ isAccepted: (String) -> Bool) -> Bool {
    switch term {
    case .license(let name): isAccepted(name)
    case .all(let terms): terms.allSatisfy { canBeTaken($0, isAccepted) }
    case .any(let terms): terms.contains { canBeTaken($0, isAccepted) }
    }
  }

  private static func tokens(of text: String) -> [String] {
    var tokens: [String] = []
    var word = ""
    for scalar in text.unicodeScalars {
      switch scalar {
      case " ", "(", ")":
        if !word.isEmpty { tokens.append(word) }
        word = ""
        if scalar != " " { tokens.append(String(scalar)) }
      default: word.unicodeScalars.append(scalar)
      }
    }
    return word.isEmpty ? tokens : tokens + [word]
  }

  private struct Parser {
    let tokens: [String]
    var position = 0

    var next: String? { position < tokens.count ? tokens[position] : nil }

    /// AND binds more closely than OR.
    mutating func expression(depth: Int) throws(Problem) -> Term {
      guard depth < SPDXExpression.depthLimit else {
        throw Problem(wanted: "at most \(SPDXExpression.depthLimit) parentheses deep")
      }
      var alternatives: [Term] = []
      repeat {
        var together: [Term] = []
        repeat { together.append(try term(depth: depth)) } while take("AND")
        alternatives.append(together.count == 1 ? together[0] : .all(together))
      } while take("OR")
      return alternatives.count == 1 ? alternatives[0] : .any(alternatives)
    }

    private mutating func take(_ word: String) -> Bool {
      guard next == word else { return false }
      position += 1
      return true
    }

    private mutating func term(depth: Int) throws(Problem) -> Term {
      guard let token = next else { throw Problem(wanted: "a license identifier at the end") }
      position += 1
      if token == "(" {
        let inner = try expression(depth: depth + 1)
        guard take(")") else { throw Problem(wanted: "a closing parenthesis") }
        return inner
      }
      try checkIdentifier(token)
      guard take("WITH") else { return .license(token) }
      guard let exception = next else { throw Problem(wanted: "an exception after WITH") }
      position += 1
      try checkIdentifier(exception)
      return .license("\(token) WITH \(exception)")
    }

    /// Letters, digits, `-` and `.`; a `+` at the end; `DocumentRef-x:LicenseRef-y`.
    private func checkIdentifier(_ token: String) throws(Problem) {
      if ["AND", "OR", "WITH", ")"].contains(token) {
        throw Problem(wanted: "a license identifier before \(quotedForMessage(token))")
      }
      var body = token[...]
      if body.hasSuffix("+") { body.removeLast() }
      let parts = body.split(separator: ":", omittingEmptySubsequences: false)
      let isReference =
        parts.count == 2 && parts[0].hasPrefix("DocumentRef-") && parts[1].hasPrefix("LicenseRef-")
      guard parts.count == 1 || isReference, parts.allSatisfy(isIdentifier) else {
        throw Problem(wanted: "identifiers of letters, digits, '-' and '.' instead of \(quotedForMessage(token))")
      }
    }

    private func isIdentifier(_ text: Substring) -> Bool {
      guard let first = text.unicodeScalars.first, let last = text.unicodeScalars.last else { return false }
      return isAlphanumeric(first) && (isAlphanumeric(last))
        && text.unicodeScalars.allSatisfy { isAlphanumeric($0) || $0 == "-" || $0 == "." }
    }

    private func isAlphanumeric(_ scalar: Unicode.Scalar) -> Bool {
      switch scalar {
      case "a"..."z", "A"..."Z", "0"..."9": true
      default: false
      }
    }
  }
}

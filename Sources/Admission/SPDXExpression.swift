import OmphalosValues

/// Checks the form of an SPDX license expression (SPDX 2.3, annex D). Whether an identifier is on SPDX's list is not
/// asked: the list grows, and vendors have licenses of their own (`LicenseRef-...`).
enum SPDXExpression {
  private static let depthLimit = 32

  /// What is wrong with the expression; nil if nothing is.
  static func problem(of text: String) -> String? {
    var parser = Parser(tokens: tokens(of: text))
    return parser.expression(depth: 0) ?? parser.end()
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

    /// `term (AND|OR term)*`; precedence does not matter to the form.
    mutating func expression(depth: Int) -> String? {
      guard depth < SPDXExpression.depthLimit else { return "at most \(SPDXExpression.depthLimit) parentheses deep" }
      while true {
        if let problem = term(depth: depth) { return problem }
        guard next == "AND" || next == "OR" else { return nil }
        position += 1
      }
    }

    private mutating func term(depth: Int) -> String? {
      guard let token = next else { return "a license identifier at the end" }
      position += 1
      if token == "(" {
        if let problem = expression(depth: depth + 1) { return problem }
        guard next == ")" else { return "a closing parenthesis" }
        position += 1
        return nil
      }
      if let problem = identifierProblem(token) { return problem }
      guard next == "WITH" else { return nil }
      position += 1
      guard let exception = next else { return "an exception after WITH" }
      position += 1
      return identifierProblem(exception)
    }

    func end() -> String? {
      guard let token = next else { return nil }
      return "AND, OR or WITH before \(quotedForMessage(token))"
    }

    /// Letters, digits, `-` and `.`; a `+` at the end; `DocumentRef-x:LicenseRef-y`.
    private func identifierProblem(_ token: String) -> String? {
      if ["AND", "OR", "WITH", ")"].contains(token) {
        return "a license identifier before \(quotedForMessage(token))"
      }
      var body = token[...]
      if body.hasSuffix("+") { body.removeLast() }
      let parts = body.split(separator: ":", omittingEmptySubsequences: false)
      let isReference =
        parts.count == 2 && parts[0].hasPrefix("DocumentRef-") && parts[1].hasPrefix("LicenseRef-")
      guard parts.count == 1 || isReference, parts.allSatisfy(isIdentifier) else {
        return "identifiers of letters, digits, '-' and '.' instead of \(quotedForMessage(token))"
      }
      return nil
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

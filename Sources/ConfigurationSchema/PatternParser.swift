/// What makes a pattern one that is not supported.
struct PatternError: Error {
  let problem: String
}

/// The structure of a pattern.
indirect enum PatternTree: Sendable {
  case set(ScalarSet)
  case start
  case end
  case wordBoundary(isPresent: Bool)
  case sequence([PatternTree])
  case alternatives([PatternTree])
  /// Without an upper bound if `maximum` is nil.
  case repetition(PatternTree, minimum: Int, maximum: Int?)
}

/// Reads a regular expression of ECMA-262 as with its flag `u`, without what needs backtracking.
struct PatternParser {
  private static let greatestDepth = 32
  private static let greatestCount = 1000

  let scalars: [Unicode.Scalar]
  var position = 0

  init(_ source: String) {
    scalars = Array(source.unicodeScalars)
  }

  mutating func parse() throws(PatternError) -> PatternTree {
    let tree = try parseAlternatives(depth: 0)
    guard current == nil else { throw PatternError(problem: "a ')' has no '(' before it") }
    return tree
  }

  private mutating func parseAlternatives(depth: Int) throws(PatternError) -> PatternTree {
    guard depth <= Self.greatestDepth else {
      throw PatternError(problem: "groups stand more than \(Self.greatestDepth) deep in each other")
    }
    var alternatives: [PatternTree] = []
    repeat {
      var parts: [PatternTree] = []
      while let next = current, next != "|", next != ")" { parts.append(try parseTerm(depth: depth)) }
      alternatives.append(.sequence(parts))
    } while take("|")
    return alternatives.count == 1 ? alternatives[0] : .alternatives(alternatives)
  }

  private mutating func parseTerm(depth: Int) throws(PatternError) -> PatternTree {
    let start = position
    switch scalars[position] {
    case "^":
      position += 1
      return .start
    case "$":
      position += 1
      return .end
    case "\\" where peek(1) == "b" || peek(1) == "B":
      position += 2
      return .wordBoundary(isPresent: scalars[position - 1] == "b")
    case "*", "+", "?", "{":
      throw PatternError(problem: "there is nothing to repeat before '\(scalars[start])'")
    default:
      return try parseQuantifier(of: try parseAtom(depth: depth))
    }
  }

  private mutating func parseAtom(depth: Int) throws(PatternError) -> PatternTree {
    let scalar = scalars[position]
    switch scalar {
    case "(": return try parseGroup(depth: depth)
    case "[": return .set(try parseClass())
    case "\\": return .set(try parseEscape(inClass: false))
    case ".":
      position += 1
      return .set(ScalarSet.lineEnds.inverted)
    case "]", "}":
      throw PatternError(problem: "a '\(scalar)' stands alone; write \\\(scalar)")
    default:
      position += 1
      return .set(ScalarSet(scalar))
    }
  }

  private mutating func parseGroup(depth: Int) throws(PatternError) -> PatternTree {
    position += 1
    if take("?") {
      if take("<"), current != "=", current != "!" {
        while let next = current, next != ">" {
          guard ScalarSet.wordCharacters.contains(next) else { break }
          position += 1
        }
        guard take(">") else { throw PatternError(problem: "the name of a group is not closed by '>'") }
      } else if !take(":") {
        throw PatternError(problem: "lookahead, lookbehind and flags are not supported")
      }
    }
    let tree = try parseAlternatives(depth: depth + 1)
    guard take(")") else { throw PatternError(problem: "a '(' is not closed") }
    return tree
  }

  private mutating func parseQuantifier(of tree: PatternTree) throws(PatternError) -> PatternTree {
    let repetition: PatternTree
    if take("*") {
      repetition = .repetition(tree, minimum: 0, maximum: nil)
    } else if take("+") {
      repetition = .repetition(tree, minimum: 1, maximum: nil)
    } else if take("?") {
      repetition = .repetition(tree, minimum: 0, maximum: 1)
    } else if take("{") {
      repetition = try parseCounts(of: tree)
    } else {
      return tree
    }
    // A lazy quantifier matches the same texts.
    _ = take("?")
    return repetition
  }

  private mutating func parseCounts(of tree: PatternTree) throws(PatternError) -> PatternTree {
    let minimum = try parseCount()
    var maximum: Int? = minimum
    if take(",") { maximum = current == "}" ? nil : try parseCount() }
    guard take("}") else { throw PatternError(problem: "a '{' is not closed") }
    if let maximum, maximum < minimum { throw PatternError(problem: "a repetition's bounds are in the wrong order") }
    return .repetition(tree, minimum: minimum, maximum: maximum)
  }

  private mutating func parseCount() throws(PatternError) -> Int {
    let start = position
    while let next = current, ScalarSet.digits.contains(next) { position += 1 }
    var text = ""
    text.unicodeScalars.append(contentsOf: scalars[start..<position])
    guard let count = Int(text), count <= Self.greatestCount else {
      throw PatternError(problem: "a repetition's bound must be a number of at most \(Self.greatestCount)")
    }
    return count
  }
}

extension PatternParser {
  var current: Unicode.Scalar? { peek(0) }

  func peek(_ distance: Int) -> Unicode.Scalar? {
    position + distance < scalars.count ? scalars[position + distance] : nil
  }

  mutating func take(_ scalar: Unicode.Scalar) -> Bool {
    guard current == scalar else { return false }
    position += 1
    return true
  }
}

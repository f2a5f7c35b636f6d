/// A pattern for names: `*` stands for any text, none included, `?` for one character, everything else for itself.
/// Letters differ by case.
public struct GlobPattern: Hashable, Sendable, CustomStringConvertible {
  public static let greatestLength = 1024

  public let text: String
  private let scalars: [Unicode.Scalar]

  public init(_ text: String) throws(ValueError) {
    scalars = Array(text.unicodeScalars)
    guard !scalars.isEmpty, scalars.count <= Self.greatestLength else {
      throw ValueError(what: "pattern", found: text, wanted: "1 to \(Self.greatestLength) characters")
    }
    self.text = text
  }

  public var description: String { text }

  public func matches(_ name: String) -> Bool {
    matchesGlob(Array(name.unicodeScalars), scalars, any: "*", one: "?")
  }
}

/// Whether a pattern takes a text, whatever both are made of.
///
/// Takes time in proportion to the product of the two lengths at most: patterns and texts come from outside.
///
/// - Parameters:
///   - any: what stands for any text in the pattern.
///   - one: what stands for one unit of the text.
public func matchesGlob<Unit: Equatable>(_ text: [Unit], _ pattern: [Unit], any: Unit, one: Unit) -> Bool {
  var (position, place) = (0, 0)
  // Where the last star stands, and how much of the text it takes so far: only that one has to be tried again.
  var star: (place: Int, position: Int)?
  while position < text.count {
    if place < pattern.count, pattern[place] == any {
      star = (place, position)
      place += 1
    } else if place < pattern.count, pattern[place] == one || pattern[place] == text[position] {
      position += 1
      place += 1
    } else if let last = star {
      star = (last.place, last.position + 1)
      place = last.place + 1
      position = last.position + 1
    } else {
      return false
    }
  }
  return pattern[place...].allSatisfy { $0 == any }
}

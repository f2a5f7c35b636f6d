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

  /// Takes time in proportion to the product of the two lengths at most: patterns and names come from outside.
  public func matches(_ name: String) -> Bool {
    let name = Array(name.unicodeScalars)
    var (position, pattern) = (0, 0)
    // Where the last star stands, and how much of the name it takes so far.
    var star: (pattern: Int, name: Int)?
    while position < name.count {
      if pattern < scalars.count, scalars[pattern] == "*" {
        star = (pattern, position)
        pattern += 1
      } else if pattern < scalars.count, scalars[pattern] == "?" || scalars[pattern] == name[position] {
        position += 1
        pattern += 1
      } else if let last = star {
        star = (last.pattern, last.name + 1)
        pattern = last.pattern + 1
        position = last.name + 1
      } else {
        return false
      }
    }
    return scalars[pattern...].allSatisfy { $0 == "*" }
  }
}

/// What makes bytes no JSON text, and where.
public struct JSONError: Diagnosable, Sendable, Hashable {
  /// Counted from 1.
  public let line: Int
  /// Counted from 1, in Unicode scalars.
  public let column: Int
  /// The byte at which reading stopped, counted from 0.
  public let offset: Int
  /// What was found and what was wanted.
  public let problem: String

  public init(line: Int, column: Int, offset: Int, problem: String) {
    self.line = line
    self.column = column
    self.offset = offset
    self.problem = problem
  }

  /// Counts lines and columns; done only once an error is certain.
  init(_ problem: String, at offset: Int, in bytes: [UInt8]) {
    var place = JSONPlace()
    place.advance(over: bytes.prefix(offset))
    self.init(line: place.line, column: place.column, offset: offset, problem: problem)
  }

  public var exitCode: ExitCode { .badData }
  public var message: String { "line \(line), column \(column): \(problem)" }
}

/// How much of a JSON text is accepted. Texts come from files of other people.
public struct JSONLimits: Sendable, Hashable {
  /// The greatest size of the whole text.
  public let bytes: Int
  /// How many arrays and objects may stand inside each other. Above 512 counts as 512: reading uses the stack.
  public let depth: Int

  public init(bytes: Int = 64 << 20, depth: Int = 64) {
    self.bytes = bytes
    self.depth = min(depth, 512)
  }
}

/// A line and a column, each counted from 1.
struct JSONPlace {
  private(set) var line = 1
  /// In Unicode scalars.
  private(set) var column = 1

  mutating func advance(over bytes: ArraySlice<UInt8>) {
    for byte in bytes {
      if byte == UInt8(ascii: "\n") {
        line += 1
        column = 1
      } else if byte & 0xc0 != 0x80 {
        column += 1
      }
    }
  }
}

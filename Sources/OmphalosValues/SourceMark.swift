/// A place in a text file.
public struct SourceMark: Sendable, Hashable, CustomStringConvertible {
  /// The file's name, as messages show it.
  public let file: String
  /// Counted from 1.
  public let line: Int
  /// Counted from 1, in Unicode scalars.
  public let column: Int

  public init(file: String, line: Int, column: Int) {
    self.file = file
    self.line = line
    self.column = column
  }

  public var description: String { "\(file):\(line):\(column)" }
}

/// What is wrong with a configuration file, and where.
public struct ConfigurationError: Diagnosable, Sendable, Hashable {
  /// The place, if the problem has one.
  public let mark: SourceMark?
  /// The problem without its place.
  public let message: String

  public init(mark: SourceMark?, message: String) {
    self.mark = mark
    self.message = message
  }

  public var exitCode: ExitCode { .badData }

  /// `pipeline.yaml:12:5: what is wrong`, the form that editors jump to.
  public var description: String {
    guard let mark else { return message }
    return "\(mark): \(message)"
  }
}

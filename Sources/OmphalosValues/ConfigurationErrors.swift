/// Several mistakes in one configuration, each with its place: an operator mends them in one go.
public struct ConfigurationErrors: Diagnosable, Sendable, Hashable {
  /// More than this helps nobody.
  private static let shown = 50
  /// In the order in which they are told; at least two.
  public let errors: [ConfigurationError]

  public init(_ errors: [ConfigurationError]) { self.errors = errors }

  public var exitCode: ExitCode { .badData }

  /// A line for each, in the form that editors jump to.
  public var message: String {
    var lines = errors.prefix(Self.shown).map(\.description)
    if errors.count > Self.shown { lines.append("and \(errors.count - Self.shown) more") }
    return lines.joined(separator: "\n")
  }
}

/// Mistakes as they are found, while reading goes on with what can be read.
public struct ConfigurationMistakes {
  public private(set) var errors: [ConfigurationError] = []

  public init() {}

  public mutating func add(_ error: ConfigurationError) { errors.append(error) }

  /// - Returns: nil if there was a mistake.
  public mutating func attempt<Value>(_ read: () throws -> Value) -> Value? {
    do {
      return try read()
    } catch {
      add(error as? ConfigurationError ?? ConfigurationError(mark: nil, message: "\(error)"))
      return nil
    }
  }

  /// Throws what there is, in the order of the file.
  public func throwIfAny() throws {
    try errors.enumerated().sorted { left, right in
      let (first, second) = (left.element.mark, right.element.mark)
      return (first?.line ?? 0, first?.column ?? 0, left.offset) < (second?.line ?? 0, second?.column ?? 0, right.offset)
    }.map(\.element).throwIfAny()
  }
}

extension [ConfigurationError] {
  /// Throws what there is: one error as itself.
  public func throwIfAny() throws {
    guard let first else { return }
    throw count == 1 ? first as any Error : ConfigurationErrors(self)
  }
}

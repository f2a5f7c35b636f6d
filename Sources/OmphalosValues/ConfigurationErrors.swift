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

extension [ConfigurationError] {
  /// Throws what there is: one error as itself.
  public func throwIfAny() throws {
    guard let first else { return }
    throw count == 1 ? first as any Error : ConfigurationErrors(self)
  }
}

import OmphalosValues

/// What makes a JSON value no schema that is supported here, and where in it.
public struct SchemaError: Diagnosable, Sendable, Hashable {
  /// The place as a JSON pointer after `#`: `#/properties/rows/minimum`.
  public let schemaPath: String
  /// What was found and what was wanted.
  public let problem: String

  public init(schemaPath: String, problem: String) {
    self.schemaPath = schemaPath
    self.problem = problem
  }

  public var exitCode: ExitCode { .badData }
  public var message: String { "\(schemaPath): \(problem)" }
}

/// A place where a value does not fit its schema.
public struct SchemaViolation: Sendable, Hashable, CustomStringConvertible {
  /// The path from the validated value to the offending one; of an unknown property, with its key.
  public let instancePath: [PathStep]
  /// The keyword that is not kept, as a JSON pointer after `#`.
  public let schemaPath: String
  /// Whether the key that the path ends in is the problem, rather than its value.
  public let isAboutKey: Bool
  /// The whole sentence: `config.batch_rows: found 0, wanted at least 1`.
  public let message: String

  public init(instancePath: [PathStep], schemaPath: String, isAboutKey: Bool = false, message: String) {
    self.instancePath = instancePath
    self.schemaPath = schemaPath
    self.isAboutKey = isAboutKey
    self.message = message
  }

  public var description: String { message }
}

extension SchemaViolation {
  /// The violation as an error at its place in a file.
  ///
  /// - Parameter node: The node that the validated value was read from.
  public func error(in node: YAMLNode) -> ConfigurationError {
    ConfigurationError(
      mark: isAboutKey ? node.keyMark(at: instancePath) : node.mark(at: instancePath), message: message)
  }
}

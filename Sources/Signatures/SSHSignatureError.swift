import OmphalosValues

/// A signature file that cannot be used, whatever it was made over.
public struct SSHSignatureError: Diagnosable, Sendable, Hashable {
  /// What is wrong with the file.
  public enum Field: String, Sendable {
    case file = "the file"
    case armour = "the armour"
    case version = "the version"
    case key = "the public key"
    case namespace = "the namespace"
    case reserved = "the reserved field"
    case hash = "the hash algorithm"
    case signature = "the signature"
  }

  public let file: String
  public let field: Field
  public let found: String
  public let wanted: String
  public let remedy: String

  public init(file: String, field: Field, found: String, wanted: String, remedy: String) {
    self.file = file
    self.field = field
    self.found = found
    self.wanted = wanted
    self.remedy = remedy
  }

  public var exitCode: ExitCode { .badData }

  /// What is wrong, for a sentence that has named the file and will say what to do.
  public var summary: String { "\(field.rawValue): found \(found), wanted \(wanted)" }

  public var message: String {
    "The signature \(printable(file)) cannot be used: \(summary). \(remedy)."
  }
}

import ELFInspection
import OmphalosValues

/// One reason why a plugin is not admitted: a field of its declaration or of its file, and what would change the
/// outcome.
public struct AdmissionReason: Sendable, Hashable, CustomStringConvertible {
  /// The kind of reason, stable in JSON output.
  public enum Code: String, Sendable, CaseIterable {
    case noDeclaration = "no-declaration"
    /// The note is there and is not what it has to be.
    case badDeclaration = "bad-declaration"
    case abiMajor = "abi-major"
    case abiMinor = "abi-minor"
    case draft
    case machine
    case entrySymbol = "entry-symbol"
    case hermeticPlugin = "hermetic-plugin"
    case hermeticCapability = "hermetic-capability"
    case unknownCapability = "unknown-capability"
    case unknownKind = "unknown-kind"
    case duplicateID = "duplicate-id"
    case missingLibrary = "missing-library"
    case missingSymbol = "missing-symbol"
    case soname
    /// A file in the plugin's folder that does not belong there.
    case ownFile = "own-file"
    /// A library in the plugin's folder that could not be loaded as it is.
    case ownLibrary = "own-library"
    /// A policy does not admit it.
    case policy
    case signature
    /// It imports what it may not.
    case finding
    /// A property of the file that weakens the process.
    case hardening
    /// Descriptor and note differ: found after mapping.
    case confirmation
  }

  public let code: Code
  /// The subject of the sentence, for instance `abi.major` or `capabilities[0].name`.
  public let field: String
  /// What the plugin has; not escaped.
  public let found: String
  public let wanted: String
  /// What would change the outcome; empty where `wanted` says all.
  public let remedy: String

  public init(_ code: Code, field: String, found: String, wanted: String, remedy: String = "") {
    self.code = code
    self.field = field
    self.found = found
    self.wanted = wanted
    self.remedy = remedy
  }

  /// One sentence without its full stop, safe for a terminal.
  public var sentence: String {
    let head = "\(printable(field)) is \(printable(found)), wanted \(printable(wanted))"
    return remedy.isEmpty ? head : head + "; " + printable(remedy)
  }

  public var description: String { sentence }

  public var json: JSONValue {
    [
      "code": .string(code.rawValue), "field": .string(field), "found": .string(found), "wanted": .string(wanted),
      "remedy": .string(remedy), "sentence": .string(sentence),
    ]
  }

  /// Several files claim one id. `files` are all of them, in the order in which they were found.
  public static func duplicateID(_ id: PluginID, files: [String]) -> AdmissionReason {
    AdmissionReason(
      .duplicateID, field: "id", found: "\(id.text) in \(files.joined(separator: ", "))",
      wanted: "one file with this id",
      remedy: "remove all but one of the files, or name one by its digest in a policy or a lock")
  }
}

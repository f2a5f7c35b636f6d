import OmphalosValues
import Signatures

extension InspectionReport {
  /// What lies beside the plugin as its signature. Inspection knows no signers: nothing is checked.
  public struct Signature: Sendable {
    /// Where a signature is looked for.
    let name: String
    /// Nil where there is none.
    let file: PluginSignatureFile?

    public init(_ file: PluginSignatureFile?, beside plugin: String) {
      name = PluginSignatureFile.name(for: plugin)
      self.file = file
    }

    private static let notChecked = "not checked: inspect knows no signers"

    /// Lines for people: a name and what is said of it.
    var rows: [(name: String, content: String)] {
      guard let file else { return [("file", "none: there is no \(name)")] }
      switch file.signature {
      case .success(let signature):
        return [
          ("file", "\(name), \(Self.notChecked)"), ("key", "\(signature.key.type) \(signature.key.fingerprint)"),
          ("namespace", "\(quotedForMessage(signature.namespace)), message hash \(signature.hash.rawValue)"),
        ]
      case .failure(let error): return [("file", name), ("problem", error.message)]
      }
    }

    /// Null where there is none.
    var json: JSONValue {
      guard let file else { return .null }
      switch file.signature {
      case .success(let signature):
        return [
          "file": .string(name), "checked": false, "note": .string(Self.notChecked), "problem": .null,
          "key_type": .string(signature.key.type), "fingerprint": .string(signature.key.fingerprint),
          "algorithm": .string(signature.algorithm), "namespace": .string(signature.namespace),
          "hash": .string(signature.hash.rawValue),
        ]
      case .failure(let error):
        return ["file": .string(name), "checked": false, "note": .string(Self.notChecked), "problem": .string(error.message)]
      }
    }
  }
}

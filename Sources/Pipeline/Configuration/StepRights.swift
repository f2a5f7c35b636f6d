import ArtifactStore
import OmphalosValues
import RunRecord

/// What a step may do with the store, beside what the kind of its capability lets it.
public struct StepRights: Sendable, Hashable {
  /// Folders beyond those of its kind.
  public var grants = StoreScope(writable: [])
  /// Its own limits; nil where only those of the pipeline hold.
  public var limits: StoreLimits?

  public init() {}

  public var isEmpty: Bool { grants.writable.isEmpty && grants.readable.isEmpty }

  /// - Parameter place: of the step: "exports[0]".
  init(_ step: YAMLMapping, _ place: String) throws(ConfigurationError) {
    if let node = step.optional("grants") {
      let grants = try YAMLMapping(node, what: "\(place).grants")
      try grants.finish(known: ["write", "read"])
      self.grants = StoreScope(
        writable: try Self.folders(grants, "write"), readable: try Self.folders(grants, "read"))
    }
    if let node = step.optional("limits") {
      let mapping = try YAMLMapping(node, what: "\(place).limits")
      try mapping.finish(known: ["bytes", "artifacts"])
      // What is not said here is bounded by the limits of the pipeline.
      limits = try StoreLimits(mapping, defaults: StoreLimits(bytes: .max, artifacts: .max))
    }
  }

  private static func folders(_ grants: YAMLMapping, _ key: String) throws(ConfigurationError) -> [String] {
    guard let node = grants.optional(key) else { return [] }
    var folders: [String] = []
    for (index, element) in try node.list(grants.name(of: key)).enumerated() {
      let what = "\(grants.name(of: key))[\(index)]"
      let path = try element.value(what) { (text) throws(ValueError) in try ArtifactPath(text) }
      let payload = RunLayout.payloadFolders
      guard payload.contains(where: { path.text == $0 || path.isUnder($0) }) else {
        throw ConfigurationError(
          mark: element.mark,
          message: "\(what): found \(quotedForMessage(path.text)), wanted one of \(listed(payload)), or a folder in it: "
            + "the rest of a run is the host's")
      }
      folders.append(path.text)
    }
    return folders
  }

  /// For the identity of the run: another grant is another run.
  public var payload: JSONValue {
    [
      "write": .array(grants.writable.map(JSONValue.string)), "read": .array(grants.readable.map(JSONValue.string)),
    ]
  }
}

extension StoreLimits {
  /// `bytes` and `artifacts` of a mapping.
  init(_ mapping: YAMLMapping, defaults: StoreLimits) throws(ConfigurationError) {
    self = defaults
    if let bytes = mapping.optional("bytes") { self.bytes = UInt64(try bytes.byteSize(mapping.name(of: "bytes"))) }
    if let count = mapping.optional("artifacts") {
      artifacts = Int(try count.integer(mapping.name(of: "artifacts"), in: 0...1_000_000_000))
    }
  }
}

import OmphalosValues

/// What a lock holds of one plugin: everything that a change of the plugin, or of what loading it brings along, would
/// change.
public struct LockedPlugin: Sendable, Hashable {
  public let id: PluginID
  public let version: SemanticVersion
  /// Of everything that is the plugin: its file, or the list of its files where it has a folder.
  public let sha256: SHA256Digest
  public let hermetic: HermeticClaim
  /// "connector csv 1": kind, name and interface version, in the order of the declaration.
  public let capabilities: [String]
  /// The files of its folder, by path.
  public let files: [UTF8String: SHA256Digest]
  /// The system's libraries that loading it brings along, by the name they are needed by.
  public let closure: [UTF8String: SHA256Digest]

  public init(
    id: PluginID, version: SemanticVersion, sha256: SHA256Digest, hermetic: HermeticClaim, capabilities: [String],
    files: [UTF8String: SHA256Digest], closure: [UTF8String: SHA256Digest]
  ) {
    self.id = id
    self.version = version
    self.sha256 = sha256
    self.hermetic = hermetic
    self.capabilities = capabilities
    self.files = files
    self.closure = closure
  }

  public init(
    _ declaration: Declaration, sha256: SHA256Digest, files: [UTF8String: SHA256Digest],
    closure: [UTF8String: SHA256Digest]
  ) {
    self.init(
      id: declaration.id, version: declaration.version, sha256: sha256, hermetic: declaration.hermetic,
      capabilities: declaration.capabilities.map { "\($0.kind) \($0.name) \($0.interfaceVersion)" }, files: files,
      closure: closure)
  }
}

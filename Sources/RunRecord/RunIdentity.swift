import OmphalosValues

/// What makes a run this run and no other: its configuration, the bytes it read, and the plugins that worked.
///
/// The fingerprint of the configuration alone seeds clock and randomness, so a rebuilt plugin or new input bytes make a
/// new run without changing synthetic data.
public struct RunIdentity: Hashable, Sendable {
  /// `config.payload` of the manifest: schema version, run name, seed, hermetic, as_of, inputs, exports, sinks, rules.
  /// Never the output root, limits, file paths or secrets.
  public let configPayload: JSONValue
  /// For each input the digest of the bytes that were read; see `inputDigest(of:)`.
  public let inputs: [InstanceName: SHA256Digest]
  /// For each plugin used the digest of its file.
  public let plugins: [PluginID: SHA256Digest]
  /// SHA-256 of the canonical `configPayload`.
  public let fingerprint: SHA256Digest
  /// Computed once: every lineage event asks for it.
  public let runID: RunID

  public init(
    configPayload: JSONValue, inputs: [InstanceName: SHA256Digest], plugins: [PluginID: SHA256Digest]
  ) {
    self.configPayload = configPayload
    self.inputs = inputs
    self.plugins = plugins
    fingerprint = SHA256Digest(hashing: configPayload.canonicalBytes)
    runID = Self.runID(of: Self.identity(fingerprint, inputs, plugins))
  }

  /// `config.identity` of the manifest: {`config`: the fingerprint, `inputs`, `plugins`}, digests in hexadecimal.
  public var identity: JSONValue { Self.identity(fingerprint, inputs, plugins) }

  private static func identity(
    _ fingerprint: SHA256Digest, _ inputs: [InstanceName: SHA256Digest], _ plugins: [PluginID: SHA256Digest]
  ) -> JSONValue {
    [
      "config": .string(fingerprint.hex), "inputs": json(inputs, name: \.text), "plugins": json(plugins, name: \.text),
    ]
  }

  /// What the ids of our own runs begin with; format 1.0 allows others.
  public static let prefix = "run-"

  /// `run-` + 8 + `-` + 4 hexadecimal digits of SHA-256 of the canonical `config.identity`.
  public static func runID(of identity: JSONValue) -> RunID {
    let digits = SHA256Digest(hashing: identity.canonicalBytes).hex
    // Hexadecimal digits and '-' always make a run id.
    return try! RunID("\(prefix)\(digits.prefix(8))-\(digits.dropFirst(8).prefix(4))")
  }

  /// The digest of an input: of its one file, so that `sha256sum` shows the same; or, where there are none or several,
  /// SHA-256 over `name \0 sha256hex \0 size-in-decimal \n` of each in byte order of the name the connector gave it.
  public static func inputDigest(of files: [InputFileFacts]) -> SHA256Digest {
    if files.count == 1 { return files[0].sha256 }
    var hasher = SHA256Hasher()
    for file in files.sorted(by: { bytesPrecede($0.name, $1.name) }) {
      hasher.update(utf8: "\(file.name)\0\(file.sha256.hex)\0\(file.bytes)\n")
    }
    return hasher.finalize()
  }

  private static func json<Name>(
    _ digests: [Name: SHA256Digest], name: (Name) -> String
  ) -> JSONValue where Name: Comparable {
    var object = JSONObject()
    for (key, digest) in digests.sorted(by: { $0.key < $1.key }) { object[name(key)] = .string(digest.hex) }
    return .object(object)
  }
}

/// What lies beside a plugin's `NAME.so` as `NAME.so.sig`. Whose it is and what it is worth, somebody else asks.
public struct PluginSignatureFile: Sendable, Hashable {
  /// Of the file, without its folder.
  public let name: String
  /// Empty where the file may not be read.
  public let bytes: [UInt8]
  public let signature: Result<SSHSignature, SSHSignatureError>

  /// "acme.so.sig" for "acme.so".
  public static func name(for plugin: String) -> String { plugin + ".sig" }

  /// What was read of it.
  public init(name: String, bytes: [UInt8]) {
    self.name = name
    self.bytes = bytes
    signature = Result { () throws(SSHSignatureError) in try SSHSignature(armoured: bytes, file: name) }
  }

  /// A file that is not read for what it is as a file.
  public init(name: String, found: String, wanted: String, remedy: String) {
    self.name = name
    bytes = []
    signature = .failure(SSHSignatureError(file: name, field: .file, found: found, wanted: wanted, remedy: remedy))
  }
}

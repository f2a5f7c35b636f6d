import LinuxCalls
import OmphalosValues

/// A file of an input, opened and hashed before the run; handed to the worker as a descriptor and compared afterwards.
public struct InputPin: Sendable {
  /// The name under which the connector opens it.
  public let name: String
  public let path: String
  public let file: File
  public let digest: SHA256Digest
  public let byteCount: UInt64
  private let status: FileStatus

  /// - Throws: `ConfigurationError` at the file's place in the pipeline.
  init(_ named: NamedFile, path: String) throws(ConfigurationError) {
    do throws(SystemCallError) {
      (file, status) = try File.openRegular(path)
      (digest, byteCount) = try file.digest()
    } catch {
      let reason = error.whyNotOpened ?? "\(error.errno)"
      throw ConfigurationError(
        mark: named.mark, message: "the input file \(quotedForMessage(path)) cannot be used: \(reason)")
    }
    self.name = named.name
    self.path = path
  }

  /// True if the file still is what it was: by its times and size, and by its bytes.
  public func isUnchanged() -> Bool {
    guard let now = try? file.status(), now.isUnchanged(from: status) else { return false }
    return (try? file.digest().digest) == digest
  }
}

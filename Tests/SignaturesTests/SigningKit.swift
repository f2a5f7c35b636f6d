import CryptoExtras
import Foundation
import TestSupport

/// Keys, a message and signatures that the real ssh-keygen made, once for all cases.
final class SigningKit: Sendable {
  struct Failure: Error, CustomStringConvertible { let description: String }

  static let shared = Result { try SigningKit() }
  static let isThere = Shell.find("ssh-keygen") != nil
  static let principal = "release@acme.example"
  static let namespace = "omphalos-plugin"

  let folder: TemporaryFolder
  let message = Array("the bytes of a plugin\n".utf8)

  private init() throws {
    folder = try TemporaryFolder()
    let kinds = [
      ("ed25519", ["-t", "ed25519"]), ("other", ["-t", "ed25519"]), ("ca", ["-t", "ed25519"]),
      ("p256", ["-t", "ecdsa", "-b", "256"]), ("p384", ["-t", "ecdsa", "-b", "384"]),
      ("rsa", ["-t", "rsa", "-b", "2048", "-m", "PEM"]), ("rsa1024", ["-t", "rsa", "-b", "1024", "-m", "PEM"]),
    ]
    for (name, options) in kinds { try keygen(options + ["-q", "-N", "", "-C", "", "-f", path(name)]) }
    try keygen(["-q", "-s", path("ca"), "-I", "id", "-n", Self.principal, path("ed25519.pub")])
  }

  private func path(_ name: String) -> String { folder.file(name) }

  private func keygen(_ arguments: [String]) throws {
    let result = try Shell.run(["ssh-keygen"] + arguments)
    guard result.status == 0 else { throw Failure(description: "ssh-keygen \(arguments): \(result.stderr)") }
  }

  /// Type and key in Base64.
  func publicKey(_ name: String) throws -> String {
    let text = String(decoding: try folder.read("\(name).pub"), as: UTF8.self)
    return text.split(whereSeparator: \.isWhitespace).prefix(2).joined(separator: " ")
  }

  /// What `ssh-keygen -l` prints of a key.
  func fingerprint(_ name: String) throws -> String {
    let result = try Shell.run(["ssh-keygen", "-l", "-f", path("\(name).pub")])
    return result.stdout.split(separator: " ").dropFirst().first.map(String.init) ?? ""
  }

  /// The private key, for signatures that ssh-keygen does not make.
  func rsaKey(_ name: String = "rsa") throws -> _RSA.Signing.PrivateKey {
    try _RSA.Signing.PrivateKey(unsafePEMRepresentation: String(decoding: folder.read(name), as: UTF8.self))
  }

  /// What `ssh-keygen -Y sign` writes.
  func sign(
    _ message: [UInt8], key: String = "ed25519", namespace: String = namespace, hash: String? = nil
  ) throws -> [UInt8] {
    let scratch = try TemporaryFolder()
    let file = try scratch.write("file", message)
    try keygen(
      ["-q", "-Y", "sign", "-n", namespace, "-f", path(key)] + (hash.map { ["-O", "hashalg=\($0)"] } ?? []) + [file])
    return try scratch.read("file.sig")
  }

  /// Whether `ssh-keygen -Y verify` ends with 0, and what it says.
  func verify(_ given: Given) throws -> (isGood: Bool, words: String) {
    let scratch = try TemporaryFolder()
    for (name, bytes) in [("file", given.message), ("sig", given.signature), ("signers", given.signers)] {
      try scratch.write(name, bytes)
    }
    let time = "\(given.time)".filter { $0.isNumber || $0 == "Z" }
    let command =
      "exec ssh-keygen -Y verify -n \(Self.namespace) -I \"$1\" -f signers -s sig -O verify-time=\(time) < file"
    let result = try Shell.run(
      ["bash", "-c", command, "bash", given.principal], environment: ["TZ": given.zone], directory: scratch.path)
    return (result.status == 0, result.stdout + result.stderr)
  }
}

import Foundation
import OmphalosValues
import Signatures
import Testing

/// What ssh-keygen and we are given to judge.
struct Given {
  var message: [UInt8]
  var signature: [UInt8]
  var signers: [UInt8]
  var principal = SigningKit.principal
  var time = Timestamp(secondsSince1970: 1_772_366_400)  // 2026-03-01T12:00:00Z
  var zone = "UTC"

  init(_ kit: SigningKit) throws {
    message = kit.message
    signature = try kit.sign(kit.message)
    signers = Array("\(SigningKit.principal) \(try kit.publicKey("ed25519"))\n".utf8)
  }

  mutating func sign(_ kit: SigningKit, key: String, hash: String? = nil) throws {
    signature = try kit.sign(message, key: key, hash: hash)
    signers = Array("\(SigningKit.principal) \(try kit.publicKey(key))\n".utf8)
  }

  /// `KEY` in the text stands for the good key, `OTHER` for another.
  mutating func trust(_ text: String, _ kit: SigningKit) throws {
    signers = Array(
      text.replacing("KEY", with: try kit.publicKey("ed25519")).replacing("OTHER", with: try kit.publicKey("other")).utf8)
  }

  mutating func edit(_ change: (inout Blob) throws -> Void) rethrows {
    var blob = Blob(armoured: signature)
    try change(&blob)
    signature = blob.armoured
  }

  /// Our verdict, and its reasons.
  var verdict: (isGood: Bool, words: String) {
    let list = AllowedSigners(signers, file: "signers")
    let problems = list.problems.map(\.message).joined(separator: "\n")
    do {
      let signature = try SSHSignature(armoured: signature, file: "sig")
      let check = SignatureCheck(signature, namespace: SigningKit.namespace, signers: list, at: time) { hash in
        digest(message, hash)
      }
      return (check.isSigned(by: principal), check.words + problems)
    } catch {
      return (false, error.message + problems)
    }
  }
}

/// The raw digest of a message, by the hashers that callers have.
func digest(_ message: [UInt8], _ hash: SSHSignature.MessageHash) -> [UInt8] {
  switch hash {
  case .sha256:
    var hasher = SHA256Hasher()
    hasher.update(message)
    return hasher.finalize().bytes
  case .sha512:
    var hasher = SHA512Hasher()
    hasher.update(message)
    return hasher.finalize()
  }
}

/// One thing that ssh-keygen accepts or refuses, and we too, or not for a reason that docs/signatures.md gives.
struct AgreementCase: Sendable, CustomTestStringConvertible {
  enum Verdict: Sendable { case good, bad }

  let name: String
  let verdict: Verdict
  /// The row of the table in docs/signatures.md; nil where we agree.
  let difference: String?
  let change: @Sendable (inout Given, SigningKit) throws -> Void
  var testDescription: String { name }

  /// - Parameter verdict: that of ssh-keygen; ours is the other one where there is a difference.
  init(
    _ name: String, _ verdict: Verdict, differs difference: String? = nil,
    _ change: @escaping @Sendable (inout Given, SigningKit) throws -> Void
  ) {
    (self.name, self.verdict, self.difference, self.change) = (name, verdict, difference, change)
  }

  /// A case in which only the list of signers is another.
  static func signers(
    _ text: String, _ verdict: Verdict, principal: String = SigningKit.principal, differs difference: String? = nil
  ) -> AgreementCase {
    let shown = text.replacing("\n", with: "\\n").replacing("\r", with: "\\r").replacing("\t", with: "\\t").prefix(90)
    return AgreementCase("signers: \(shown), principal \(principal)", verdict, differs: difference) { given, kit in
      try given.trust(text, kit)
      given.principal = principal
    }
  }

  static let all = armour + fields + keys + lists + options + times
}

import OmphalosValues

/// What a signature is worth for some bytes, to somebody who trusts some signers, at some time.
public struct SignatureCheck: Sendable, Hashable {
  public enum Outcome: Sendable, Hashable {
    /// It was made over these bytes by the key of this line, the first that permits it.
    case good(AllowedSigners.Signer)
    /// It was not made over these bytes by the key that it names.
    case broken
    /// It was made for something else.
    case wrongNamespace(found: String, wanted: String)
    /// It was made over these bytes by a key that no line has.
    case unknownKey
    /// It was made over these bytes by a key that only lines have which do not permit it.
    case barred([Bar])
  }

  /// A line that has the key and does not permit the signature.
  public struct Bar: Sendable, Hashable {
    public enum Reason: Sendable, Hashable {
      /// The line permits these namespaces only.
      case namespace(permitted: String)
      case notYetValid(SignerTime)
      case expired(SignerTime)
    }

    public let line: Int
    /// The patterns of the line.
    public let principals: String
    public let reason: Reason
  }

  public let signature: SSHSignature
  public let namespace: String
  public let time: Timestamp
  public let outcome: Outcome
  /// All lines that permit it.
  private let permitting: [AllowedSigners.Signer]
  private let signersFile: String

  /// - Parameters:
  ///   - namespace: what signatures must have been made for.
  ///   - time: at which signers must be valid, both ends included.
  ///   - digest: of the signed bytes, by the hash that is asked for; asked for once, or never.
  public init(
    _ signature: SSHSignature, namespace: String, signers: AllowedSigners, at time: Timestamp,
    digest: (SSHSignature.MessageHash) throws -> [UInt8]
  ) rethrows {
    self.signature = signature
    self.namespace = namespace
    self.time = time
    signersFile = signers.file
    guard haveEqualBytes(signature.namespace, namespace) else {
      outcome = .wrongNamespace(found: signature.namespace, wanted: namespace)
      permitting = []
      return
    }
    let signed = signature.signedBytes(digest: try digest(signature.hash))
    guard PublicKeyAlgorithms.verify(signature.body, by: signature.key, over: signed) else {
      outcome = .broken
      permitting = []
      return
    }
    let known = signers.signers.filter { !$0.isCertificateAuthority && $0.key == signature.key }
    let bars = known.compactMap { $0.bar(namespace: namespace, at: time) }
    permitting = known.filter { $0.bar(namespace: namespace, at: time) == nil }
    outcome = permitting.first.map { .good($0) } ?? (bars.isEmpty ? .unknownKey : .barred(bars))
  }

  public var isGood: Bool { if case .good = outcome { true } else { false } }

  /// The first line that permits the signature and means this literal name, as `ssh-keygen -Y verify -I` looks for it;
  /// nil where there is none.
  public func signer(named principal: String) -> AllowedSigners.Signer? {
    permitting.first { $0.isNamed(principal) }
  }

  public func isSigned(by principal: String) -> Bool { signer(named: principal) != nil }

  /// What came of it, as the end of a sentence that begins with the plugin's signature.
  public var words: String {
    let key = "\(signature.key.type) key \(signature.key.fingerprint)"
    let file = printable(signersFile)
    switch outcome {
    case .good(let signer): return "is good: made by the \(key), which \(file):\(signer.line) lists for \(printable(signer.principals))"
    case .broken: return "is broken: the \(key) that it names did not make it over these bytes"
    case .wrongNamespace(let found, let wanted):
      return "was made for \(quotedForMessage(found)), wanted \(quotedForMessage(wanted))"
    case .unknownKey: return "was made by the \(key), which no line of \(file) has"
    case .barred(let bars):
      let reasons = bars.map { "\(file):\($0.line) (\(printable($0.principals))) \($0.words(at: time))" }
      return "was made by the \(key), which is not permitted: " + reasons.joined(separator: "; ")
    }
  }
}

extension SignatureCheck.Bar {
  fileprivate func words(at time: Timestamp) -> String {
    func bound(_ bound: SignerTime) -> String { "\(quotedForMessage(bound.text)) (\(bound.time))" }
    return switch reason {
    case .namespace(let permitted): "has it for the namespaces \(quotedForMessage(permitted)) only"
    case .notYetValid(let after): "has it from \(bound(after)) on, and it is \(time)"
    case .expired(let before): "has it until \(bound(before)), and it is \(time)"
    }
  }
}

extension AllowedSigners.Signer {
  /// Why this line does not permit what its key signed.
  fileprivate func bar(namespace: String, at time: Timestamp) -> SignatureCheck.Bar? {
    func bar(_ reason: SignatureCheck.Bar.Reason) -> SignatureCheck.Bar {
      SignatureCheck.Bar(line: line, principals: principals, reason: reason)
    }
    if let namespaces, !namespaces.matches(namespace) { return bar(.namespace(permitted: namespaces.text)) }
    if let validAfter, time < validAfter.time { return bar(.notYetValid(validAfter)) }
    if let validBefore, time > validBefore.time { return bar(.expired(validBefore)) }
    return nil
  }
}

import Admission
import LinuxCalls
import OmphalosValues
import Signatures

extension PluginEvidence {
  /// Of a plugin that was found and not sealed yet: its files are read when a policy asks.
  init(of file: File, name: String, _ entries: [PluginFolder.Entry], _ signature: PluginSignatureFile?) {
    @Sendable func digests() throws(SystemCallError) -> PluginDigests {
      let own = try file.digest().digest
      var parts: [PluginDigests.Part] = []
      for entry in entries { parts.append((entry.path, try entry.file.digest().digest)) }
      return PluginDigests(
        file: own, contents: PluginContents.digest(of: name, own, parts: parts), parts: parts)
    }
    self.init(
      digests: { try? digests() },
      signature: { signers in
        SignatureState(signature, signers) { (hash) throws(SystemCallError) in
          let digests = try digests()
          return try PluginContents.signedDigest(hash, of: name, file, digests.file, parts: digests.parts)
        }
      })
  }
}

extension SealedPlugin {
  /// Of the sealed bytes.
  var evidence: PluginEvidence {
    let digests = PluginDigests(
      file: digest, contents: contentsDigest, parts: parts.map { ($0.path, $0.digest) })
    return PluginEvidence(
      digests: { digests },
      signature: { signers in
        SignatureState(signature, signers) { (hash) throws(SystemCallError) in try signedDigest(hash) }
      })
  }
}

extension SignatureState {
  /// - Parameter digest: of what a vendor signs.
  fileprivate init(
    _ file: PluginSignatureFile?, _ signers: AllowedSigners,
    _ digest: (SSHSignature.MessageHash) throws(SystemCallError) -> [UInt8]
  ) {
    guard let file else {
      self = .absent
      return
    }
    switch file.signature {
    case .failure(let error): self = .unusable(error)
    case .success(let signature):
      do {
        self = .checked(
          try SignatureCheck(
            signature, namespace: SignatureNamespace.plugin, signers: signers,
            at: Timestamp(secondsSince1970: WallClock.now() / 1_000_000_000), digest: digest))
      } catch {
        self = .unreadable(reason: "\(error)")
      }
    }
  }
}

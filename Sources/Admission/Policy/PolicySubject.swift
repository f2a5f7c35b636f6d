import OmphalosValues
import Signatures
import Synchronization

/// The digests of a plugin's bytes.
public struct PluginDigests: Sendable {
  /// Of its own file.
  public let file: SHA256Digest
  /// Of everything that is the plugin; the file's where it has no folder.
  public let contents: SHA256Digest
  /// Of the files in its folder.
  public let parts: [Part]

  public typealias Part = (path: String, digest: SHA256Digest)

  public init(file: SHA256Digest, contents: SHA256Digest, parts: [Part]) {
    self.file = file
    self.contents = contents
    self.parts = parts
  }
}

/// What policies look at beside the declaration. Computed when a rule asks for it first, since most policies never need a
/// digest, and kept: a policy may have a thousand rules that ask.
public struct PluginEvidence: Sendable {
  private let readDigests: @Sendable () -> PluginDigests?
  private let checkSignature: @Sendable (AllowedSigners) -> SignatureState
  private let memory = Memory()

  private final class Memory: Sendable {
    let digests = Mutex<PluginDigests??>(nil)
    let signatures = Mutex<[AllowedSigners: SignatureState]>([:])
  }

  public init(
    digests: @escaping @Sendable () -> PluginDigests?, signature: @escaping @Sendable (AllowedSigners) -> SignatureState
  ) {
    readDigests = digests
    checkSignature = signature
  }

  /// nil where the files cannot be read.
  public func digests() -> PluginDigests? {
    if let known = memory.digests.withLock({ $0 }) { return known }
    let found = readDigests()
    memory.digests.withLock { $0 = .some(found) }
    return found
  }

  /// The signature beside the plugin, held against these signers.
  public func signature(_ signers: AllowedSigners) -> SignatureState {
    if let known = memory.signatures.withLock({ $0[signers] }) { return known }
    let found = checkSignature(signers)
    memory.signatures.withLock { $0[signers] = found }
    return found
  }

  /// Without a digest and without a signature.
  public static let none = PluginEvidence(digests: { nil }, signature: { _ in .absent })
}

/// A plugin as policies see it.
public struct PolicySubject: Sendable {
  let declaration: Declaration
  let evidence: PluginEvidence

  public init(_ declaration: Declaration, _ evidence: PluginEvidence) {
    self.declaration = declaration
    self.evidence = evidence
  }

  func result(of condition: PolicyCondition, for action: PolicyAction, _ policy: Policy) -> ConditionResult {
    func result(_ found: String, _ holds: Bool) -> ConditionResult {
      ConditionResult(condition: condition, found: found, holds: holds)
    }
    func any(_ patterns: [GlobPattern], _ text: String) -> Bool { patterns.contains { $0.matches(text) } }
    switch condition {
    case .id(let patterns): return result(declaration.id.text, any(patterns, declaration.id.text))
    case .vendor(let patterns): return result(declaration.vendor, any(patterns, declaration.vendor))
    case .version(let range): return result(declaration.version.description, range.contains(declaration.version))
    case .hermetic(let claim): return result(declaration.hermetic.rawValue, declaration.hermetic == claim)
    case .license(let patterns):
      return result(declaration.license, matches(license: declaration.license, patterns, action))
    case .capabilities(let kinds):
      let declared = declaration.capabilities.map(\.kind)
      let holds = action == .allow ? declared.allSatisfy(kinds.contains) : declared.contains(where: kinds.contains)
      return result(listed(Set(declared.map(\.text)).sorted()), holds)
    case .sha256(let digests):
      guard let own = evidence.digests() else { return result("not readable", action == .deny) }
      // What was denied for one of its files stays denied in another company; what was allowed is all of it together.
      let holds =
        action == .allow
        ? digests.contains(own.contents) : ([own.contents, own.file] + own.parts.map(\.digest)).contains(where: digests.contains)
      return result(own.contents.hex, holds)
    case .signedBy(let principals):
      guard let signers = policy.requirements.signers else { return result("not signed", false) }
      let state = evidence.signature(signers)
      return result(state.description, principals.contains { state.isSigned(by: $0) })
    }
  }

  /// An `allow` rule holds if the plugin can be had under the licenses it lists, a `deny` rule if it cannot be had
  /// without one of them.
  private func matches(license: String, _ patterns: [GlobPattern], _ action: PolicyAction) -> Bool {
    guard let expression = try? SPDXExpression(license) else { return false }
    // SPDX identifiers are the same in any case (SPDX 2.3, annex D).
    let folded = patterns.compactMap { try? GlobPattern($0.text.lowercased()) }
    func isListed(_ name: String) -> Bool { folded.contains { $0.matches(name.lowercased()) } }
    return action == .allow ? expression.canBeTaken { isListed($0) } : !expression.canBeTaken { !isListed($0) }
  }
}

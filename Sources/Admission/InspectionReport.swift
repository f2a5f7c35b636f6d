import ELFInspection
import OmphalosValues
import Signatures

/// What `omphalos plugin inspect` shows of a plugin: values in, text or JSON out.
public struct InspectionReport: Sendable {
  /// Said with every inspection, because facts about a file are easily taken for more than they are.
  public static let caveat =
    "A declaration is what the plugin says of itself, and inspection executes nothing: "
    + "that nothing was found here proves nothing about what the plugin does."

  let plugin: InspectedPlugin
  let sha256: SHA256Digest?
  let decision: AdmissionDecision?
  let closure: LibraryClosure?
  let own: [OwnFile]
  let digests: Digests
  /// Nil where nobody looked for one.
  let signature: Signature?

  /// What the files were hashed to, by whoever could read them.
  public struct Digests: Sendable {
    /// Of the plugin's own file and its folder together; nil where there is no folder.
    public var contents: SHA256Digest?
    /// By path of the files in the folder.
    public var own: [String: SHA256Digest]
    /// By path of the system's libraries.
    public var libraries: [String: SHA256Digest]

    public init(
      contents: SHA256Digest? = nil, own: [String: SHA256Digest] = [:], libraries: [String: SHA256Digest] = [:]
    ) {
      self.contents = contents
      self.own = own
      self.libraries = libraries
    }
  }

  /// - Parameters:
  ///   - sha256: the digest of the file's bytes, where it is known.
  ///   - decision: what this host would decide, where it was asked.
  ///   - closure: the libraries that it would load on this system.
  public init(
    _ plugin: InspectedPlugin, sha256: SHA256Digest? = nil, decision: AdmissionDecision? = nil,
    closure: LibraryClosure? = nil, own: [OwnFile] = [], digests: Digests = Digests(),
    signature: Signature? = nil
  ) {
    self.own = own
    self.digests = digests
    self.signature = signature
    self.closure = closure
    self.plugin = plugin
    self.sha256 = sha256
    self.decision = decision
  }

  var declaration: Declaration? { try? plugin.declaration?.get() }

  /// What is wrong with the declaration; empty where it is right or missing.
  var declarationProblems: [AdmissionReason] {
    guard case .failure(let error) = plugin.declaration else { return [] }
    return error.reasons
  }

  var hardening: HardeningFacts { HardeningFacts(plugin, own: own) }

  /// Facts that a reviewer looks for first; each is a sentence.
  var notable: [String] {
    let object = plugin.object
    var facts: [String] = []
    if object.initializers > 1 {
      facts.append("runs \(object.initializers) functions while it is loaded; the C runtime brings one of them")
    }
    if object.indirectFunctions > 0 {
      facts.append("has \(object.indirectFunctions) indirect functions, whose resolvers run even if loading then fails")
    }
    facts += hardening.problems.map(\.sentence)
    if object.hasStaticTLS {
      facts.append("takes \(object.tlsBytes) bytes of the loader's small reserve of static thread-local memory")
    }
    if object.isNeverUnloaded { facts.append("can never be unloaded (DF_1_NODELETE)") }
    if let rpath = object.rpath { facts.append("searches for libraries by the outdated DT_RPATH: \(rpath)") }
    return facts
  }
}

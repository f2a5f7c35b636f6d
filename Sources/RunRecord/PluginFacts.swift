import OmphalosValues

/// A plugin that the pipeline names: what it said of itself, what its file is, and what was decided.
public struct PluginFacts: Sendable {
  public var id: PluginID
  public var version: SemanticVersion
  public var vendor: String
  public var license: String
  public var summary: String
  public var file: PluginFile
  public var abi: PluginABIFacts
  /// Declares that it needs no network, clock, randomness or environment of its own.
  public var declaresHermetic: Bool
  public var capabilities: [PluginCapabilityFacts]
  public var decision: PluginDecision
  public var reasons: [DecisionReason]
  /// Why each policy admitted it, in their order.
  public var policies: [PolicyDecisionFacts] = []
  /// Who signed it; nil where no policy had it checked, or it was not good.
  public var signature: SignatureFacts?
  /// What its imports were found to reach; a fact, not a reason against it.
  public var imports: [ImportFacts] = []

  public init(
    id: PluginID, version: SemanticVersion, vendor: String, license: String, summary: String = "",
    file: PluginFile, abi: PluginABIFacts, declaresHermetic: Bool, capabilities: [PluginCapabilityFacts],
    decision: PluginDecision, reasons: [DecisionReason] = []
  ) {
    self.id = id
    self.version = version
    self.vendor = vendor
    self.license = license
    self.summary = summary
    self.file = file
    self.abi = abi
    self.declaresHermetic = declaresHermetic
    self.capabilities = capabilities
    self.decision = decision
    self.reasons = reasons
  }
}

/// The words for what became of a plugin. Only an admissible plugin is ever mapped.
public enum PluginDecision: String, Sendable {
  case admissible
  case refused
  case failedToLoad = "failed-to-load"
  case failedConfirmation = "failed-confirmation"
}

/// What one policy said of a plugin.
public struct PolicyDecisionFacts: Sendable {
  /// `system`, `user`, `run`, `pipeline` or `pack`.
  public var layer: String
  /// Of the rule that decided, or of the default; nil where the policy says nothing.
  public var line: Int?
  /// Of that rule; nil where the default decided.
  public var reason: String?

  public init(layer: String, line: Int?, reason: String?) {
    self.layer = layer
    self.line = line
    self.reason = reason
  }
}

/// A good signature, as the first policy sees it that looks at signatures.
public struct SignatureFacts: Sendable {
  /// The patterns of the line in the allowed_signers file.
  public var principals: String
  public var keyType: String
  /// "SHA256:" and base64, as OpenSSH shows it.
  public var fingerprint: String

  public init(principals: String, keyType: String, fingerprint: String) {
    self.principals = principals
    self.keyType = keyType
    self.fingerprint = fingerprint
  }
}

/// A function that a plugin imports, itself or through a library.
public struct ImportFacts: Sendable {
  public var category: String
  public var symbol: String
  /// `own`, `via` or `runtime`.
  public var distance: String
  /// The file, library or runtime that imports it.
  public var subject: String
  /// `allow` or `warn`: what is denied is never recorded, because it never runs.
  public var action: String

  public init(category: String, symbol: String, distance: String, subject: String, action: String) {
    self.category = category
    self.symbol = symbol
    self.distance = distance
    self.subject = subject
    self.action = action
  }
}

/// One rule that fired.
public struct DecisionReason: Hashable, Sendable {
  public let field: String
  public let found: String
  public let wanted: String
  /// What would change the outcome.
  public let remedy: String

  public init(field: String, found: String, wanted: String, remedy: String) {
    self.field = field
    self.found = found
    self.wanted = wanted
    self.remedy = remedy
  }
}

/// Facts of a shared object, read from its bytes.
public struct PluginFile: Sendable {
  /// Without its folder.
  public var name: String
  public var sha256: SHA256Digest
  public var bytes: UInt64
  /// Hexadecimal.
  public var buildID: String?
  public var soname: String?
  /// The names in DT_NEEDED, in the file's order.
  public var neededLibraries: [String]
  /// The files of the plugin's folder, sorted by path; part of the plugin.
  public var parts: [PluginPart]
  /// Of the file and its parts together; the file's own where there are none.
  public var contentsSHA256: SHA256Digest
  /// Of the system: what loading the plugin brought along, in the loader's order.
  public var libraries: [SystemLibrary]

  public init(
    name: String, sha256: SHA256Digest, bytes: UInt64, buildID: String?, soname: String?, neededLibraries: [String],
    parts: [PluginPart] = [], contentsSHA256: SHA256Digest? = nil, libraries: [SystemLibrary] = []
  ) {
    self.parts = parts
    self.contentsSHA256 = contentsSHA256 ?? sha256
    self.libraries = libraries
    self.name = name
    self.sha256 = sha256
    self.bytes = bytes
    self.buildID = buildID
    self.soname = soname
    self.neededLibraries = neededLibraries
  }
}

/// A file in the folder of a plugin.
public struct PluginPart: Sendable {
  public enum Kind: String, Sendable { case library, resource }
  /// Beginning with the folder: "acme.d/libfoo.so".
  public var path: String
  public var kind: Kind
  public var sha256: SHA256Digest
  public var bytes: UInt64

  public init(path: String, kind: Kind, sha256: SHA256Digest, bytes: UInt64) {
    self.path = path
    self.kind = kind
    self.sha256 = sha256
    self.bytes = bytes
  }
}

/// A library that is no plugin's own, by the name that it was needed by. Where it lay is not recorded: that is a matter
/// of the machine.
public struct SystemLibrary: Sendable {
  public var name: String
  public var sha256: SHA256Digest
  /// Hexadecimal.
  public var buildID: String?

  public init(name: String, sha256: SHA256Digest, buildID: String?) {
    self.name = name
    self.sha256 = sha256
    self.buildID = buildID
  }
}

public struct PluginABIFacts: Hashable, Sendable {
  public let major: UInt16
  public let minorRequired: UInt16
  public let minorBuilt: UInt16
  /// 0 once the ABI is frozen.
  public let draft: UInt16

  public init(major: UInt16, minorRequired: UInt16, minorBuilt: UInt16, draft: UInt16) {
    self.major = major
    self.minorRequired = minorRequired
    self.minorBuilt = minorBuilt
    self.draft = draft
  }
}

public struct PluginCapabilityFacts: Sendable {
  /// `connector`, `exporter`, `lineage_sink`, or a word that this host does not know.
  public var kind: String
  public var name: CapabilityName
  public var interfaceVersion: UInt32
  public var isHermetic: Bool
  /// The pipeline names it.
  public var isUsed: Bool

  public init(kind: String, name: CapabilityName, interfaceVersion: UInt32, isHermetic: Bool, isUsed: Bool) {
    self.kind = kind
    self.name = name
    self.interfaceVersion = interfaceVersion
    self.isHermetic = isHermetic
    self.isUsed = isUsed
  }
}

/// A file in a plugin directory that the pipeline does not name: listed, never mapped.
public struct PluginFileFacts: Sendable {
  /// Without its folder.
  public var name: String
  /// Nil where it could not be read.
  public var sha256: SHA256Digest?
  /// What it says it is, where that could be read.
  public var id: PluginID?
  public var version: SemanticVersion?
  public var decision: PluginDecision
  public var reasons: [DecisionReason]

  public init(
    name: String, sha256: SHA256Digest?, id: PluginID?, version: SemanticVersion?, decision: PluginDecision,
    reasons: [DecisionReason]
  ) {
    self.name = name
    self.sha256 = sha256
    self.id = id
    self.version = version
    self.decision = decision
    self.reasons = reasons
  }
}

/// Something noticed about a plugin that did not refuse it.
public struct FindingFacts: Sendable {
  public var plugin: PluginID?
  /// What was looked at, for instance `floating-point control` or `import getrandom`.
  public var subject: String
  /// A sentence.
  public var message: String

  public init(plugin: PluginID?, subject: String, message: String) {
    self.plugin = plugin
    self.subject = subject
    self.message = message
  }
}

import OmphalosValues
import Signatures

extension Policy {
  /// The most bytes a policy file may have.
  public static let largestFile = 1 << 20

  /// Reads a policy.
  ///
  /// - Parameters:
  ///   - file: as messages show it; for a pack its name.
  ///   - signers: reads the file that `signatures.allowed_signers` names, for an error at that place.
  /// - Throws: `ConfigurationError` with file, line and column.
  public static func parse(
    _ bytes: [UInt8], file: String, layer: PolicyLayer,
    signers: (_ path: String, _ mark: SourceMark) throws(ConfigurationError) -> AllowedSigners
  ) throws(ConfigurationError) -> Policy {
    let root = try YAMLMapping(YAMLNode.parse(bytes: bytes, file: file), what: "the policy")
    try root.finish(known: keys)
    let version = try root.require("version")
    guard try version.integer("version") == 1 else {
      throw ConfigurationError(mark: version.mark, message: "version: found \(version.foundForMessage), wanted 1")
    }
    let action = root.optional("default")
    let requirements = try PolicyRequirements(root, signers: signers)
    let rules = try PolicyRuleReader(canAskForSigners: requirements.signers != nil).rules(root)
    return Policy(
      layer: layer, file: file, digest: SHA256Digest(hashing: bytes),
      defaultAction: try action?.word("default", PolicyAction.self) ?? .allow, defaultMark: action?.mark, rules: rules,
      requirements: requirements)
  }

  /// Every key of a policy.
  static let keys =
    ["version", "default", "rules", "signatures", "findings", "relaxations", "state_changes"] + PolicyRequirements.flags
}

extension PolicyRequirements {
  static let flags = ["require_static_declaration", "require_hermetic", "require_lock"]
  static let signatureKeys = ["required", "allowed_signers"]
  static let distanceKeys = ["own", "via"]

  init(
    _ root: YAMLMapping, signers: (String, SourceMark) throws(ConfigurationError) -> AllowedSigners
  ) throws(ConfigurationError) {
    self.init()
    if let node = root.optional("require_static_declaration"), try !node.bool("require_static_declaration") {
      throw ConfigurationError(
        mark: node.mark,
        message: "require_static_declaration: found false, wanted true: a plugin without a declaration note would have "
          + "to be mapped before anything could be decided about it")
    }
    hermetic = try Self.flag(root, "require_hermetic")
    lock = try Self.flag(root, "require_lock")
    noRelaxations = try Self.denial(root, "relaxations", PolicyAction.self, .deny)
    noStateChanges = try Self.denial(root, "state_changes", StateChangeAction.self, .deny)
    try readSignatures(root, signers)
    try readFindings(root)
  }

  private enum StateChangeAction: String, CaseIterable { case warn, deny }

  /// The place of a key that is true.
  private static func flag(_ root: YAMLMapping, _ key: String) throws(ConfigurationError) -> SourceMark? {
    guard let node = root.optional(key), try node.bool(key) else { return nil }
    return node.mark
  }

  /// The place of a key whose word is the one that denies.
  private static func denial<Word: RawRepresentable & CaseIterable & Equatable>(
    _ root: YAMLMapping, _ key: String, _ type: Word.Type, _ denial: Word
  ) throws(ConfigurationError) -> SourceMark? where Word.RawValue == String {
    guard let node = root.optional(key), try node.word(key, type) == denial else { return nil }
    return node.mark
  }

  private mutating func readSignatures(
    _ root: YAMLMapping, _ read: (String, SourceMark) throws(ConfigurationError) -> AllowedSigners
  ) throws(ConfigurationError) {
    guard let node = root.optional("signatures") else { return }
    let mapping = try YAMLMapping(node, what: "signatures")
    try mapping.finish(known: Self.signatureKeys)
    if let file = mapping.optional("allowed_signers") {
      signers = try read(file.string("signatures.allowed_signers"), file.mark)
    }
    guard let required = mapping.optional("required"), try required.bool("signatures.required") else { return }
    guard signers != nil else {
      throw ConfigurationError(
        mark: required.mark,
        message: "signatures.required: nobody could sign without signatures.allowed_signers; name an OpenSSH "
          + "allowed_signers file there")
    }
    signature = required.mark
  }

  private mutating func readFindings(_ root: YAMLMapping) throws(ConfigurationError) {
    guard let node = root.optional("findings") else { return }
    let mapping = try YAMLMapping(node, what: "findings")
    try mapping.finish(known: FindingCategory.allCases.map(\.rawValue))
    for category in FindingCategory.allCases {
      guard let node = mapping.optional(category.rawValue) else { continue }
      let name = mapping.name(of: category.rawValue)
      guard case .mapping = node.content else {
        let action = try node.word(name, FindingAction.self)
        findings[category] = FindingLimit(own: action, via: action, mark: node.mark)
        continue
      }
      let distances = try YAMLMapping(node, what: name)
      try distances.finish(known: Self.distanceKeys)
      findings[category] = FindingLimit(
        own: try distances.optional("own")?.word("\(name).own", FindingAction.self) ?? .allow,
        via: try distances.optional("via")?.word("\(name).via", FindingAction.self) ?? .allow, mark: node.mark)
    }
  }
}

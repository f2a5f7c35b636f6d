import OmphalosValues

/// Reads the rules of a policy.
struct PolicyRuleReader {
  private static let greatestCount = 10_000

  /// Whether the policy names an allowed_signers file.
  let canAskForSigners: Bool

  func rules(_ root: YAMLMapping) throws(ConfigurationError) -> [PolicyRule] {
    guard let node = root.optional("rules") else { return [] }
    let elements = try node.list("rules")
    guard elements.count <= Self.greatestCount else {
      throw ConfigurationError(
        mark: node.mark, message: "rules: found \(elements.count), wanted at most \(Self.greatestCount)")
    }
    var rules: [PolicyRule] = []
    for (index, element) in elements.enumerated() { rules.append(try rule(element, "rules[\(index)]")) }
    return rules
  }

  private func rule(_ node: YAMLNode, _ what: String) throws(ConfigurationError) -> PolicyRule {
    let outer = try YAMLMapping(node, what: what)
    try outer.finish(known: PolicyAction.allCases.map(\.rawValue))
    guard outer.members.count == 1, let member = outer.members.first,
      let action = PolicyAction(rawValue: member.key)
    else {
      throw ConfigurationError(
        mark: node.mark, message: "\(what): found \(counted(outer.members.count, "key")), wanted one: allow or deny")
    }
    let rule = try YAMLMapping(member.value, what: "\(what).\(action.rawValue)")
    try rule.finish(known: PolicyCondition.keys + ["reason"])
    let reason = try rule.require("reason")
    let text = try reason.string(rule.name(of: "reason"))
    guard text.contains(where: { !$0.isWhitespace }) else {
      throw ConfigurationError(
        mark: reason.mark, message: "\(rule.name(of: "reason")): found an empty text, wanted why the rule is there")
    }
    var conditions: [PolicyCondition] = []
    for member in rule.members where member.key != "reason" {
      conditions.append(try condition(member, rule.name(of: member.key)))
    }
    return PolicyRule(action: action, conditions: conditions, reason: text, mark: member.keyMark)
  }

  private func condition(_ member: YAMLMember, _ what: String) throws(ConfigurationError) -> PolicyCondition {
    let node = member.value
    switch member.key {
    case "id": return .id(try values(node, what, GlobPattern.init))
    case "vendor": return .vendor(try values(node, what, GlobPattern.init))
    case "version": return .version(try node.value(what, VersionRange.init))
    case "sha256": return .sha256(try values(node, what, SHA256Digest.parse))
    case "license": return .license(try values(node, what, GlobPattern.init))
    case "capabilities": return .capabilities(try values(node, what, CapabilityKind.init))
    case "hermetic": return .hermetic(try node.word(what, HermeticClaim.self))
    default:
      guard canAskForSigners else {
        throw ConfigurationError(
          mark: member.keyMark,
          message: "\(what): no signer is known without signatures.allowed_signers; name an OpenSSH allowed_signers "
            + "file there")
      }
      return .signedBy(
        try values(node, what) { (text) throws(ValueError) in
          guard !text.isEmpty else { throw ValueError(what: "principal", found: text, wanted: "a name") }
          return text
        })
    }
  }

  /// One value, or a list of at least one.
  private func values<Value>(
    _ node: YAMLNode, _ what: String, _ make: (String) throws(ValueError) -> Value
  ) throws(ConfigurationError) -> [Value] {
    guard case .sequence(let elements) = node.content else { return [try node.value(what, make)] }
    guard !elements.isEmpty else {
      throw ConfigurationError(mark: node.mark, message: "\(what): found an empty list, wanted at least one value")
    }
    var values: [Value] = []
    for (index, element) in elements.enumerated() { values.append(try element.value("\(what)[\(index)]", make)) }
    return values
  }
}

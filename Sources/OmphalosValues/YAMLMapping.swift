/// A mapping being read: members are asked for by key, and ``finish(known:)`` refuses what nobody asked for.
public struct YAMLMapping: Sendable {
  public let node: YAMLNode
  /// What the mapping is, for messages: `run`, `inputs[0]`.
  public let what: String
  public let members: [YAMLMember]

  /// - Throws: if the node is no mapping.
  public init(_ node: YAMLNode, what: String) throws(ConfigurationError) {
    guard case .mapping(let members) = node.content else { throw node.wrongType(what, wanted: "a mapping") }
    self.node = node
    self.what = what
    self.members = members
  }

  public var mark: SourceMark { node.mark }

  /// The value of a key that must be there and have a value.
  public func require(_ key: String) throws(ConfigurationError) -> YAMLNode {
    guard let member = node.member(key) else {
      throw ConfigurationError(mark: mark, message: "\(what): the key \"\(key)\" is missing\(misspelling(of: key))")
    }
    guard !member.value.isNull else {
      throw ConfigurationError(mark: member.keyMark, message: "\(name(of: key)) has no value")
    }
    return member.value
  }

  /// The value of a key; nil if the key is missing, empty or `null`.
  public func optional(_ key: String) -> YAMLNode? {
    guard let value = node.member(key)?.value, !value.isNull else { return nil }
    return value
  }

  /// What a key's value is called in messages: `run.seed`.
  public func name(of key: String) -> String {
    what.isEmpty ? key : "\(what).\(key)"
  }

  /// Refuses the first key that is not among the known ones, and names the known one it resembles.
  public func finish(known keys: [String]) throws(ConfigurationError) {
    guard let unknown = members.first(where: { member in !keys.contains { haveEqualBytes($0, member.key) } }) else {
      return
    }
    let nearest = nearestNames(to: unknown.key, among: keys, limit: 1).first
    let remedy = nearest.map { "did you mean \"\($0)\"?" } ?? "known are \(keys.sorted().joined(separator: ", "))"
    throw ConfigurationError(
      mark: unknown.keyMark, message: "\(what): the key \(quotedForMessage(unknown.key)) is not known; \(remedy)")
  }

  private func misspelling(of key: String) -> String {
    guard let nearest = nearestNames(to: key, among: members.map(\.key), limit: 1).first else { return "" }
    return "; is \(quotedForMessage(nearest)) a misspelling of it?"
  }
}

import OmphalosValues

extension PluginLock {
  static let keys = ["version", "scope", "plugins"]
  static let pluginKeys = ["version", "sha256", "hermetic", "capabilities", "files", "closure"]

  /// - Throws: `ConfigurationError` with file, line and column.
  public static func parse(_ bytes: [UInt8], file: String) throws(ConfigurationError) -> PluginLock {
    let root = try YAMLMapping(YAMLNode.parse(bytes: bytes, file: file), what: "the lock")
    try root.finish(known: keys)
    let version = try root.require("version")
    guard try version.integer("version") == 1 else {
      throw ConfigurationError(mark: version.mark, message: "version: found \(version.foundForMessage), wanted 1")
    }
    let scope = try root.require("scope").word("scope", Scope.self)
    var plugins: [LockedPlugin] = []
    for member in try YAMLMapping(root.require("plugins"), what: "plugins").members {
      plugins.append(try plugin(member))
    }
    return PluginLock(scope: scope, plugins: plugins)
  }

  private static func plugin(_ member: YAMLMember) throws(ConfigurationError) -> LockedPlugin {
    let what = "plugins.\(member.key)"
    let id: PluginID
    do throws(ValueError) {
      id = try PluginID(member.key)
    } catch {
      throw ConfigurationError(mark: member.keyMark, message: "plugins: \(error.message)")
    }
    let mapping = try YAMLMapping(member.value, what: what)
    try mapping.finish(known: pluginKeys)
    var capabilities: [String] = []
    for element in try mapping.require("capabilities").list(mapping.name(of: "capabilities")) {
      capabilities.append(try element.string(mapping.name(of: "capabilities")))
    }
    return LockedPlugin(
      id: id, version: try mapping.require("version").value(mapping.name(of: "version"), SemanticVersion.init),
      sha256: try mapping.require("sha256").value(mapping.name(of: "sha256"), SHA256Digest.parse),
      hermetic: try mapping.require("hermetic").word(mapping.name(of: "hermetic"), HermeticClaim.self),
      capabilities: capabilities, files: try digests(mapping, "files"), closure: try digests(mapping, "closure"))
  }

  private static func digests(
    _ mapping: YAMLMapping, _ key: String
  ) throws(ConfigurationError) -> [UTF8String: SHA256Digest] {
    guard let node = mapping.optional(key) else { return [:] }
    var digests: [UTF8String: SHA256Digest] = [:]
    for member in try YAMLMapping(node, what: mapping.name(of: key)).members {
      digests[UTF8String(member.key)] = try member.value.value(
        "\(mapping.name(of: key)).\(member.key)", SHA256Digest.parse)
    }
    return digests
  }
}

extension SHA256Digest {
  /// As `init(hex:)`, with a reason for people.
  static func parse(_ text: String) throws(ValueError) -> SHA256Digest {
    guard let digest = SHA256Digest(hex: text) else {
      throw ValueError(what: "SHA-256 digest", found: text, wanted: "64 lower-case hexadecimal digits")
    }
    return digest
  }
}

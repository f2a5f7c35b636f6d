import OmphalosValues

/// `plugins.lock`: the plugins that were reviewed, by the digests of their bytes.
public struct PluginLock: Sendable, Hashable {
  /// What the lock speaks for, and so what counts as new.
  public enum Scope: String, Sendable, Hashable, CaseIterable {
    /// The plugins that one pipeline names: others in the directories are none of its business.
    case pipeline
    /// Everything in the plugin directories: a plugin that is put there is drift, used or not.
    case directories
  }

  public static let fileName = "plugins.lock"
  public static let largestFile = 16 << 20

  public let scope: Scope
  /// Sorted by id.
  public let plugins: [LockedPlugin]

  public init(scope: Scope, plugins: [LockedPlugin]) {
    self.scope = scope
    self.plugins = plugins.sorted { $0.id < $1.id }
  }

  public func plugin(_ id: PluginID) -> LockedPlugin? { plugins.first { $0.id == id } }
}

extension PluginLock {
  /// Said at the top of every lock: whoever sees a change of it in a review has to know what to look at.
  private static let heading = """
    # The plugins that runs with --locked may load, by the digests of their bytes. Written by `omphalos plugins lock`;
    # do not edit it by hand.
    #
    # How to review a change of this file:
    #   sha256        other bytes. Look at the new file with `omphalos plugin inspect FILE`, and at who signed it. A change
    #                 without a new version is suspicious: ask the vendor.
    #   hermetic      what the plugin promises. From "incompatible" to "compatible" needs a reason.
    #   capabilities  what the plugin can be used for. A new one is a new power.
    #   files         its own libraries and data, in its folder.
    #   closure       libraries of the system it brings into the process. They change with the system's updates; a new
    #                 name deserves a look at why.
    """

  /// The file: one fact a line, sorted, so that a diff shows what changed and nothing else.
  public var text: String {
    var lines = [Self.heading, "version: 1", "scope: \(scope.rawValue)", plugins.isEmpty ? "plugins: {}" : "plugins:"]
    for plugin in plugins {
      lines.append("  \(plugin.id):")
      lines.append("    version: \(yamlText(plugin.version.description))")
      lines.append("    sha256: \(yamlText(plugin.sha256.hex))")
      lines.append("    hermetic: \(plugin.hermetic.rawValue)")
      lines.append("    capabilities:")
      lines += plugin.capabilities.map { "      - \(yamlText($0))" }
      lines += Self.digests("files", plugin.files) + Self.digests("closure", plugin.closure)
    }
    return lines.joined(separator: "\n") + "\n"
  }

  private static func digests(_ key: String, _ digests: [UTF8String: SHA256Digest]) -> [String] {
    guard !digests.isEmpty else { return [] }
    return ["    \(key):"]
      + digests.sorted { $0.key < $1.key }.map { "      \(yamlText($0.key.string)): \(yamlText($0.value.hex))" }
  }
}

/// A text in double quotes; what JSON writes is YAML too.
private func yamlText(_ text: String) -> String { JSONValue.string(text).canonicalText }

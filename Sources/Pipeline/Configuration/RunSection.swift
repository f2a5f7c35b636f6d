import ArtifactStore
import OmphalosValues

/// The `run` section of a pipeline.
struct RunSection {
  let name: String
  let seed: Int64
  let hermetic: Bool
  let outputRoot: String
  let asOf: String?
  let environment: [String]

  init(_ node: YAMLNode) throws(ConfigurationError) {
    let run = try YAMLMapping(node, what: "run")
    try run.finish(known: ["name", "seed", "hermetic", "output_root", "as_of", "env"])
    name = try run.require("name").value("run.name", InstanceName.init).text
    seed = try run.optional("seed")?.integer("run.seed", in: 0...(1 << 53 - 1)) ?? 0
    hermetic = try run.optional("hermetic")?.bool("run.hermetic") ?? false
    outputRoot = try run.optional("output_root")?.string("run.output_root") ?? "runs"
    asOf = try Self.asOf(run)
    environment = try Self.environment(run, hermetic: hermetic)
  }

  private static func asOf(_ run: YAMLMapping) throws(ConfigurationError) -> String? {
    guard let node = run.optional("as_of") else { return nil }
    let text = try node.string("run.as_of")
    let digits = text.utf8.enumerated().allSatisfy { index, byte in
      index == 4 || index == 7 ? byte == UInt8(ascii: "-") : (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte)
    }
    guard digits, text.utf8.count == 10 else {
      throw ConfigurationError(
        mark: node.mark, message: "run.as_of: found \(quotedForMessage(text)), wanted a day such as \"2026-05-31\"")
    }
    return text
  }

  private static func environment(_ run: YAMLMapping, hermetic: Bool) throws(ConfigurationError) -> [String] {
    guard let node = run.optional("env") else { return [] }
    if hermetic {
      throw ConfigurationError(
        mark: node.mark, message: "run.env: a hermetic run gives plugins no variables of the environment; remove it")
    }
    var names: [String] = []
    for (index, element) in try node.list("run.env").enumerated() {
      let name = try element.string("run.env[\(index)]")
      guard isVariableName(name) else {
        throw ConfigurationError(
          mark: element.mark, message: "run.env[\(index)]: \(quotedForMessage(name)) is no name of a variable")
      }
      guard !ownedByTheLoader(name) else {
        throw ConfigurationError(
          mark: element.mark,
          message: "run.env[\(index)]: \(name) changes how plugins are loaded and is never passed on; remove it")
      }
      names.append(name)
    }
    return names
  }

  /// A variable that plugins see in their environment is no secret.
  func checkSecrets(of use: CapabilityUse) throws(ConfigurationError) {
    for reference in use.secrets {
      guard case .variable(let name) = reference.source, environment.contains(name) else { continue }
      throw ConfigurationError(
        mark: reference.mark,
        message: "\(reference.what): run.env gives the variable \(name) to all plugins, so it is no secret; remove it there")
    }
  }

  private static func ownedByTheLoader(_ name: String) -> Bool {
    name.hasPrefix("LD_") || name.hasPrefix("MALLOC_") || name == "GLIBC_TUNABLES" || name.hasPrefix("SWIFT_")
      || ["PATH", "HOME", "LC_ALL", "TZ"].contains(name)
  }
}

/// Letters, digits and `_`, no digit first. POSIX.1-2024, 8.1.
func isVariableName(_ name: String) -> Bool {
  guard let first = name.utf8.first, !(UInt8(ascii: "0")...UInt8(ascii: "9")).contains(first) else { return false }
  return name.unicodeScalars.allSatisfy { $0.isASCII && ($0.properties.isAlphabetic || $0 == "_" || ("0"..."9").contains($0)) }
}

extension PipelineLimits {
  init(_ node: YAMLNode?) throws(ConfigurationError) {
    self.init()
    guard let node else { return }
    let limits = try YAMLMapping(node, what: "limits")
    try limits.finish(known: ["call_timeout", "bytes", "artifacts", "buffer", "plugin_bytes"])
    if let timeout = limits.optional("call_timeout") {
      let parts = try timeout.duration("limits.call_timeout").components
      guard parts.seconds >= 0, parts.seconds < 1_000_000, parts.seconds > 0 || parts.attoseconds > 0 else {
        throw ConfigurationError(mark: timeout.mark, message: "limits.call_timeout: wanted more than 0 and at most 11 days")
      }
      callTimeout = parts.seconds * 1_000_000_000 + parts.attoseconds / 1_000_000_000
    }
    store = try StoreLimits(limits, defaults: store)
    if let bytes = limits.optional("buffer") { buffer = UInt64(try bytes.byteSize("limits.buffer")) }
    if let bytes = limits.optional("plugin_bytes") {
      pluginBytes = UInt64(try bytes.byteSize("limits.plugin_bytes"))
    }
  }
}

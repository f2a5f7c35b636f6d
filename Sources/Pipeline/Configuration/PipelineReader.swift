import Admission
import LinuxCalls
import OmphalosValues

extension PipelineConfiguration {
  /// The most bytes a pipeline file may have.
  private static let largestFile = 1 << 20

  /// Reads a pipeline file.
  ///
  /// - Throws: `ConfigurationError` with file, line and column, or several of them.
  public static func read(_ file: String) throws -> PipelineConfiguration {
    let bytes: [UInt8]
    do throws(SystemCallError) {
      bytes = try File.openRegular(file).file.readAll(limit: largestFile)
    } catch {
      let reason =
        switch error.errno {
        case .fileTooLarge: "it has more than \(largestFile) bytes, which no pipeline needs"
        default: error.whyNotOpened ?? "it cannot be read: \(error.errno)"
        }
      throw ConfigurationError(mark: nil, message: "The pipeline \(quotedForMessage(file)): \(reason).")
    }
    return try parse(bytes, file: file)
  }

  /// - Throws: `ConfigurationError`, or `ConfigurationErrors` with the first mistake of each section and step.
  public static func parse(_ bytes: [UInt8], file: String) throws -> PipelineConfiguration {
    let root = try YAMLMapping(YAMLNode.parse(bytes: bytes, file: file), what: "the pipeline")
    var mistakes = ConfigurationMistakes()
    _ = mistakes.attempt { try root.finish(known: ["schema_version", "run", "rules", "inputs", "exports", "lineage", "limits"]) }
    _ = mistakes.attempt { try checkVersion(root) }
    let run = mistakes.attempt { try RunSection(root.require("run")) }
    let pack = mistakes.attempt { try Self.pack(root) }
    // Where `run` cannot be read, nobody knows whether it says as of which day the data is.
    let isDated = run.map { $0.asOf != nil } ?? true
    let inputs = Self.inputs(root, isDated: isDated, &mistakes)
    let names = inputNames(root)
    let exports = list(root, "exports", &mistakes) { (node, place) throws(ConfigurationError) in
      try export(node, place, inputs: names)
    }
    let sinks = list(root, "lineage", &mistakes) { (node, place) throws(ConfigurationError) in
      try sink(node, place)
    }
    let limits = mistakes.attempt { try PipelineLimits(root.optional("limits")) }
    if let run {
      for use in inputs.map(\.use) + exports.map(\.use) + sinks.map(\.use) {
        _ = mistakes.attempt { try run.checkSecrets(of: use) }
      }
    }
    try mistakes.throwIfAny()
    guard let run, let pack, let limits else {
      throw ConfigurationError(mark: root.mark, message: "the pipeline cannot be read")
    }
    return PipelineConfiguration(
      file: file, digest: SHA256Digest(hashing: bytes), name: run.name, seed: run.seed, hermetic: run.hermetic,
      outputRoot: run.outputRoot, asOf: run.asOf, environment: run.environment, pack: pack,
      inputs: inputs, exports: exports, sinks: sinks, limits: limits)
  }

  private static func checkVersion(_ root: YAMLMapping) throws(ConfigurationError) {
    let version = try root.require("schema_version")
    guard try version.string("schema_version") == "1.0" else {
      throw ConfigurationError(
        mark: version.mark, message: "schema_version: found \(version.foundForMessage), wanted \"1.0\"")
    }
  }

  private static func pack(_ root: YAMLMapping) throws(ConfigurationError) -> Pack {
    guard let node = root.optional("rules") else { return .baseline }
    let rules = try YAMLMapping(node, what: "rules")
    try rules.finish(known: ["pack"])
    return try rules.optional("pack")?.word("rules.pack", Pack.self) ?? .baseline
  }

  private static func list<Step>(
    _ root: YAMLMapping, _ key: String, _ mistakes: inout ConfigurationMistakes,
    _ make: (YAMLNode, String) throws(ConfigurationError) -> Step
  ) -> [Step] {
    guard let node = root.optional(key), let elements = mistakes.attempt({ try node.list(key) }) else { return [] }
    var steps: [Step] = []
    for (index, element) in elements.enumerated() {
      if let step = mistakes.attempt({ try make(element, "\(key)[\(index)]") }) { steps.append(step) }
    }
    return steps
  }

  private static func inputs(_ root: YAMLMapping, isDated: Bool, _ mistakes: inout ConfigurationMistakes) -> [InputStep] {
    guard let node = mistakes.attempt({ try root.require("inputs") }) else { return [] }
    let inputs = list(root, "inputs", &mistakes) { (node, place) throws(ConfigurationError) in
      try input(node, place, isDated: isDated)
    }
    if case .sequence(let elements) = node.content, elements.isEmpty {
      mistakes.add(ConfigurationError(mark: node.mark, message: "inputs: found none, wanted at least one"))
    }
    for (index, input) in inputs.enumerated() where inputs[..<index].contains(where: { $0.name == input.name }) {
      mistakes.add(
        ConfigurationError(
          mark: input.use.mark, message: "inputs[\(index)].name: there is an input \(input.name) already"))
    }
    return inputs
  }

  /// Also of inputs that are wrong in something else.
  private static func inputNames(_ root: YAMLMapping) -> [InstanceName] {
    guard case .sequence(let elements)? = root.optional("inputs")?.content else { return [] }
    return elements.compactMap { element in
      (try? element[.key("name")]?.string()).flatMap { try? InstanceName($0) }
    }
  }

  private static func input(
    _ node: YAMLNode, _ place: String, isDated: Bool
  ) throws(ConfigurationError) -> InputStep {
    let mapping = try YAMLMapping(node, what: place)
    try mapping.finish(known: ["name", "connector", "files", "config", "grants", "limits"])
    let name = try mapping.require("name").value("\(place).name", InstanceName.init)
    var files: [NamedFile] = []
    if let list = mapping.optional("files") {
      for member in try YAMLMapping(list, what: "\(place).files").members {
        let what = "\(place).files.\(member.key)"
        let path = try member.value.string(what)
        guard !path.isEmpty, !path.utf8.contains(0) else {
          throw ConfigurationError(mark: member.value.mark, message: "\(what): wanted the path of a file")
        }
        files.append(NamedFile(name: member.key, path: path, mark: member.value.mark))
      }
    }
    if files.isEmpty && !isDated {
      throw ConfigurationError(
        mark: mapping.mark,
        message: "\(place): it names no files, so its bytes cannot be pinned; name them under `files`, or say under "
          + "run.as_of of which day the data is")
    }
    return InputStep(
      name: name, use: try use(mapping, .connector, place, instance: name.text), files: files)
  }

  private static func export(
    _ node: YAMLNode, _ place: String, inputs names: [InstanceName]
  ) throws(ConfigurationError) -> ExportStep {
    let mapping = try YAMLMapping(node, what: place)
    try mapping.finish(known: ["exporter", "inputs", "config", "grants", "limits"])
    let list = try mapping.require("inputs")
    var inputs: [InstanceName] = []
    for (index, element) in try list.list("\(place).inputs").enumerated() {
      let name = try element.value("\(place).inputs[\(index)]", InstanceName.init)
      guard names.contains(name) else {
        let nearest = nearestNames(to: name.text, among: names.map(\.text)).joined(separator: ", ")
        let remedy = nearest.isEmpty ? "there are \(names.map(\.text).joined(separator: ", "))" : "did you mean \(nearest)?"
        throw ConfigurationError(
          mark: element.mark, message: "\(place).inputs[\(index)]: there is no input \(name); \(remedy)")
      }
      inputs.append(name)
    }
    if inputs.isEmpty {
      throw ConfigurationError(mark: list.mark, message: "\(place).inputs: found none, wanted at least one")
    }
    return ExportStep(use: try use(mapping, .exporter, place, instance: place), inputs: inputs)
  }

  private static func sink(_ node: YAMLNode, _ place: String) throws(ConfigurationError) -> SinkStep {
    let mapping = try YAMLMapping(node, what: place)
    try mapping.finish(known: ["sink", "config", "grants", "limits"])
    return SinkStep(use: try use(mapping, .sink, place, instance: place))
  }

  private static func use(
    _ mapping: YAMLMapping, _ role: CapabilityUse.Role, _ place: String, instance: String
  ) throws(ConfigurationError) -> CapabilityUse {
    let node = try mapping.require(role.rawValue)
    let configuration = mapping.optional("config")
    var secrets: [SecretReference] = []
    if let configuration {
      _ = try YAMLMapping(configuration, what: "\(place).config")
      secrets = try SecretScan(configuration, what: "\(place).config").references
    }
    return CapabilityUse(
      reference: try node.value("\(place).\(role.rawValue)", CapabilityReference.init), mark: node.mark,
      instance: instance, configuration: configuration, secrets: secrets, role: role, rights: try StepRights(mapping, place))
  }
}

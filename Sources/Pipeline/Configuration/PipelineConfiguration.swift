import Admission
import ArtifactStore
import OmphalosValues

/// A pipeline file, read and checked in itself: names are well-formed and refer to something, nothing is unknown.
/// Whether its plugins exist is the plan's matter.
public struct PipelineConfiguration: Sendable {
  /// As the operator named the file.
  public let file: String
  /// The file's bytes.
  public let digest: SHA256Digest
  public let name: String
  public let seed: Int64
  public let hermetic: Bool
  /// Relative to the pipeline's folder.
  public let outputRoot: String
  /// Needed where a source is no file.
  public let asOf: String?
  /// Names of variables that the worker gets from the caller's environment.
  public let environment: [String]
  /// The bar that a run has to meet at least.
  public let pack: Pack
  public let inputs: [InputStep]
  public let exports: [ExportStep]
  public let sinks: [SinkStep]
  public let limits: PipelineLimits

  /// The folder of the file, "." where the name has none.
  public var folder: String { splitPath(file).folder }

  /// A path of the file, which is relative to its folder.
  public func resolve(_ path: String) -> String {
    path.hasPrefix("/") || folder == "." ? path : folder == "/" ? "/\(path)" : "\(folder)/\(path)"
  }
}

/// `inputs[n]`: a dataset by a connector.
public struct InputStep: Sendable {
  public let name: InstanceName
  public let use: CapabilityUse
  /// In the order of the file.
  public let files: [NamedFile]
}

/// A file that a connector may open under a name.
public struct NamedFile: Sendable {
  public let name: String
  /// As written; relative to the pipeline's folder.
  public let path: String
  public let mark: SourceMark
}

/// `exports[n]`: an exporter over datasets.
public struct ExportStep: Sendable {
  public let use: CapabilityUse
  public let inputs: [InstanceName]
}

/// `lineage[n]`: a sink for lineage events.
public struct SinkStep: Sendable {
  public let use: CapabilityUse
}

/// A capability as the pipeline uses it.
public struct CapabilityUse: Sendable {
  public let reference: CapabilityReference
  public let mark: SourceMark
  /// The input's name, or the place in the file: "exports[0]".
  public let instance: String
  /// What stands under `config`; nil if nothing does.
  public let configuration: YAMLNode?
  /// The places in it at which a secret belongs.
  public let secrets: [SecretReference]
  /// "exporter": the key it stands under, and the kind that is wanted.
  public let role: Role
  public let rights: StepRights

  public enum Role: String, Sendable {
    case connector
    case exporter
    case sink

    /// The kind in a plugin's declaration.
    public var kind: String { self == .sink ? "lineage_sink" : rawValue }
  }

  /// The step in `config.payload`.
  ///
  /// - Parameter others: its members beside those that every step has.
  func payload(_ others: JSONObject) -> JSONValue {
    var step = others
    step[role.rawValue] = .string(reference.text)
    step["config"] = recordedConfiguration
    if !rights.isEmpty { step["grants"] = rights.payload }
    return .object(step)
  }

  /// A JSON object, with placeholders for secrets: the form for everything but the plugin.
  public var recordedConfiguration: JSONValue {
    configuration?.json(replacing: secrets) { $0.source.placeholder } ?? .object([:])
  }
}

/// `limits`.
public struct PipelineLimits: Sendable {
  /// For each function of a plugin, from entering it until it returns. Nanoseconds.
  public var callTimeout: Int64 = 600_000_000_000
  /// For each capability, all its uses together.
  public var store = StoreLimits()
  public var pluginBytes: UInt64 = 512 << 20
  /// Of batches that are kept in memory for consumers that come later, over all inputs.
  public var buffer: UInt64 = 256 << 20
}

extension PipelineConfiguration {
  /// What makes two runs the same as far as the configuration goes; see `config.payload` of the manifest. Without
  /// output root, limits and file paths: the bytes of the files count, not their places.
  public func payload(hermetic: Bool, pack: Pack) -> JSONValue {
    var run: JSONObject = [
      "name": .string(name), "seed": .integer(seed), "hermetic": .bool(hermetic),
    ]
    if let asOf { run["as_of"] = .string(asOf) }
    if !environment.isEmpty { run["env"] = .array(environment.map(JSONValue.string)) }
    return [
      "schema_version": "1.0",
      "run": .object(run),
      "rules": ["pack": .string(pack.rawValue)],
      "inputs": .array(
        inputs.map { input in
          input.use.payload([
            "name": .string(input.name.text), "files": .array(input.files.map { .string($0.name) }),
          ])
        }),
      "exports": .array(
        exports.map { export in export.use.payload(["inputs": .array(export.inputs.map { .string($0.text) })]) }),
      "lineage": .array(sinks.map { $0.use.payload([:]) }),
    ]
  }

  /// Every capability the pipeline uses, in its order.
  public var uses: [CapabilityUse] { inputs.map(\.use) + exports.map(\.use) + sinks.map(\.use) }

  /// The capabilities that it uses of each plugin, one for each use.
  public var capabilitiesByPlugin: [PluginID: [CapabilityName]] {
    Dictionary(grouping: uses.map(\.reference), by: \.plugin).mapValues { $0.map(\.capability) }
  }

  /// The plugins it names, in the order in which they are named first.
  public var pluginIDs: [PluginID] {
    var seen: Set<PluginID> = []
    return uses.map(\.reference.plugin).filter { seen.insert($0).inserted }
  }
}

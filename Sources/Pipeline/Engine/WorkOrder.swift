import Admission
import ELFInspection
import OmphalosValues
import PluginHost
import RunRecord

/// What the supervisor hands to the worker: decided plugins and pinned inputs as descriptors, and what to do with them.
/// Travels as JSON in a sealed memory file.
public struct WorkOrder: Sendable {
  public struct Plugin: Sendable {
    public var files: HandedOver
    public var used: [CapabilityName]
  }

  public struct InputFile: Sendable {
    public var name: String
    /// The file's own name without its folder, for the lineage.
    public var fileName: String
    public var digest: SHA256Digest
    public var descriptor: Int32
    public var byteCount: UInt64
  }

  public struct Step: Sendable {
    public var reference: CapabilityReference
    public var instance: String
    public var configuration: JSONValue
    public var rights: StepRights
  }

  public struct Input: Sendable {
    public var name: InstanceName
    public var step: Step
    public var files: [InputFile]
  }

  public struct Export: Sendable {
    public var step: Step
    public var inputs: [InstanceName]
  }

  public var runID: RunID
  public var fingerprint: SHA256Digest
  public var hermetic: Bool
  public var relaxations: Set<Relaxation>
  /// Descriptors that the worker inherits.
  public var directory: Int32
  public var page: Int32
  public var messages: Int32
  public var plugins: [Plugin]
  /// What loading the plugins is expected to map.
  public var libraries: [LibraryPin]
  public var inputs: [Input]
  public var exports: [Export]
  public var sinks: [Step]
  public var limits: PipelineLimits
  /// What no artifact may be called.
  public var secrets: [NamedSecret]

  /// - Parameters:
  ///   - directory, page, messages: descriptors as the worker will see them.
  public init(_ plan: RunPlan, directory: Int32, page: Int32, messages: Int32) {
    let configuration = plan.configuration
    runID = plan.runID
    fingerprint = plan.identity.fingerprint
    hermetic = plan.hermetic
    relaxations = plan.admission.relaxations
    self.directory = directory
    self.page = page
    self.messages = messages
    let capabilities = configuration.capabilitiesByPlugin
    plugins = plan.plugins.map { plugin in
      Plugin(files: HandedOver(plugin.sealed), used: capabilities[plugin.id] ?? [])
    }
    libraries = plan.libraries
    inputs = plan.inputs.map { input in
      Input(
        name: input.step.name, step: Step(input.step.use, plan.secrets),
        files: input.pins.map {
          InputFile(
            name: $0.name, fileName: OmphalosValues.fileName(of: $0.path), digest: $0.digest, descriptor: $0.file.descriptor,
            byteCount: $0.byteCount)
        })
    }
    exports = configuration.exports.map { Export(step: Step($0.use, plan.secrets), inputs: $0.inputs) }
    sinks = configuration.sinks.map { Step($0.use, plan.secrets) }
    limits = configuration.limits
    secrets = plan.secrets.named
  }

  /// The descriptors that must stay open in the worker.
  public var inherited: [Int32] {
    [directory, page, messages] + plugins.flatMap(\.files.descriptors) + inputs.flatMap { $0.files.map(\.descriptor) }
  }
}

extension WorkOrder.Step {
  init(_ use: CapabilityUse, _ secrets: Secrets) {
    self.init(
      reference: use.reference, instance: use.instance, configuration: secrets.configuration(of: use),
      rights: use.rights)
  }
}

import Admission
import ArgumentParser
import LinuxCalls
import Pipeline
import PluginHost

/// Which policies and which pack hold; the same for every command that decides about plugins.
struct PolicyOptions: ParsableArguments {
  @Option(
    name: .customLong("policy"),
    help: ArgumentHelp(
      "A policy for plugins; may be given several times.",
      discussion: """
        It takes the place of policy.yaml beside the pipeline, and comes after the system's policy, \
        \(PolicySources.systemFile), and the user's, ~/.config/omphalos/policy.yaml. Each can only tighten what the ones \
        before it say.
        """,
      valueName: "file"))
  var files: [String] = []

  @Option(
    help: ArgumentHelp(
      "The bar for plugins and run, where it asks for more than the pipeline: baseline or strict.", valueName: "name"))
  var pack: Pack?

  var sources: PolicySources {
    PolicySources(explicit: files, pack: pack, environment: CallerEnvironment.variables)
  }
}

/// Defaults that can be switched off for one command.
struct RelaxationOptions: ParsableArguments {
  @Option(
    name: .customLong("relax"),
    help: ArgumentHelp(
      "Switch off a default for plugins; may be given several times, and is recorded.",
      discussion: """
        What each of them accepts, and why it is refused, stands in docs/operators/hardening.md. What a policy asks for \
        cannot be switched off.
        """,
      valueName: "name"))
  var names: [Relaxation] = []

  var relaxations: Set<Relaxation> { Set(names) }
}

/// Where plugins are looked for, and what they are decided under; the same for every command that decides without a run.
struct DecisionOptions: ParsableArguments {
  @OptionGroup var plugins: PluginDirectoryOptions
  @OptionGroup var policy: PolicyOptions
  @OptionGroup var relaxation: RelaxationOptions

  @Flag(help: "Decide as for a hermetic run.")
  var hermetic = false

  /// - Parameter pipeline: whose policy, pack and hermetic count too.
  func admission(for pipeline: PipelineConfiguration? = nil) throws -> AdmissionTerms {
    AdmissionTerms(
      hermetic: hermetic || pipeline?.hermetic ?? false,
      policies: try policy.sources.stack(pipelineFolder: pipeline?.folder, pack: pipeline?.pack ?? .baseline),
      relaxations: relaxation.relaxations)
  }

  /// For a pipeline that is not run.
  var runTerms: RunTerms {
    RunTerms(
      directories: plugins.searchPath, hermetic: hermetic, policies: policy.sources,
      relaxations: relaxation.relaxations, environment: CallerEnvironment.variables)
  }
}

/// Whether the plugins have to be those of a lock.
struct LockOptions: ParsableArguments {
  @Flag(help: "Refuse plugins that are not those of plugins.lock beside the pipeline, byte for byte.")
  var locked = false

  @Option(help: ArgumentHelp("As --locked, with this lock.", valueName: "file"))
  var lock: String?

  var choice: RunTerms.LockChoice {
    if let lock { return .file(lock) }
    return locked ? .besidePipeline : .ifDemanded
  }
}

/// All that decides about a run's plugins; the same for `run` and `plan`.
struct RunTermsOptions: ParsableArguments {
  @OptionGroup var plugins: PluginDirectoryOptions
  @OptionGroup var policy: PolicyOptions
  @OptionGroup var lock: LockOptions
  @OptionGroup var loading: LoadingOptions
  @OptionGroup var relaxation: RelaxationOptions

  func terms(hermetic: Bool) throws -> RunTerms {
    RunTerms(
      directories: plugins.searchPath, hermetic: hermetic, mode: try loading.mode(), policies: policy.sources,
      relaxations: relaxation.relaxations, lock: lock.choice, environment: CallerEnvironment.variables)
  }
}

extension Pack: ExpressibleByArgument {}
extension Relaxation: ExpressibleByArgument {}

import Admission
import ArtifactStore
import LinuxCalls
import OmphalosValues
import Pipeline
import PluginABI
import PluginHost
import RunRecord

/// Gathers what is known of a run for its record.
struct FactsBuilder {
  let plan: RunPlan
  let report: WorkerReport

  /// - Throws: `ProtocolError` if the worker's claims do not fit the plan.
  func facts(tree: TreeCheckFacts, findings: [FindingFacts]) throws -> RunFacts {
    let source = PipelineSource(
      name: fileName(of: plan.configuration.file), sha256: plan.configuration.digest)
    var facts = RunFacts(
      identity: plan.identity, pipeline: source, hermetic: plan.hermetic,
      host: HostFacts(version: HostInterface.version, sha256: nil))
    facts.inputs = try plan.inputs.map(input)
    facts.artifacts = try report.artifacts.map { try artifact($0.artifact, call: $0.call) }
    facts.lineage = try report.lineage.map(event)
    let capabilities = plan.configuration.capabilitiesByPlugin
    facts.plugins = try plan.plugins.map { try plugin($0, used: Set(capabilities[$0.id] ?? [])) }
    facts.relaxations = plan.relaxations
    facts.policies = policies
    facts.lock = plan.lock?.digest
    facts.otherFiles = plan.otherCandidates.map(otherFile)
    facts.metrics = try report.metrics.map {
      MetricFacts(name: $0.name, value: $0.value, producer: try producer($0.by, call: $0.call))
    }
    facts.findings =
      findings + Self.warnings(plan.plugins) + SharedState.findings(plan.plugins)
      + report.findings.map { FindingFacts(plugin: try? PluginID($0.plugin), subject: $0.subject, message: $0.text) }
    facts.treeCheck = tree
    return facts
  }

  private func input(_ planned: PlannedInput) throws -> InputFacts {
    guard let reading = report.inputs[planned.step.name.text] else {
      throw ProtocolError("The worker ended without having read the input \(planned.step.name).")
    }
    return InputFacts(
      name: planned.step.name, connector: planned.step.use.reference, fingerprint: reading.fingerprint,
      rowCount: reading.rows, files: planned.facts, asOf: plan.configuration.asOf, wasReadToEnd: true,
      filesStayedUnchanged: planned.pins.isEmpty ? nil : true)
  }

  private func artifact(_ artifact: CommittedArtifact, call: UInt64) throws -> ArtifactFacts {
    ArtifactFacts(
      record: FileRecord(path: artifact.path, sha256: artifact.digest, bytes: artifact.byteCount),
      role: ArtifactRole(rawValue: artifact.options.role.rawValue) ?? .other,
      mediaType: artifact.options.mediaType, description: artifact.options.description,
      producer: try producer(artifact.producer, call: call))
  }

  private func producer(_ identity: CallIdentity, call: UInt64) throws -> Producer {
    Producer(
      plugin: try PluginID(identity.plugin), capability: try CapabilityName(identity.capability),
      instance: identity.instance, call: call)
  }

  /// Made again from its parts, so that nothing but an event of this run gets into the file.
  private func event(_ json: JSONValue) throws -> LineageEvent {
    guard let kind = json["kind"]?.stringValue.flatMap(LineageEvent.Kind.init(rawValue:)) else {
      throw ProtocolError("The worker sent a lineage event of unknown kind.")
    }
    func texts(_ key: String) -> [String] { (json[key]?.arrayValue ?? []).compactMap(\.stringValue) }
    return LineageEvent.make(
      kind: kind, runID: plan.runID, fingerprint: plan.identity.fingerprint, inputs: texts("inputs"),
      outputs: texts("outputs"), details: json["details"]?.objectValue ?? [:])
  }

  private func plugin(_ admitted: AdmittedPlugin, used: Set<CapabilityName>) throws -> PluginFacts {
    let declaration = admitted.declaration
    let object = admitted.sealed.plugin.object
    var facts = PluginFacts(
      id: admitted.id, version: declaration.version, vendor: declaration.vendor, license: declaration.license,
      summary: declaration.summary,
      file: PluginFile(
        name: admitted.sealed.name, sha256: admitted.sealed.digest, bytes: admitted.sealed.byteCount,
        buildID: object.buildID, soname: object.soname, neededLibraries: object.needed,
        parts: parts(of: admitted.sealed), contentsSHA256: admitted.sealed.contentsDigest,
        libraries: try libraries(of: admitted)),
      abi: PluginABIFacts(
        major: declaration.abi.major, minorRequired: declaration.abi.minorRequired,
        minorBuilt: declaration.abi.minorBuilt, draft: declaration.abi.draft),
      declaresHermetic: declaration.hermetic == .compatible,
      capabilities: declaration.capabilities.map {
        PluginCapabilityFacts(
          kind: $0.kind.text, name: $0.name, interfaceVersion: $0.interfaceVersion,
          isHermetic: $0.hermetic == .compatible, isUsed: used.contains($0.name))
      }, decision: .admissible)
    facts.policies = Self.policies(of: admitted.decision)
    facts.signature = Self.signature(of: admitted.decision)
    facts.imports = Self.imports(of: admitted.decision)
    return facts
  }

  private func parts(of sealed: SealedPlugin) -> [PluginPart] {
    sealed.parts.map {
      PluginPart(
        path: $0.path, kind: OwnFile.kind(of: $0.path) == .library ? .library : .resource, sha256: $0.digest,
        bytes: $0.byteCount)
    }
  }

  private func libraries(of admitted: AdmittedPlugin) throws -> [SystemLibrary] {
    try (admitted.closure?.libraries ?? []).compactMap { library in
      try plan.discovery.catalog.pin(library).map {
        SystemLibrary(name: library.name, sha256: $0.digest, buildID: library.object.buildID)
      }
    }
  }

  /// Not hashed: the file had no part in the run, and a directory may hold hundreds of them.
  private func otherFile(_ candidate: PluginCandidate) -> PluginFileFacts {
    PluginFileFacts(
      name: candidate.name, sha256: nil, id: candidate.id,
      version: candidate.declaration?.version, decision: candidate.isAdmissible ? .admissible : .refused,
      reasons: candidate.refusals.map {
        let facts = $0.facts
        return DecisionReason(field: facts.field, found: facts.found, wanted: facts.wanted, remedy: facts.remedy)
      })
  }
}

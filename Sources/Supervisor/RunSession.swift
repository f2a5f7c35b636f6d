import ArtifactStore
import LinuxCalls
import OmphalosValues
import Pipeline
import PluginABI
import PluginHost
import RunDirectory
import RunRecord

/// A run from request to finalized directory, in the process that never maps a plugin.
public struct RunSession {
  private let request: RunRequest
  private var observer: RunObserver
  private var mask = SecretMask.none

  public init(_ request: RunRequest, observer: RunObserver) {
    self.request = request
    self.observer = observer
  }

  /// - Throws: `RunFailure` once a partial run exists; before that whatever `RunPlan` throws.
  public func run() throws -> RunOutcome {
    // Plugins are loaded from descriptors 512 and up.
    Processes.raiseDescriptorLimit(to: 65_536)
    let configuration = try PipelineConfiguration.read(request.pipeline)
    let plan = try RunPlan(configuration, under: request.terms)
    var session = self
    session.mask = plan.secrets.mask
    session.observer = observer.masked(by: plan.secrets.mask)
    return try session.run(plan)
  }

  private func run(_ plan: RunPlan) throws -> RunOutcome {
    let configuration = plan.configuration
    let root = request.outputRoot ?? configuration.resolve(configuration.outputRoot)
    if !request.makesAgain, let existing = try? FinalizedRun.open("\(root)/\(plan.runID)") {
      return RunOutcome(status: .alreadyMade, runID: plan.runID, path: existing.path, summary: nil)
    }
    let signals = try SignalSource()
    try Processes.becomeSubreaper()
    let partial = try PartialRun.create(root: root, runID: plan.runID, pipeline: configuration.name)
    let outcome: RunOutcome
    do {
      outcome = try make(plan, in: partial, signals)
    } catch {
      let known = error as? any Diagnosable
      let code = known?.exitCode ?? .bug
      let cause = mask.masked(known?.message ?? "\(error)")
      let reason = partial.wasRemoved ? "\(cause)\nSomebody removed \(quotedForMessage(partial.path)) meanwhile." : cause
      // The partial may be where the disk is full; the caller hears the reason in any case.
      try? partial.fail(reason: reason, exitCode: code)
      throw RunFailure(message: reason, exitCode: code, partial: partial.reachablePath)
    }
    try record(outcome, in: root)
    return outcome
  }

  /// Outside of what makes the run: it stands, whatever becomes of its entry.
  private func record(_ outcome: RunOutcome, in root: String) throws {
    guard let payloadRoot = outcome.summary?.payloadRoot else { return }
    do {
      let subject = LedgerEntry.Subject(
        runID: outcome.runID, manifest: try RunAdoption.manifestDigest(of: outcome.path), payloadRoot: payloadRoot)
      let recording = try RunLedger(root: root).record(outcome.status == .finalized ? .finalized : .adopted, subject)
      for sentence in recording.sentences { observer.note(sentence) }
    } catch {
      let known = error as? any Diagnosable
      throw RunFailure(
        message: "The run \(outcome.runID) stands finalized at \(outcome.path), but it was not recorded: "
          + "\(known?.message ?? "\(error)")\nOnce that is mended, record it with: omphalos runs adopt \(outcome.path)",
        // A manifest that was just written and cannot be read again is no bad data, but a bad disk.
        exitCode: error is RunDirectoryError ? .storeFailed : known?.exitCode ?? .bug, partial: nil)
    }
  }

  private func make(_ plan: RunPlan, in partial: PartialRun, _ signals: SignalSource) throws -> RunOutcome {
    let log = try RunLog(in: partial.directory, mask: mask)
    let workplace = try WorkingDirectory(environment: request.terms.environment)
    defer { workplace.remove() }
    let descendants = Descendants()
    let outOfMemory = OutOfMemory.current()
    let worker = try WorkerProcess.start(
      plan, directory: partial.directory, workingDirectory: workplace.directory, caller: request.terms.environment)
    log.add(source: "supervisor", "The worker is process \(worker.pid); \(plan.plugins.count) plugins are to be loaded.")
    let watch = WorkerWatch(worker, signals: signals, log: log, observer: observer, mask: mask)
    let ending = try watch.untilEnd()
    let leftovers = descendants.end(worker: worker.pid)
    let verdict = WorkerVerdict(
      watch: watch, page: worker.page, ending: ending, leftovers: leftovers, producers: plan.producers,
      outOfMemory: (outOfMemory, .current()))
    if let failure = verdict.failure() {
      // What a plugin changed before may be why.
      for finding in watch.report.findings { observer.note("Noticed: \(finding.text)") }
      log.add(source: "supervisor", level: "error", failure.message)
      log.finish()
      throw RunFailure(message: failure.message, exitCode: failure.exitCode, partial: partial.path)
    }
    log.add(source: "supervisor", "The worker ended, and every call had succeeded.")
    try checkStateChanges(plan, watch.report)
    try checkInputs(plan)
    let tree = try checkTree(partial, watch.report)
    log.finish()
    let findings = workplace.entries().map {
      FindingFacts(
        plugin: nil, subject: "working directory",
        message: mask.masked("A plugin left \(quotedForMessage($0)) in its working directory; it was removed."))
    }
    let facts = try FactsBuilder(plan: plan, report: watch.report).facts(tree: tree, findings: findings)
    for finding in facts.findings { observer.note("Noticed: \(finding.message)") }
    let record = RunRecord.build(facts, logs: [try partial.record(of: RunLayout.log)])
    return try finalize(record, facts, partial)
  }

  private func checkStateChanges(_ plan: RunPlan, _ report: WorkerReport) throws {
    guard let demand = plan.admission.policies.deniesStateChanges, !report.findings.isEmpty else { return }
    let lines = report.findings.prefix(20).map { "  - \($0.text)" }.joined(separator: "\n")
    throw PolicyNotMet(
      message: "Plugins changed what belongs to the whole process, and \(demand) allows none (state_changes: deny):\n\(lines)")
  }

  /// A file that changed while it was read was read as neither the one nor the other.
  private func checkInputs(_ plan: RunPlan) throws {
    for input in plan.inputs {
      for pin in input.pins where !pin.isUnchanged() {
        throw RunFailure(
          message: "The input file \(quotedForMessage(pin.path)) (input \(input.step.name)) changed during the run: it "
            + "is no longer the file with SHA-256 \(pin.digest.hex). Run again once it stands still.",
          exitCode: .badData, partial: nil)
      }
    }
  }

  /// Everything is hashed again from disk, now that nobody of the worker is left to change it.
  private func checkTree(_ partial: PartialRun, _ report: WorkerReport) throws -> TreeCheckFacts {
    // With something in it it stays, and is a violation.
    try? partial.directory.removeDirectory(StoreLayout.stagingFolder)
    let index = report.artifacts.map {
      FileRecord(path: $0.artifact.path, sha256: $0.artifact.digest, bytes: $0.artifact.byteCount)
    }
    let violations = WriteAround.check(index: index, walked: try partial.walk())
    guard violations.isEmpty else {
      let lines = violations.prefix(20)
        .map { "  - \($0.kind.rawValue): \($0.description)\(report.culprits(of: $0))" }.joined(separator: "\n")
      let more = violations.count > 20 ? "\n  - and \(violations.count - 20) more" : ""
      throw RunFailure(
        message: "Something wrote into the run directory around the artifact store, so the run is not finalized:\n"
          + lines + more, exitCode: .checkFailed, partial: nil)
    }
    return TreeCheckFacts(
      fileCount: index.count, byteCount: index.reduce(0) { $0 + $1.bytes }, violations: [])
  }

  private func finalize(_ record: RunRecord, _ facts: RunFacts, _ partial: PartialRun) throws -> RunOutcome {
    let summary = RunSummary(facts, record)
    switch try partial.finalize(record) {
    case .finalized(let run):
      return RunOutcome(status: .finalized, runID: partial.runID, path: run.path, summary: summary)
    case .alreadyThere(let path):
      switch try RunComparison.compare(record.manifest, withRunAt: path) {
      case .reproduced:
        try partial.discard()
        return RunOutcome(status: .reproduced, runID: partial.runID, path: path, summary: summary)
      case .different(let differences):
        let lines = differences.prefix(20).map { "  - \($0.description)" }.joined(separator: "\n")
        throw RunFailure(
          message: "The run \(partial.runID) was made again and came out different, though configuration, inputs and "
            + "plugins are the same; the finalized run at \(path) stands:\n\(lines)",
          exitCode: .checkFailed, partial: nil)
      case .existingIsDamaged:
        throw RunFailure(
          message: "A run \(partial.runID) stands at \(path) already, and it is damaged; see `omphalos verify \(path)`.",
          exitCode: .checkFailed, partial: nil)
      }
    }
  }
}

extension RunSummary {
  init(_ facts: RunFacts, _ record: RunRecord) {
    self.init(
      payloadRoot: record.manifest.payloadRoot, inputs: facts.inputs.map { ($0.name.text, $0.rowCount) },
      artifacts: facts.artifacts.map {
        ($0.record.path.text, $0.record.bytes, "\($0.producer.plugin)/\($0.producer.capability)")
      },
      plugins: facts.plugins.map { ($0.id.text, $0.version.description, $0.file.sha256) })
  }
}

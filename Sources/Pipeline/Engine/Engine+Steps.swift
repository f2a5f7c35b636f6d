import ArtifactStore
import LinuxCalls
import OmphalosValues
import PluginABI
import RunRecord

extension Engine {
  /// Exporters in the pipeline's order, then the inputs that none of them reads, then the end of the sinks.
  func runSteps() throws {
    for step in order.sinks { try openSink(step) }
    for export in order.exports { try runExport(export) }
    for input in order.inputs where uses(of: input) == 0 {
      try checkCancelled()
      let identity = CallIdentity(input.step)
      try stateChecks.counting(for: identity) { try finish(.direct(try open(input)), of: input) }
      stateChecks.settle(identity, "reading it")
    }
    while let sink = sinks.first {
      let identity = sink.call.identity
      try stateChecks.counting(for: identity) {
        try sink.flush()
        // From here on it is closed, whatever its close says.
        sinks.removeFirst()
        try sink.close(.finished)
      }
      stateChecks.settle(identity, "the sink, now closed,")
      leftovers.end(sink.call.identity)
      try afterCall(sink.call.identity, "close")
    }
  }

  private func runExport(_ export: WorkOrder.Export) throws {
    try checkCancelled()
    let identity = CallIdentity(export.step)
    try prepareSharing(for: export)
    let artifacts = try stateChecks.counting(for: identity) { try runExporter(export) }
    stateChecks.settle(identity, export.inputs.isEmpty ? "run" : "run, with the connectors it read from,")
    endSharing()
    try emitExport(export, artifacts)
  }

  private func emitExport(_ export: WorkOrder.Export, _ artifacts: [CommittedArtifact]) throws {
    let isWarehouse = artifacts.contains { $0.options.role == .warehouse }
    var digests = JSONObject()
    for artifact in artifacts { digests[artifact.path.text] = .string(artifact.digest.hex) }
    try emit(
      isWarehouse ? .warehouse : .export, inputs: export.inputs.map(\.text), outputs: artifacts.map(\.path.text),
      details: ["exporter": .string(export.step.reference.text), "sha256": .object(digests)])
  }

  func emit(
    _ kind: LineageEvent.Kind, inputs: [String], outputs: [String], details: JSONObject
  ) throws {
    let event = LineageEvent.make(
      kind: kind, runID: order.runID, fingerprint: order.fingerprint, inputs: inputs, outputs: outputs,
      details: details)
    messages.send(.lineage(event.json))
    for sink in sinks {
      try stateChecks.counting(for: sink.call.identity) { try sink.emit(event.json.canonicalBytes) }
      try afterCall(sink.call.identity, "emit")
    }
  }

  private func openSink(_ step: WorkOrder.Step) throws {
    let (module, capability) = try find(step.reference)
    let call = makeCall(module, step, scope: .lineageSink, services: services(step))
    // Open from here on, so that it is closed whatever comes.
    sinks.append(
      try stateChecks.counting(for: call.identity) { try module.openSink(capability, call: call, timeout: timeout) })
    leftovers.begin(call.identity)
    try afterCall(call.identity, "open")
  }
}

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
    for input in order.inputs where readings[input.name] == nil {
      try checkCancelled()
      let identity = CallIdentity(input.step)
      try stateChecks.counting(for: identity) { try finish(try open(input), of: input) }
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
    let artifacts = try stateChecks.counting(for: identity) { try runExporter(export) }
    stateChecks.settle(identity, export.inputs.isEmpty ? "run" : "run, with the connectors it read from,")
    try emitExport(export, artifacts)
  }

  /// Opens the datasets, runs the exporter over them, and closes them; what it wrote.
  private func runExporter(_ export: WorkOrder.Export) throws -> [CommittedArtifact] {
    var streams: [(input: WorkOrder.Input, stream: DatasetStream)] = []
    do {
      for name in export.inputs {
        guard let input = order.inputs.first(where: { $0.name == name }) else { continue }
        streams.append((input, try open(input)))
      }
      let (module, capability) = try find(export.step.reference)
      let call = makeCall(module, export.step, scope: .exporter, services: services(export.step))
      try module.runExporter(capability, call: call, datasets: streams.map(\.stream), timeout: timeout)
      try afterCall(call.identity, "run")
      // A sink may have written as well, while it heard of the inputs.
      let artifacts = committed.take().filter { $0.producer == call.identity }
      while let (input, stream) = streams.first {
        streams.removeFirst()
        try finish(stream, of: input)
      }
      return artifacts
    } catch {
      for (_, stream) in streams { try? stream.close() }
      throw error
    }
  }

  /// Opens a connector for one consumer. Each consumer has a reading of its own.
  private func open(_ input: WorkOrder.Input) throws -> DatasetStream {
    let (module, capability) = try find(input.step.reference)
    let services = services(input.step, files: input.files)
    let call = makeCall(module, input.step, scope: .connector, services: services)
    let stream = try module.openConnector(
      capability, call: call, name: input.name.text, timeout: timeout
    ) { rows in services.progress(done: rows, total: 0) }
    checkProcess(call.identity, after: "open")
    leftovers.begin(call.identity)
    return stream
  }

  /// Reads the rest, closes, and holds the reading against an earlier one: a connector that gives other rows the second
  /// time would make the manifest's fingerprint a matter of luck.
  private func finish(_ stream: DatasetStream, of input: WorkOrder.Input) throws {
    do {
      try stream.drain()
    } catch {
      try? stream.close()
      throw error
    }
    let reading = Reading(fingerprint: stream.fingerprint, rows: stream.rows)
    let identity = CallIdentity(input.step)
    try stream.close()
    leftovers.end(identity)
    try checkLeftovers(identity, "release")
    if let earlier = readings[input.name] {
      guard earlier == reading else {
        throw CallFailure(
          identity, "open", .data,
          "read again, it gave other rows: \(earlier.rows) rows with fingerprint \(earlier.fingerprint.hex) before, "
            + "\(reading.rows) rows with \(reading.fingerprint.hex) now.")
      }
      return
    }
    readings[input.name] = reading
    messages.send(.input(name: input.name.text, fingerprint: reading.fingerprint, rows: reading.rows))
    var digests = JSONObject()
    for file in input.files { digests[file.name] = .string(file.digest.hex) }
    try emit(
      // By the names that the connector asks for: where the files lie does not make another run.
      .ingest, inputs: input.files.map(\.name), outputs: [input.name.text],
      details: [
        "connector": .string(input.step.reference.text), "rows": .integer(Int64(clamping: reading.rows)),
        "fingerprint": .string(reading.fingerprint.hex), "sha256": .object(digests),
      ])
  }

  private func emitExport(_ export: WorkOrder.Export, _ artifacts: [CommittedArtifact]) throws {
    let isWarehouse = artifacts.contains { $0.options.role == .warehouse }
    var digests = JSONObject()
    for artifact in artifacts { digests[artifact.path.text] = .string(artifact.digest.hex) }
    try emit(
      isWarehouse ? .warehouse : .export, inputs: export.inputs.map(\.text), outputs: artifacts.map(\.path.text),
      details: ["exporter": .string(export.step.reference.text), "sha256": .object(digests)])
  }

  private func emit(
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

import ArtifactStore
import LinuxCalls
import OmphalosValues
import PluginABI
import PluginHost
import RunRecord

/// An input that exporters read more than once, together: opened for the first of them, kept for the others.
final class SharedInput {
  let spool: File
  var dataset: SharedDataset?
  /// How many readings there will still be.
  var toCome: Int

  init(spool: File, readings: Int) {
    self.spool = spool
    toCome = readings
  }
}

extension Engine {
  /// A connector's stream that was opened for an exporter, and has to be read to its end after it.
  enum OpenDataset {
    case direct(DatasetStream)
    case shared(SharedDataset)
  }

  /// How often the exporters read an input, together. One exporter may name it twice.
  func uses(of input: WorkOrder.Input) -> Int {
    order.exports.reduce(0) { $0 + $1.inputs.count { $0 == input.name } }
  }

  private func inputs(of export: WorkOrder.Export) -> [WorkOrder.Input] {
    export.inputs.compactMap { name in order.inputs.first { $0.name == name } }
  }

  /// Makes the spools of what an exporter is the first to read. Before anything is counted in the exporter's name: the
  /// descriptors are the host's.
  func prepareSharing(for export: WorkOrder.Export) throws(SystemCallError) {
    for input in inputs(of: export) where sharing[input.name] == nil && readings[input.name] == nil {
      let uses = uses(of: input)
      guard uses > 1 else { continue }
      let spool = try store.scratchFile()
      try descriptors.add(spool)
      sharing[input.name] = SharedInput(spool: spool, readings: uses)
    }
  }

  /// Lets go of what nobody reads any more.
  func endSharing() {
    for (name, input) in sharing where input.toCome == 0 {
      descriptors.remove(input.spool)
      sharing[name] = nil
    }
  }

  /// Opens the datasets, runs the exporter over them, and closes them; what it wrote.
  func runExporter(_ export: WorkOrder.Export) throws -> [CommittedArtifact] {
    var opened: [(input: WorkOrder.Input, dataset: OpenDataset)] = []
    var readers: [SharedDatasetReader] = []
    do {
      var datasets: [ExporterDataset] = []
      for input in inputs(of: export) {
        guard let shared = sharing[input.name] else {
          let stream = try open(input)
          opened.append((input, .direct(stream)))
          datasets.append(ExporterDataset(stream))
          continue
        }
        let reader = try reader(of: input, shared, for: export) { opened.append((input, .shared($0))) }
        readers.append(reader)
        datasets.append(ExporterDataset(reader))
      }
      let (module, capability) = try find(export.step.reference)
      let call = makeCall(module, export.step, scope: .exporter, services: services(export.step))
      try module.runExporter(capability, call: call, datasets: datasets, timeout: timeout)
      try afterCall(call.identity, "run")
      // A sink may have written as well, while it heard of the inputs.
      let artifacts = committed.take().filter { $0.producer == call.identity }
      while let reader = readers.popLast() { try reader.close() }
      while let (input, dataset) = opened.first {
        opened.removeFirst()
        try finish(dataset, of: input)
      }
      return artifacts
    } catch {
      for reader in readers { try? reader.close() }
      for (_, dataset) in opened { try? dataset.close() }
      throw error
    }
  }

  /// One more reading of a shared input, whose connector is opened at the first.
  private func reader(
    of input: WorkOrder.Input, _ shared: SharedInput, for export: WorkOrder.Export, whenOpened: (SharedDataset) -> Void
  ) throws -> SharedDatasetReader {
    let dataset: SharedDataset
    if let known = shared.dataset {
      dataset = known
    } else {
      dataset = SharedDataset(try open(input), consumers: shared.toCome, budget: budget, spool: shared.spool)
      shared.dataset = dataset
      whenOpened(dataset)
    }
    shared.toCome -= 1
    return dataset.reader(for: CallIdentity(export.step))
  }

  /// Opens a connector, in a call of its own.
  func open(_ input: WorkOrder.Input) throws -> DatasetStream {
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

  /// Reads what the exporter left, closes the connector's stream, and records the reading.
  func finish(_ dataset: OpenDataset, of input: WorkOrder.Input) throws {
    do {
      try dataset.drain()
    } catch {
      try? dataset.close()
      throw error
    }
    let reading = dataset.reading
    let identity = CallIdentity(input.step)
    try dataset.close()
    leftovers.end(identity)
    try checkLeftovers(identity, "release")
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
}

extension Engine.OpenDataset {
  func drain() throws(CallFailure) {
    switch self {
    case .direct(let stream): try stream.drain()
    case .shared(let dataset): try dataset.drain()
    }
  }

  func close() throws(CallFailure) {
    switch self {
    case .direct(let stream): try stream.close()
    case .shared(let dataset): try dataset.close()
    }
  }

  var reading: Reading {
    switch self {
    case .direct(let stream): Reading(fingerprint: stream.fingerprint, rows: stream.rows)
    case .shared(let dataset): Reading(fingerprint: dataset.fingerprint, rows: dataset.rows)
    }
  }
}

import Testing

@testable import PluginABI

@Suite("Calling a plugin that was mapped")
struct PluginModuleTests {
  private func opened() throws -> PluginFixture {
    let fixture = try PluginFixture()
    try fixture.module.initialize(timeout: 0)
    return fixture
  }

  @Test("init gives the state that every function gets; shutdown is called once")
  func lifecycle() throws {
    let fixture = try PluginFixture()
    #expect(fixture.counter("initialized") == 0)
    try fixture.module.initialize(timeout: 0)
    #expect(fixture.counter("initialized") == 1)
    #expect(fixture.logged.all == ["warning: hello", "info: odd level", "info: "])
    fixture.module.shutdown(timeout: 0)
    fixture.module.shutdown(timeout: 0)
    #expect(fixture.counter("shutdowns") == 1)
  }

  @Test("after a failed init there is no shutdown", arguments: [3, ABIStatus.memory.rawValue])
  func failedInit(status: Int32) throws {
    let fixture = try PluginFixture(initialize: status)
    let error = #expect(throws: CallFailure.self) { try fixture.module.initialize(timeout: 0) }
    #expect(error?.function == "init" && error?.status.rawValue == status)
    fixture.module.shutdown(timeout: 0)
    #expect(fixture.counter("shutdowns") == 0)
  }

  @Test("an entry that returns another descriptor when it is asked again is refused")
  func changingEntry() {
    let error = #expect(throws: DescriptorError.self) { _ = try PluginFixture(changes: true) }
    #expect(error?.field == HostInterface.entrySymbol)
  }

  @Test("datasets go from connector to exporter; batches and streams are released once, whoever releases the stream")
  func pipeline() throws {
    for mode in ["{}", #"{"release":1}"#] {
      let fixture = try opened()
      let streams = [try fixture.open(name: "feed"), try fixture.open(name: "größer")]
      let store = RecordingStore()
      try fixture.module.runExporter(1, call: fixture.call("report", mode, store: store), datasets: streams.map { ExporterDataset($0) }, timeout: 0)
      #expect(store.asked.map(\.function) == ["put"] && store.timesEnded == 1)
      for stream in streams {
        #expect(stream.rows == 6 && stream.isAtEnd)
        try stream.close()
      }
      #expect(fixture.counter("rows_seen") == 12)
      #expect(fixture.counter("released_batches") == 4 && fixture.counter("released_streams") == 2)
      #expect(fixture.page.inFlight.isEmpty)
    }
  }

  @Test("a failed open tells the plugin's own words, and there is nothing to release")
  func failedOpen() throws {
    let fixture = try opened()
    let error = #expect(throws: CallFailure.self) { _ = try fixture.open(#"{"fail":1}"#) }
    #expect(error?.message == "com.example.p/table (i): open failed: no such table [status 7]")
    #expect(fixture.counter("released_streams") == 0)
  }

  @Test("an open that succeeds without a stream, or with half a stream, is the plugin's failure")
  func halfOpen() throws {
    let fixture = try opened()
    let none = #expect(throws: CallFailure.self) { _ = try fixture.open(#"{"nothing":1}"#) }
    #expect(none?.status == .data && none?.detail.contains("NULL") == true)
    let half = #expect(throws: CallFailure.self) { _ = try fixture.open(#"{"no next":1}"#) }
    #expect(half?.status == .data)
    // What it did give is released.
    #expect(fixture.counter("released_streams") == 1)
  }

  @Test("a broken dataset is its producer's failure, whether the exporter passes it on or hides it")
  func brokenDataset() throws {
    for mode in ["{}", #"{"hide":1}"#] {
      let fixture = try opened()
      let stream = try fixture.open(#"{"broken":1}"#)
      let error = #expect(throws: CallFailure.self) {
        try fixture.module.runExporter(1, call: fixture.call("report", mode), datasets: [ExporterDataset(stream)], timeout: 0)
      }
      #expect(error?.identity.capability == "table" && error?.function == "get_next")
      #expect(error?.detail == "the disk is on fire")
      try stream.close()
      #expect(fixture.counter("released_streams") == 1)
    }
  }

  @Test("an exporter's failure has its exit code, and a sentence even where the plugin says nothing")
  func exporterFailures() throws {
    let fixture = try opened()
    let config = #expect(throws: CallFailure.self) {
      try fixture.module.runExporter(1, call: fixture.call("report", #"{"config":1}"#), datasets: [], timeout: 0)
    }
    #expect(config?.exitCode == .badData && config?.detail == ABIStatus.configuration.sentence)
    let own = #expect(throws: CallFailure.self) {
      try fixture.module.runExporter(1, call: fixture.call("report", #"{"own":1}"#), datasets: [], timeout: 0)
    }
    #expect(own?.exitCode == .callFailed && own?.detail.contains("own code 3") == true)
    let store = RecordingStore()
    store.refuse(with: ABIFailure(.noSpace, "the disk is full, says the store."))
    let refused = #expect(throws: CallFailure.self) {
      try fixture.module.runExporter(1, call: fixture.call("report", "{}", store: store), datasets: [], timeout: 0)
    }
    #expect(refused?.exitCode == .storeFailed && refused?.detail == "the disk is full, says the store.")
  }

  @Test("an exporter that reads nothing leaves its datasets whole for the host to drain")
  func idleExporter() throws {
    let fixture = try opened()
    let stream = try fixture.open()
    try fixture.module.runExporter(1, call: fixture.call("report", #"{"idle":1}"#), datasets: [ExporterDataset(stream)], timeout: 0)
    #expect(stream.rows == 0)
    try stream.drain()
    try stream.close()
    #expect(stream.rows == 6 && fixture.counter("released_batches") == 2)
  }

  @Test("a capability of another kind is not called")
  func wrongKind() throws {
    let fixture = try opened()
    #expect(throws: CallFailure.self) {
      _ = try fixture.module.openConnector(1, call: fixture.call("report", "{}"), name: "x", timeout: 0) { _ in }
    }
    #expect(throws: CallFailure.self) {
      try fixture.module.runExporter(2, call: fixture.call("ledger", "{}"), datasets: [], timeout: 0)
    }
    #expect(throws: CallFailure.self) {
      _ = try fixture.module.openSink(0, call: fixture.call("table", "{}"), timeout: 0)
    }
  }

  @Test("a sink hears events, is flushed and closed with the outcome; its call lasts until then")
  func sink() throws {
    let fixture = try opened()
    let store = RecordingStore()
    let sink = try fixture.module.openSink(2, call: fixture.call("ledger", "{}", store: store), timeout: 0)
    try sink.emit(Array(#"{"kind":"INGEST"}"#.utf8))
    #expect(fixture.text("last_event") == #"{"kind":"INGEST"}"#)
    try sink.flush()
    #expect(fixture.counter("flushed") == 1 && store.timesEnded == 0)
    try sink.close(.failed)
    #expect(fixture.counter("closed_with") == 1 && store.timesEnded == 1)
  }

  @Test("a sink that cannot be opened is not closed, and its call has ended; one that fails an event still is")
  func sinkFailures() throws {
    let fixture = try opened()
    let store = RecordingStore()
    let failed = #expect(throws: CallFailure.self) {
      _ = try fixture.module.openSink(2, call: fixture.call("ledger", #"{"fail":1}"#, store: store), timeout: 0)
    }
    #expect(failed?.status == .unsupported && store.timesEnded == 1 && fixture.counter("closed_with") == -1)
    let sink = try fixture.module.openSink(2, call: fixture.call("ledger", #"{"refuse":1}"#), timeout: 0)
    let refused = #expect(throws: CallFailure.self) { try sink.emit([0x7b, 0x7d]) }
    #expect(refused?.status == .io && refused?.exitCode == .storeFailed)
    try sink.close(.failed)
    #expect(fixture.counter("closed_with") == 1)
  }
}

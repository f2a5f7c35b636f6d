import COmphalos
import LinuxCalls
import Synchronization
import TestSupport
import Testing

@testable import PluginABI

@Suite("A dataset on its way to a consumer")
struct DatasetStreamTests {
  private static let schema: [TestColumn] = [.int32("n", []), .text("w", [])]
  private static let batches: [[TestColumn]] = [
    [.int32("n", [1, 2, 3]), .text("w", ["a", nil, "c"])], [.int32("n", []), .text("w", [])],
    [.int32("n", [4, nil]), .text("w", ["d", "e"])],
  ]
  private let producer: TestProducer
  private let fixture = CallFixture()
  private let page: FlightPage

  init() throws {
    page = try makePage()
    producer = TestProducer(Self.schema, batches: Self.batches)
  }

  @Test("a consumer sees the producer's own buffers, not copies, and every struct is released exactly once")
  func zeroCopy() throws {
    let counted = Mutex<[UInt64]>([])
    let dataset = try producer.dataset(fixture, page: page) { rows in counted.withLock { $0.append(rows) } }
    #expect(producer.ledger.schemas == 1)
    let stream = consumer(of: dataset)
    var seen: [UInt] = []
    for _ in 0..<3 {
      let (status, batch) = stream.next()
      #expect(status == 0)
      seen.append(UInt(bitPattern: batch.pointee.children[0]!.pointee.buffers[1]))
      batch.release()
      #expect(batch.pointee.release == nil)
    }
    #expect(seen == producer.buffersHandedOut && Set(seen).count == 3)
    #expect(producer.ledger.arrays == 3)
    let (status, batch) = stream.next()
    #expect(status == 0 && batch.pointee.release == nil)
    #expect(dataset.isAtEnd && dataset.rows == 5 && dataset.failure == nil)
    #expect(counted.withLock { $0 } == [3, 3, 5])
    stream.release()
    #expect(stream.pointee.release == nil && producer.ledger.streams == 0)
    try dataset.close()
    #expect(producer.ledger.streams == 1)
    try dataset.close()
    #expect(producer.ledger.streams == 1 && producer.ledger.arrays == 3 && producer.ledger.schemas == 1)
    #expect(dataset.fingerprint.hex == (try fingerprint(Self.batches)))
    #expect(fixture.store.timesEnded == 1)
  }

  @Test("draining gives the fingerprint of the whole, whatever the consumer read before", arguments: 0...4)
  func drained(read: Int) throws {
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    for _ in 0..<read { stream.next().batch.release() }
    stream.release()
    try dataset.drain()
    try dataset.close()
    #expect(dataset.rows == 5 && dataset.isAtEnd)
    #expect(dataset.fingerprint.hex == (try fingerprint(Self.batches)))
    #expect(producer.ledger.arrays == 3 && producer.ledger.streams == 1)
  }

  @Test("a batch outlives stream and call, and may be released on another thread")
  func lateRelease() throws {
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    let batch = stream.next().batch
    stream.release()
    try dataset.close()
    #expect(producer.ledger.arrays == 0 && producer.ledger.streams == 1)
    let children = batch.pointee.children[1]!.pointee
    #expect(children.buffers[2]!.load(as: UInt8.self) == 97)
    let box = UInt(bitPattern: batch)
    onThreads(1) { _ in UnsafeMutablePointer<ArrowArray>(bitPattern: box)!.release() }
    #expect(producer.ledger.arrays == 1)
    batch.release()
    #expect(producer.ledger.arrays == 1)
  }

  @Test("a consumer may move a batch, and a child out of a batch, as the interface allows")
  func moved() throws {
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    let batch = stream.next().batch
    var moved = batch.pointee
    batch.pointee.release = nil
    var child = moved.children[1]!.pointee
    moved.children[1]!.pointee.release = nil
    moved.release(&moved)
    #expect(producer.ledger.arrays == 1 && moved.release == nil)
    #expect(child.buffers[2]!.load(as: UInt8.self) == 97)
    child.release(&child)
    stream.release()
    try dataset.close()
  }

  @Test("the schema can be asked for at any time and does not enter the producer again")
  func schemaAgain() throws {
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    for _ in 0..<2 {
      var schema = ArrowSchema()
      #expect(stream.pointee.get_schema(stream, &schema) == 0)
      #expect(try ArrowSchemaReader.columns(of: schema).map(\.name) == ["n", "w"])
      schema.release(&schema)
      stream.next().batch.release()
    }
    #expect(producer.ledger.schemas == 1)
    #expect(dataset.columns.map(\.format) == ["i", "u"])
    try dataset.close()
  }

  @Test("an error of the producer names the producer, is kept, and ends the stream for the consumer")
  func producerFails() throws {
    let producer = TestProducer(Self.schema, batches: Self.batches, failsAt: 1, message: "line 7 is cut")
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    #expect(stream.lastError == nil)
    stream.next().batch.release()
    let (status, batch) = stream.next()
    #expect(status == 5 && batch.pointee.release == nil)
    #expect(stream.lastError == "com.example.p/c (feed): get_next failed: line 7 is cut [E_DATA]")
    #expect(stream.next().status == 5)
    let failure = #expect(throws: CallFailure.self) { try dataset.drain() }
    #expect(failure?.detail == "line 7 is cut" && failure?.exitCode == .badData)
    #expect(dataset.rows == 3)
    try dataset.close()
    #expect(producer.ledger.arrays == 1 && producer.ledger.streams == 1)
  }

  @Test("an error without a message is told by its errno; set_error tells more than get_last_error")
  func messages() throws {
    let silent = try TestProducer(Self.schema, batches: [], failsAt: 0).dataset(fixture, page: page)
    #expect(consumer(of: silent).next().status == 5)
    #expect(silent.failure?.detail == "the stream returned errno 5 and no message.")
    let other = CallFixture()
    let spoken = try TestProducer(Self.schema, batches: [], failsAt: 0, message: "low").dataset(other, page: page)
    other.call.setMessage(1, "what really happened")
    #expect(consumer(of: spoken).next().status == 5)
    #expect(spoken.failure?.detail == "what really happened")
  }

  @Test("a batch that is not what the schema says is released, not passed on, and the producer's failure")
  func wrongBatch() throws {
    let producer = TestProducer(
      Self.schema, batches: [Self.batches[0], [.int32("n", [1, 2]), .text("w", ["only one"])]])
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    stream.next().batch.release()
    let (status, batch) = stream.next()
    #expect(status == 5 && batch.pointee.release == nil)
    #expect(dataset.failure?.detail.contains("batch after row 3") == true)
    #expect(dataset.rows == 3 && producer.ledger.arrays == 2)
  }

  @Test("a schema that cannot be had, or is no struct, fails the opening and is released")
  func schemaFails() throws {
    let failing = TestProducer(Self.schema, batches: [], schemaFails: true, message: "no header")
    #expect(throws: CallFailure.self) { _ = try failing.dataset(fixture, page: page) }
    let odd = TestProducer([TestColumn(name: "u", format: "vu", length: 0, buffers: [])], batches: [])
    let error = #expect(throws: CallFailure.self) { _ = try odd.dataset(fixture, page: page) }
    #expect(error?.detail.contains("\"vu\"") == true && error?.function == "get_schema")
    #expect(odd.ledger.schemas == 1)
  }

  @Test("once closed, the stream says that its call has ended, and the producer is not entered")
  func readAfterClose() throws {
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    try dataset.close()
    #expect(stream.next().status == 5)
    #expect(dataset.failure?.status == .ended)
    #expect(producer.buffersHandedOut.isEmpty)
    stream.release()
    // Released: no function of it does anything any more.
    #expect(stream.next().status == 22)
    var schema = ArrowSchema()
    #expect(stream.pointee.get_schema(stream, &schema) == 22)
    #expect(stream.lastError == nil)
    stream.pointee.release?(stream)
  }

  @Test("a cancelled run ends the stream")
  func cancelled() throws {
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    stream.next().batch.release()
    fixture.services.cancel()
    #expect(stream.next().status == 5)
    #expect(dataset.failure?.status == .cancelled && producer.buffersHandedOut.count == 1)
  }

  @Test("a stream whose release forgets to say so is its producer's failure")
  func forgottenRelease() throws {
    let producer = TestProducer(Self.schema, batches: [], forgetsRelease: true)
    let dataset = try producer.dataset(fixture, page: page)
    let error = #expect(throws: CallFailure.self) { try dataset.close() }
    #expect(error?.function == "release")
    #expect(producer.ledger.streams == 1)
  }

  @Test("a second thread is refused while one reads, and closing leaves alone what is being read")
  func twoThreads() throws {
    let gate = Pipes()
    let producer = TestProducer(Self.schema, batches: Self.batches, waitingAt: gate)
    let dataset = try producer.dataset(fixture, page: page)
    let stream = UInt(bitPattern: consumer(of: dataset))
    onThreads(2) { index in
      let stream = UnsafeMutablePointer<ArrowArrayStream>(bitPattern: stream)!
      if index == 0 {
        let (status, batch) = stream.next()
        #expect(status == 0 && batch.pointee.length == 3)
        batch.release()
      } else {
        gate.waitUntilEntered()
        #expect(stream.next().status == 5)
        let drained = #expect(throws: CallFailure.self) { try dataset.drain() }
        #expect(drained?.status == .busy)
        let closed = #expect(throws: CallFailure.self) { try dataset.close() }
        #expect(closed?.status == .busy && producer.ledger.streams == 0)
        gate.open()
      }
    }
    #expect(dataset.failure == nil)
    try dataset.drain()
    try dataset.close()
    #expect(dataset.rows == 5 && producer.ledger.arrays == 3 && producer.ledger.streams == 1)
  }

  @Test("the page names the producer while its functions run")
  func attribution() throws {
    let page = page
    let seen = Mutex<[String]>([])
    let producer = TestProducer(Self.schema, batches: Self.batches) {
      seen.withLock { $0 += page.inFlight.map { "\($0.identity): \($0.function)" } }
    }
    let dataset = try producer.dataset(fixture, page: page)
    let stream = consumer(of: dataset)
    page.during("run", of: CallIdentity(plugin: "com.example.x", capability: "report"), timeout: 0) {
      stream.next().batch.release()
    }
    #expect(seen.withLock { $0 } == ["com.example.x/report: run", "com.example.p/c (feed): get_next"])
    try dataset.close()
    #expect(page.lastEnded?.function == "release of the stream")
  }
}

import COmphalos
import LinuxCalls
import Synchronization
import TestSupport
import Testing

@testable import PluginABI

@Suite("A dataset that several consumers read")
struct SharedDatasetTests {
  private static let schema: [TestColumn] = [.int32("n", []), .text("w", [])]
  private static let batches: [[TestColumn]] = [
    [.int32("n", [1, 2, 3]), .text("w", ["a", nil, "c"])], [.int32("n", []), .text("w", [])],
    [.int32("n", [4, nil], offset: 3), .text("w", ["d", "e"], offset: 1, lead: "x")],
  ]
  private static let first = CallIdentity(plugin: "com.example.x", capability: "report", instance: "exports[0]")
  private static let second = CallIdentity(plugin: "com.example.y", capability: "report", instance: "exports[1]")
  private static let third = CallIdentity(plugin: "com.example.z", capability: "report", instance: "exports[2]")
  private let producer = TestProducer(Self.schema, batches: Self.batches)
  private let fixture = CallFixture()
  private let page: FlightPage

  init() throws { page = try makePage() }

  private func share(
    _ consumers: Int, limit: UInt64, spool: File? = nil, _ producer: TestProducer? = nil
  ) throws -> (dataset: SharedDataset, budget: BufferBudget) {
    let budget = BufferBudget(limit: limit)
    let file = try spool ?? AnonymousFile.create(name: "spool")
    let stream = try (producer ?? self.producer).dataset(fixture, page: page)
    return (SharedDataset(stream, consumers: consumers, budget: budget, spool: file), budget)
  }

  /// What a consumer makes of the rest of a stream.
  private func read(_ stream: UnsafeMutablePointer<ArrowArrayStream>) throws -> [String] {
    var schema = ArrowSchema()
    #expect(stream.pointee.get_schema(stream, &schema) == 0)
    defer { schema.release(&schema) }
    let fields = try ArrowSchemaReader.columns(of: schema)
    var rows: [String] = []
    while true {
      let (status, batch) = stream.next()
      try #require(status == 0, "\(stream.lastError ?? "")")
      guard batch.pointee.release != nil else { return rows }
      let columns = try ArrowBatchCheck.columns(of: batch.pointee, fields)
      for row in 0..<Int(batch.pointee.length) { rows.append("\(number(columns[0], row)) \(text(columns[1], row))") }
      batch.release()
    }
  }

  private func number(_ column: ArrowColumn, _ row: Int) -> String {
    if column.isNull(row) { return "-" }
    return "\(column.values!.loadUnaligned(fromByteOffset: (row + column.offset) * 4, as: Int32.self))"
  }

  private func text(_ column: ArrowColumn, _ row: Int) -> String {
    if column.isNull(row) { return "-" }
    let range = column.range(row)
    let bytes = UnsafeRawBufferPointer(start: column.bytes! + range.start, count: range.end - range.start)
    return String(decoding: bytes, as: UTF8.self)
  }

  private static let rows = ["1 a", "2 -", "3 c", "4 d", "- e"]

  @Test(
    "each consumer reads all rows, whatever fits into memory and whatever the first one left unread",
    arguments: [0, 1, 600, 1 << 20] as [UInt64], 0...4)
  func all(limit: UInt64, read count: Int) throws {
    let (dataset, budget) = try share(3, limit: limit)
    let early = dataset.reader(for: Self.first)
    let stream = consumer(of: early)
    for _ in 0..<count { stream.next().batch.release() }
    try early.close()
    try dataset.drain()
    try dataset.close()
    #expect(producer.ledger.streams == 1 && dataset.rows == 5)
    #expect(dataset.fingerprint.hex == (try fingerprint(Self.batches)))
    #expect(dataset.keptCount == 3 && budget.bytesUsed <= limit)
    for identity in [Self.second, Self.third] {
      let reader = dataset.reader(for: identity)
      let stream = consumer(of: reader)
      #expect(try read(stream) == Self.rows)
      stream.release()
      try reader.close()
    }
    #expect(dataset.keptCount == 0 && budget.bytesUsed == 0 && dataset.failure == nil)
    #expect(producer.ledger.arrays == 3)
  }

  @Test("in memory all consumers see the connector's own buffers, in structs of their own, and its arrays are released once")
  func sharedBuffers() throws {
    let (dataset, _) = try share(2, limit: 1 << 20)
    let streams = [Self.first, Self.second].map { consumer(of: dataset.reader(for: $0)) }
    let one = streams[0].next().batch
    let two = streams[1].next().batch
    let made = UnsafeRawPointer(bitPattern: producer.buffersHandedOut[0])
    for batch in [one, two] { #expect(batch.pointee.children[0]!.pointee.buffers[1] == made) }
    #expect(one.pointee.children[0] != two.pointee.children[0] && one.pointee.private_data != two.pointee.private_data)
    #expect(producer.buffersHandedOut.count == 1)
    one.release()
    #expect(one.pointee.release == nil && producer.ledger.arrays == 0)
    two.release()
    #expect(producer.ledger.arrays == 1)
  }

  @Test(
    "what a consumer took out of a batch lives on by itself, after the others, the stream and the dataset are gone",
    arguments: [0, 1 << 20] as [UInt64])
  func movedChild(limit: UInt64) throws {
    var dataset: SharedDataset? = try share(2, limit: limit).dataset
    let early = dataset!.reader(for: Self.first)
    try early.close()
    try dataset!.drain()
    let reader = dataset!.reader(for: Self.second)
    let stream = consumer(of: reader)
    let batch = stream.next().batch
    let child = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
    child.initialize(to: batch.pointee.children[1]!.pointee)
    batch.pointee.children[1]!.pointee.release = nil
    batch.release()
    stream.release()
    try reader.close()
    try dataset!.close()
    dataset = nil
    // The others were never taken.
    #expect(producer.ledger.arrays == (limit == 0 ? 3 : 2) && producer.ledger.streams == 1)
    #expect(child.pointee.buffers[2]!.load(as: UInt8.self) == 97)
    let box = UInt(bitPattern: child)
    onThreads(1) { _ in UnsafeMutablePointer<ArrowArray>(bitPattern: box)!.release() }
    #expect(child.pointee.release == nil && producer.ledger.arrays == 3)
  }

  @Test("a batch that is spooled reaches the consumer that pulled it as the connector made it")
  func spooledFirst() throws {
    let (dataset, budget) = try share(2, limit: 0)
    let stream = consumer(of: dataset.reader(for: Self.first))
    let batch = stream.next().batch
    #expect(UInt(bitPattern: batch.pointee.children[0]!.pointee.buffers[1]) == producer.buffersHandedOut[0])
    batch.release()
    #expect(producer.ledger.arrays == 1 && dataset.keptCount == 1 && budget.bytesUsed == 0)
  }

  @Test("two readings of one consumer may go in turns, on one thread or on two", arguments: [0, 1 << 20] as [UInt64])
  func turns(limit: UInt64) throws {
    let (dataset, budget) = try share(2, limit: limit)
    let streams = (0..<2).map { _ in UInt(bitPattern: consumer(of: dataset.reader(for: Self.first))) }
    let ahead = UnsafeMutablePointer<ArrowArrayStream>(bitPattern: streams[1])!
    ahead.next().batch.release()
    onThreads(2) { index in
      let stream = UnsafeMutablePointer<ArrowArrayStream>(bitPattern: streams[index])!
      let rows = try? read(stream)
      #expect(rows == (index == 0 ? Self.rows : Array(Self.rows.dropFirst(3))))
    }
    #expect(dataset.keptCount == 0 && budget.bytesUsed == 0 && producer.ledger.arrays == 3)
  }

  @Test("a consumer that writes into what is shared is found when the next one reads, and is named")
  func written() throws {
    let (dataset, _) = try share(3, limit: 1 << 20)
    for identity in [Self.first, Self.second] {
      let reader = dataset.reader(for: identity)
      let stream = consumer(of: reader)
      let batch = stream.next().batch
      if identity == Self.second {
        UnsafeMutableRawPointer(mutating: batch.pointee.children[0]!.pointee.buffers[1])!.storeBytes(of: 7, as: Int32.self)
      }
      batch.release()
      try reader.close()
      if identity == Self.first { try dataset.drain() }
    }
    let stream = consumer(of: dataset.reader(for: Self.third))
    let (status, batch) = stream.next()
    #expect(status == 5 && batch.pointee.release == nil)
    let failure = try #require(dataset.failure)
    #expect(failure.identity == Self.second && failure.exitCode == .callFailed)
    #expect(failure.message.contains("the rows 1 to 3 of the dataset \"feed\" are no longer those that com.example.p/c (feed) gave"))
    #expect(failure.message.contains("com.example.x/report (exports[0])") && failure.message.contains("com.example.y/report"))
    #expect(stream.lastError == failure.message)
  }

  @Test("a batch that nobody had, and that is another all the same, is its connector's own doing", arguments: [0, 1] as [Int])
  func writtenByConnector(read count: Int) throws {
    let (dataset, _) = try share(2, limit: 1 << 20)
    let reader = dataset.reader(for: Self.first)
    let early = consumer(of: reader)
    for _ in 0..<count { early.next().batch.release() }
    try reader.close()
    try dataset.drain()
    // The third batch, which the first consumer never took.
    UnsafeMutableRawPointer(bitPattern: producer.buffersHandedOut[2])!.storeBytes(of: 7, toByteOffset: 12, as: Int32.self)
    let stream = consumer(of: dataset.reader(for: Self.second))
    for _ in 0..<2 { stream.next().batch.release() }
    #expect(stream.next().status == 5)
    let failure = try #require(dataset.failure)
    #expect(failure.identity == fixture.call.identity && failure.exitCode == .callFailed)
    #expect(failure.message.contains("the rows 4 to 5 of the dataset") && failure.message.contains("Nobody had them before com.example.y"))
  }

  @Test("offsets that a consumer wrote over are found before they are followed")
  func writtenOffsets() throws {
    let (dataset, _) = try share(2, limit: 1 << 20)
    let reader = dataset.reader(for: Self.first)
    let batch = consumer(of: reader).next().batch
    UnsafeMutableRawPointer(mutating: batch.pointee.children[1]!.pointee.buffers[1])!
      .storeBytes(of: 1 << 30, toByteOffset: 12, as: Int32.self)
    batch.release()
    try reader.close()
    try dataset.drain()
    #expect(consumer(of: dataset.reader(for: Self.second)).next().status == 5)
    #expect(dataset.failure?.identity == Self.first)
  }

  @Test("a spool that cannot be written fails the reading with exit code 5, and says what to do")
  func brokenSpool() throws {
    let (dataset, _) = try share(2, limit: 0, spool: try File.open("/proc/self/exe"))
    let stream = consumer(of: dataset.reader(for: Self.first))
    let (status, batch) = stream.next()
    #expect(status == 5 && batch.pointee.release == nil)
    let failure = try #require(dataset.failure)
    #expect(failure.function == "spool" && failure.exitCode == .storeFailed)
    #expect(failure.message.contains("limits.buffer"))
    #expect(throws: CallFailure.self) { try dataset.drain() }
    try dataset.close()
    #expect(producer.ledger.arrays == 1 && producer.ledger.streams == 1)
  }

  @Test("an error of the connector is the same error for whoever reads on")
  func producerFails() throws {
    let producer = TestProducer(Self.schema, batches: Self.batches, failsAt: 1, message: "line 7 is cut")
    let (dataset, _) = try share(2, limit: 0, producer)
    let stream = consumer(of: dataset.reader(for: Self.first))
    stream.next().batch.release()
    #expect(stream.next().status == 5)
    #expect(stream.lastError == "com.example.p/c (feed): get_next failed: line 7 is cut [E_DATA]")
    #expect(throws: CallFailure.self) { try dataset.drain() }
    #expect(consumer(of: dataset.reader(for: Self.second)).next().status == 5)
  }

  @Test("what was kept is not given out in a run that is being cancelled, or to a reading that was closed")
  func stops() throws {
    let (dataset, _) = try share(3, limit: 1 << 20)
    let closed = dataset.reader(for: Self.first)
    let stream = consumer(of: closed)
    try closed.close()
    #expect(stream.next().status == 5)
    #expect(stream.lastError?.contains("read after its call had ended") == true)
    try dataset.drain()
    let late = consumer(of: dataset.reader(for: Self.second))
    late.next().batch.release()
    fixture.services.cancel()
    #expect(late.next().status == 5)
    #expect(dataset.failure?.status == .cancelled)
  }

  @Test("a reading that is closed while a thread is in it says so, and the connector's stream is left alone")
  func stillReading() throws {
    let gate = Pipes()
    let producer = TestProducer(Self.schema, batches: Self.batches, waitingAt: gate)
    let (dataset, _) = try share(2, limit: 1 << 20, producer)
    let reader = dataset.reader(for: Self.first)
    let stream = UInt(bitPattern: consumer(of: reader))
    onThreads(2) { index in
      let stream = UnsafeMutablePointer<ArrowArrayStream>(bitPattern: stream)!
      if index == 0 {
        let (status, batch) = stream.next()
        #expect(status == 0 && batch.pointee.length == 3)
        batch.release()
      } else {
        gate.waitUntilEntered()
        #expect(stream.next().status == 5)
        #expect(throws: CallFailure.self) { try reader.close() }
        let drained = #expect(throws: CallFailure.self) { try dataset.drain() }
        #expect(drained?.status == .busy)
        #expect(throws: CallFailure.self) { try dataset.close() }
        #expect(producer.ledger.streams == 0)
        gate.open()
      }
    }
    try dataset.drain()
    try dataset.close()
    #expect(dataset.rows == 5 && dataset.keptCount == 3 && producer.ledger.streams == 1)
  }

  @Test("nothing is kept for nobody: the last reader takes what it pulls")
  func lastReader() throws {
    let (dataset, budget) = try share(2, limit: 1 << 20)
    let early = dataset.reader(for: Self.first)
    let stream = consumer(of: dataset.reader(for: Self.first))
    try early.close()
    stream.next().batch.release()
    #expect(dataset.keptCount == 0 && budget.bytesUsed == 0 && producer.ledger.arrays == 1)
  }

  @Test("the budget is one for all datasets of a run")
  func oneBudget() throws {
    let budget = BufferBudget(limit: 600)
    let other = CallFixture()
    let datasets = try [fixture, other].map { fixture in
      SharedDataset(
        try TestProducer(Self.schema, batches: Self.batches).dataset(fixture, page: page), consumers: 1, budget: budget,
        spool: try AnonymousFile.create(name: "spool"))
    }
    try datasets[0].drain()
    let used = budget.bytesUsed
    #expect(used > 300 && used <= 600)
    try datasets[1].drain()
    #expect(budget.bytesUsed <= 600 && datasets[1].keptCount == 3)
    for dataset in datasets { #expect(try read(consumer(of: dataset.reader(for: Self.second))) == Self.rows) }
  }
}

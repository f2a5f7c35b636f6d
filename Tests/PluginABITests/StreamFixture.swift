import COmphalos
import Synchronization

@testable import PluginABI

/// A producer's stream, as a connector would make it.
final class TestProducer: Sendable {
  let ledger = Ledger()
  private let columns: [TestColumn]
  private let batches: [[TestColumn]]
  private let state = Mutex<(next: Int, seen: [UInt])>((0, []))
  /// Instead of the batch of this number an error comes.
  let failsAt: Int?
  let schemaFails: Bool
  let message: String?
  let forgetsRelease: Bool
  /// Runs inside get_next.
  let during: @Sendable () -> Void

  init(
    _ columns: [TestColumn], batches: [[TestColumn]], failsAt: Int? = nil, schemaFails: Bool = false,
    message: String? = nil, forgetsRelease: Bool = false, during: @escaping @Sendable () -> Void = {}
  ) {
    self.columns = columns
    self.batches = batches
    self.failsAt = failsAt
    self.schemaFails = schemaFails
    self.message = message
    self.forgetsRelease = forgetsRelease
    self.during = during
  }

  /// One whose first get_next stops at a gate until that is opened.
  convenience init(_ columns: [TestColumn], batches: [[TestColumn]], waitingAt gate: Pipes) {
    let once = Atomic(false)
    self.init(columns, batches: batches) {
      guard !once.exchange(true, ordering: .relaxed) else { return }
      gate.entered()
      gate.waitUntilOpened()
    }
  }

  /// The buffers of the first column of each batch that was handed out.
  var buffersHandedOut: [UInt] { state.withLock { $0.seen } }

  private static func of(_ stream: UnsafeMutablePointer<ArrowArrayStream>?) -> TestProducer {
    Unmanaged<TestProducer>.fromOpaque(stream!.pointee.private_data).takeUnretainedValue()
  }

  func fill(_ stream: UnsafeMutablePointer<ArrowArrayStream>) {
    stream.pointee = ArrowArrayStream(
      get_schema: { stream, out in
        let producer = TestProducer.of(stream)
        if producer.schemaFails { return 5 }
        out!.initialize(to: makeSchema(producer.columns, ledger: producer.ledger))
        return 0
      },
      get_next: { stream, out in TestProducer.of(stream).next(out!) },
      get_last_error: { stream in TestProducer.of(stream).message.map(newCString) },
      release: { stream in
        let producer = TestProducer.of(stream)
        producer.ledger.releasedStream()
        if !producer.forgetsRelease {
          Unmanaged<TestProducer>.fromOpaque(stream!.pointee.private_data).release()
          stream!.pointee.release = nil
        }
      }, private_data: Unmanaged.passRetained(self).toOpaque())
  }

  private func next(_ out: UnsafeMutablePointer<ArrowArray>) -> Int32 {
    during()
    let index = state.withLock { state in
      defer { state.next += 1 }
      return state.next
    }
    if index == failsAt { return 5 }
    guard index < batches.count else {
      out.initialize(to: ArrowArray())
      return 0
    }
    let batch = makeBatch(batches[index], rows: batches[index].first?.length ?? 0, ledger: ledger)
    let buffer = batch.children[0]!.pointee.buffers[1]
    state.withLock { $0.seen.append(UInt(bitPattern: buffer)) }
    out.initialize(to: batch)
    return 0
  }

  /// The host's stream around this one.
  func dataset(_ fixture: CallFixture, page: FlightPage, onRows: @escaping @Sendable (UInt64) -> Void = { _ in }) throws
    -> DatasetStream
  {
    let stream = UnsafeMutablePointer<ArrowArrayStream>.allocate(capacity: 1)
    fill(stream)
    return try DatasetStream(
      name: "feed", source: stream, call: fixture.call, page: page, timeout: 0, onRows: onRows)
  }
}

/// A consumer's stream struct, as an exporter gets it. Never freed.
func consumer(of dataset: some BatchSource) -> UnsafeMutablePointer<ArrowArrayStream> {
  let stream = UnsafeMutablePointer<ArrowArrayStream>.allocate(capacity: 1)
  dataset.export(to: stream)
  return stream
}

extension UnsafeMutablePointer<ArrowArrayStream> {
  func next() -> (status: Int32, batch: UnsafeMutablePointer<ArrowArray>) {
    let batch = UnsafeMutablePointer<ArrowArray>.allocate(capacity: 1)
    batch.initialize(to: ArrowArray())
    return (pointee.get_next(self, batch), batch)
  }

  var lastError: String? { pointee.get_last_error(self).map { String(cString: $0) } }
  func release() { if let release = pointee.release { release(self) } }
}

extension UnsafeMutablePointer<ArrowArray> {
  func release() { if let release = pointee.release { release(self) } }
}

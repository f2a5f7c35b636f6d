import COmphalos
import LinuxCalls
import OmphalosValues
import Synchronization

/// A dataset that several consumers read, from one reading of its connector.
///
/// Whichever reader is ahead pulls from the connector. What others have still to read is kept: in memory as far as the
/// run's budget goes, in the spool beyond that. A kept batch is let go when the last reader has taken it. What a reader is
/// given from what was kept is held against the fingerprint of the first reading, because memory that is shared can be
/// written to by a consumer that breaks Arrow's rules.
///
/// Readers may be read on different threads.
public final class SharedDataset: Sendable {
  let stream: DatasetStream
  let budget: BufferBudget
  private let spool: Spool
  let state: Mutex<State>

  struct State {
    /// By their numbers, from 0 on; without those that every reader has taken.
    var kept: [Int: KeptBatch] = [:]
    /// How many batches the connector has given.
    var count = 0
    var isAtEnd = false
    /// The thread that is in the connector's stream, or in the spool.
    var pulling: Int32?
    /// The next batch of each reader that has not been closed.
    var positions: [Int: Int] = [:]
    /// Readers that will still come. They begin with the first batch.
    var toCome: Int
    /// By the numbers of the readers: whose it is, and how many batches it has taken.
    var readers: [(consumer: CallIdentity, taken: Int)] = []
    var failure: CallFailure?

    /// A reader has taken its next batch.
    mutating func advance(_ reader: Int) {
      readers[reader].taken += 1
      // It may have been closed meanwhile.
      if let position = positions[reader] { positions[reader] = position + 1 }
    }
  }

  /// - Parameters:
  ///   - consumers: how many readers there will be.
  ///   - spool: an empty file of its own, open for reading and writing.
  public init(_ stream: DatasetStream, consumers: Int, budget: BufferBudget, spool: File) {
    self.stream = stream
    self.budget = budget
    self.spool = Spool(spool, stream.fields)
    state = Mutex(State(toCome: consumers))
  }

  public var name: String { stream.name }
  public var rows: UInt64 { stream.rows }
  public var fingerprint: SHA256Digest { stream.fingerprint }

  /// A reading from the first batch on.
  public func reader(for consumer: CallIdentity) -> SharedDatasetReader {
    let number = state.withLock { state in
      precondition(state.toCome > 0, "a reader more than was announced")
      let number = state.readers.count
      state.toCome -= 1
      state.positions[number] = 0
      state.readers.append((consumer, 0))
      return number
    }
    return SharedDatasetReader(self, number: number)
  }

  /// Reads what the readers so far have left, for those to come, so that rows and fingerprint are the whole dataset's.
  /// The connector has one timeout for all of it.
  public func drain() throws(CallFailure) {
    try stream.page.during(FlightPage.drain, of: stream.call.identity, timeout: stream.timeout) { () throws(CallFailure) in
      var isAtEnd = false
      while !isAtEnd {
        if let failure { throw failure }
        var batch = unsafe ArrowArray()
        guard begin() else { throw stream.stillReading("get_next") }
        isAtEnd = unsafe pull(&batch, for: nil) != .batch
        if let release = unsafe batch.release { unsafe release(&batch) }
      }
    }
    if let failure { throw failure }
    guard stream.isAtEnd else { throw stream.stillReading("get_next") }
    do throws(SystemCallError) {
      try spool.finish()
    } catch {
      throw spoolFailure(error)
    }
  }

  /// Releases the connector's stream, and ends its call. What is kept stays.
  public func close() throws(CallFailure) { try stream.close() }

  var failure: CallFailure? { state.withLock { $0.failure } ?? stream.failure }

  /// How many batches are kept at the moment.
  var keptCount: Int { state.withLock { $0.kept.count } }

  // MARK: For the readers

  func close(_ reader: Int) {
    letGo { $0.positions[reader] = nil }
  }

  /// The reader's next batch, or the end. False after a failure.
  func next(_ reader: Int, _ out: UnsafeMutablePointer<ArrowArray>) -> Bool {
    unsafe out.initialize(to: ArrowArray())
    while true {
      if failure != nil { return false }
      switch step(reader) {
      case .kept(let batch): return unsafe hand(batch, to: reader, out)
      case .end: return true
      case .pull: return unsafe pull(out, for: reader) != .failed
      case .entered: return false
      case .wait: Pause.milliseconds(1)
      }
    }
  }

  private enum Step {
    case kept(KeptBatch)
    case end
    case pull
    /// The calling thread is in the connector already: waiting for itself it would wait for ever.
    case entered
    case wait
  }

  private func step(_ reader: Int) -> Step {
    state.withLock { state in
      guard let position = state.positions[reader] else { return .end }
      if let kept = state.kept[position] { return .kept(kept) }
      if state.isAtEnd { return .end }
      guard let thread = state.pulling else {
        state.pulling = DedicatedThread.currentID
        return .pull
      }
      return thread == DedicatedThread.currentID ? .entered : .wait
    }
  }

  /// False while a thread is pulling.
  private func begin() -> Bool {
    state.withLock { state in
      guard state.pulling == nil else { return false }
      state.pulling = DedicatedThread.currentID
      return true
    }
  }

  private enum Pulled { case failed, end, batch }

  /// Pulls a batch from the connector, and keeps it if somebody else has to read it. `begin` or `step` came before.
  ///
  /// - Parameter reader: who gets it in `*out`; nil for nobody, and then `*out` may have it all the same.
  private func pull(_ out: UnsafeMutablePointer<ArrowArray>, for reader: Int?) -> Pulled {
    defer { state.withLock { $0.pulling = nil } }
    let before = stream.fingerprintSoFar()
    switch unsafe stream.pull(into: out) {
    case .failed: return .failed
    case .end:
      state.withLock { $0.isAtEnd = true }
      return .end
    case .batch(let columns):
      let others = state.withLock { $0.toCome + $0.positions.keys.count { $0 != reader } }
      var kept: KeptBatch?
      if others > 0 {
        kept = unsafe keep(out, columns, before, isHandedOut: reader != nil)
        if kept == nil { return .failed }
      }
      letGo { state in
        state.kept[state.count] = kept
        state.count += 1
        if let reader { state.advance(reader) }
      }
      return .batch
    }
  }

  /// Puts a batch into memory, or into the spool; nil if that cannot be done. `*out` is what the reader gets: a struct
  /// over the kept batch, or, where that is on disk, the producer's own.
  private func keep(
    _ out: UnsafeMutablePointer<ArrowArray>, _ columns: [ArrowColumn], _ before: RowFingerprint, isHandedOut: Bool
  ) -> KeptBatch? {
    let rows = unsafe Int(out.pointee.length)
    let row = stream.rows - UInt64(rows)
    let after = stream.fingerprint
    let bytes = columns.byteCount
    if budget.take(bytes) {
      let batch = unsafe SharedBatch(moving: out, columns)
      if isHandedOut { unsafe ArrowArrayTree.write(columns, rows: rows, owner: batch, to: out) }
      return KeptBatch(.memory(batch, Lease(budget, bytes)), row: row, rows: rows, before, after)
    }
    do throws(SystemCallError) {
      if let column = spool.unsayable {
        fail(unspoolable(column))
      } else {
        return KeptBatch(.spooled(try spool.append(columns, rows: rows)), row: row, rows: rows, before, after)
      }
    } catch {
      fail(spoolFailure(error))
    }
    if let release = unsafe out.pointee.release { unsafe release(out) }
    return nil
  }

  /// Gives a reader a batch that was kept.
  private func hand(
    _ batch: KeptBatch, to reader: Int, _ out: UnsafeMutablePointer<ArrowArray>
  ) -> Bool {
    if stream.call.services.isCancelled {
      fail(CallFailure(stream.call.identity, "get_next", .cancelled, "the run is being cancelled."))
      return false
    }
    let content: (columns: [ArrowColumn], owner: any AnyObject & Sendable)
    switch batch.place {
    case .memory(let shared, _): content = (shared.columns, shared)
    case .spooled(let place):
      do throws(SpoolError) {
        let spooled = try spool.batch(at: place)
        content = (spooled.columns, spooled)
      } catch {
        if case .system(let error) = error { fail(spoolFailure(error)) } else { fail(changed(batch, reader)) }
        return false
      }
    }
    // Reading buffers is done in the producer's name, as at the first time: their sizes have to be believed.
    let isUnchanged = stream.page.during(FlightPage.readingBatch, of: stream.call.identity, timeout: stream.timeout) {
      batch.isUnchanged(content.columns)
    }
    guard isUnchanged else {
      fail(changed(batch, reader))
      return false
    }
    unsafe ArrowArrayTree.write(content.columns, rows: batch.rows, owner: content.owner, to: out)
    letGo { $0.advance(reader) }
    return true
  }

  /// Changes the state, and lets go of the batches that every reader has taken: after the lock is left, because the
  /// last reference may enter the plugin.
  private func letGo(after change: (inout State) -> Void) {
    let passed = state.withLock { state in
      change(&state)
      guard state.toCome == 0 else { return [KeptBatch]() }
      let least = state.positions.values.min() ?? state.count
      return state.kept.keys.filter { $0 < least }.compactMap { state.kept.removeValue(forKey: $0) }
    }
    withExtendedLifetime(passed) {}
  }
}

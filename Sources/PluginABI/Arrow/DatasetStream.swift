import COmphalos
import LinuxCalls
import OmphalosValues
import Synchronization

/// A dataset on its way from a connector to one consumer: the host's own Arrow stream around the plugin's. It passes
/// batches on without copying a column, and on the way counts rows, fingerprints them, checks their structure, and
/// looks whether the run is cancelled. The producer's stream and each of its arrays are released exactly once.
///
/// One thread at a time, as the Arrow C stream interface asks.
public final class DatasetStream: Sendable {
  public let name: String
  let call: PluginCall
  let page: FlightPage
  let timeout: Int64
  private let onRows: @Sendable (UInt64) -> Void
  private let state: Mutex<State>

  @safe private struct State: @unchecked Sendable {
    /// The producer's; nil once released.
    var source: UnsafeMutablePointer<ArrowArrayStream>?
    let fields: [ArrowField]
    var rows: UInt64 = 0
    var fingerprint: RowFingerprint
    var isAtEnd = false
    var isBeingRead = false
    var failure: CallFailure?
  }

  /// Takes over a stream that a connector's `open` filled.
  init(
    name: String, source: UnsafeMutablePointer<ArrowArrayStream>, call: PluginCall, page: FlightPage, timeout: Int64,
    onRows: @escaping @Sendable (UInt64) -> Void
  ) throws(CallFailure) {
    self.name = name
    self.call = call
    self.page = page
    self.timeout = timeout
    self.onRows = onRows
    let fields = try unsafe Self.fields(of: source, call, page, timeout)
    state = unsafe Mutex(State(source: source, fields: fields, fingerprint: RowFingerprint(fields)))
  }

  private static func fields(
    of source: UnsafeMutablePointer<ArrowArrayStream>, _ call: PluginCall, _ page: FlightPage, _ timeout: Int64
  ) throws(CallFailure) -> [ArrowField] {
    guard let getSchema = unsafe source.pointee.get_schema, unsafe source.pointee.get_next != nil,
      unsafe source.pointee.get_last_error != nil
    else {
      throw CallFailure(call.identity, "open", .data, "the stream lacks get_schema, get_next or get_last_error.")
    }
    var schema = unsafe ArrowSchema()
    let code = page.during("get_schema", of: call.identity, timeout: timeout) {
      unsafe getSchema(source, &schema)
    }
    guard code == 0 else {
      let message = unsafe streamMessage(source, code, call, page, timeout)
      throw CallFailure(call.identity, "get_schema", call.namedStatus ?? .data, message)
    }
    defer {
      page.during("release of the schema", of: call.identity, timeout: timeout) {
        if let release = unsafe schema.release { unsafe release(&schema) }
      }
    }
    do throws(ArrowError) {
      return try unsafe ArrowSchemaReader.columns(of: schema)
    } catch {
      throw CallFailure(call.identity, "get_schema", .data, error.message)
    }
  }

  public var rows: UInt64 { state.withLock { $0.rows } }
  public var fingerprint: SHA256Digest { state.withLock { $0.fingerprint.digest() } }
  public var isAtEnd: Bool { state.withLock { $0.isAtEnd } }
  /// The producer's failure, if one was met.
  public var failure: CallFailure? { state.withLock { $0.failure } }
  public var columns: [(name: String, format: String)] {
    state.withLock { $0.fields.map { ($0.name, $0.format) } }
  }

  /// Reads what the consumer left, so that rows and fingerprint are the whole dataset's. The producer has one timeout
  /// for all of it.
  public func drain() throws(CallFailure) {
    page.during(FlightPage.drain, of: call.identity, timeout: timeout) {
      while true {
        var batch = unsafe ArrowArray()
        guard unsafe next(&batch), let release = unsafe batch.release else { return }
        unsafe release(&batch)
      }
    }
    if let failure { throw failure }
    guard isAtEnd else { throw stillReading("get_next") }
  }

  func stillReading(_ function: String) -> CallFailure {
    CallFailure(
      call.identity, function, .busy, "a thread of the dataset's consumer was still reading it after the consumer's "
        + "call had returned.")
  }

  /// Releases the producer's stream; afterwards the consumer's reads fail. Safe to call twice.
  public func close() throws(CallFailure) {
    let (isBeingRead, source) = state.withLock { state in
      // What another thread reads stays where it is.
      if state.isBeingRead { return unsafe (true, PointerBox(nil)) }
      defer { unsafe state.source = nil }
      return unsafe (false, PointerBox(state.source))
    }
    if isBeingRead { throw stillReading("release") }
    guard let source = unsafe source.pointer else { return }
    page.during("release of the stream", of: call.identity, timeout: timeout) {
      if let release = unsafe source.pointee.release { unsafe release(source) }
    }
    let wasReleased = unsafe source.pointee.release == nil
    unsafe source.deallocate()
    guard call.end() else {
      throw CallFailure(call.identity, "release", .busy, ABIStatus.busy.sentence ?? "")
    }
    if !wasReleased {
      throw CallFailure(
        call.identity, "release", .data, "the stream's release did not set its own `release` to NULL.")
    }
  }

  /// What a pull came to.
  enum Pulled {
    /// The failure is kept; or another thread is reading.
    case failed
    case end
    /// The consumer's to release. The columns as the check saw them, valid until then.
    case batch([ArrowColumn])
  }

  /// Pulls the next batch into `*out`; its release stays NULL where there is none.
  func pull(into out: UnsafeMutablePointer<ArrowArray>) -> Pulled {
    unsafe out.initialize(to: ArrowArray())
    let isFree = state.withLock { state in
      defer { state.isBeingRead = true }
      return !state.isBeingRead
    }
    guard isFree else { return .failed }
    defer { state.withLock { $0.isBeingRead = false } }
    return unsafe pull(out)
  }

  private func pull(_ out: UnsafeMutablePointer<ArrowArray>) -> Pulled {
    let before = state.withLock { unsafe ($0.failure, PointerBox($0.source), $0.isAtEnd, $0.fields) }
    if before.0 != nil { return .failed }
    if before.2 { return .end }
    guard let source = unsafe before.1.pointer else {
      return fail(.ended, "the stream was read after its call had ended.")
    }
    if call.services.isCancelled { return fail(.cancelled, "the run is being cancelled.") }
    guard let getNext = unsafe source.pointee.get_next else { return .failed }
    let code = page.during("get_next", of: call.identity, timeout: timeout) { unsafe getNext(source, out) }
    if code != 0 {
      // An array that comes with an error is none; the interface does not say that it may be released.
      unsafe out.initialize(to: ArrowArray())
      // The stream's functions return errno values; a status of the ABI comes by set_error.
      return fail(call.namedStatus ?? .data, unsafe Self.streamMessage(source, code, call, page, timeout))
    }
    guard unsafe out.pointee.release != nil else {
      state.withLock { $0.isAtEnd = true }
      return .end
    }
    return unsafe take(out, before.3)
  }

  /// Checks and counts a batch and puts our release around the producer's.
  private func take(_ out: UnsafeMutablePointer<ArrowArray>, _ fields: [ArrowField]) -> Pulled {
    let rows = unsafe Int(out.pointee.length)
    // Reading the producer's buffers is done in its name: their sizes have to be believed.
    let checked: Result<[ArrowColumn], ArrowError> = page.during(
      FlightPage.readingBatch, of: call.identity, timeout: timeout
    ) {
      do throws(ArrowError) {
        let columns = try unsafe ArrowBatchCheck.columns(of: out.pointee, fields)
        state.withLock { state in
          state.fingerprint.add(columns, rows: rows)
          state.rows += UInt64(rows)
        }
        return .success(columns)
      } catch {
        return .failure(error)
      }
    }
    let columns: [ArrowColumn]
    switch checked {
    case .success(let found): columns = found
    case .failure(let problem):
      unsafe releaseBatch(out)
      return fail(.data, "batch after row \(self.rows): \(problem.message).")
    }
    onRows(self.rows)
    unsafe ReleasedBatch.wrap(out, of: self)
    return .batch(columns)
  }

  func releaseBatch(_ batch: UnsafeMutablePointer<ArrowArray>) {
    page.during("release of a batch", of: call.identity, timeout: timeout) {
      if let release = unsafe batch.pointee.release { unsafe release(batch) }
    }
    unsafe batch.pointee.release = nil
  }

  private func fail(_ status: ABIStatus, _ detail: String) -> Pulled {
    state.withLock { $0.failure = CallFailure(call.identity, "get_next", status, detail) }
    return .failed
  }

  /// The producer's own words about an error of its stream.
  private static func streamMessage(
    _ source: UnsafeMutablePointer<ArrowArrayStream>, _ code: Int32, _ call: PluginCall, _ page: FlightPage,
    _ timeout: Int64
  ) -> String {
    if let message = call.explanation.message, !message.isEmpty { return message }
    let text = page.during("get_last_error", of: call.identity, timeout: timeout) {
      guard let get = unsafe source.pointee.get_last_error else { return UInt(0) }
      return UInt(bitPattern: unsafe get(source))
    }
    if text != 0, let bytes = OwnMemory.cString(at: text, limit: HostTable.logLimit), !bytes.isEmpty {
      return String(decoding: bytes, as: UTF8.self)
    }
    return "the stream returned errno \(code) and no message."
  }

  /// A pointer that leaves a lock together with its only use.
  @safe private struct PointerBox: @unchecked Sendable {
    let pointer: UnsafeMutablePointer<ArrowArrayStream>?
    init(_ pointer: UnsafeMutablePointer<ArrowArrayStream>?) { unsafe self.pointer = pointer }
  }
}

extension DatasetStream: BatchSource {
  var fields: [ArrowField] { state.withLock { $0.fields } }

  func next(_ out: UnsafeMutablePointer<ArrowArray>) -> Bool {
    switch unsafe pull(into: out) {
    case .failed: false
    case .end, .batch: true
    }
  }

  /// What the rows so far make of the fingerprint, to go on from.
  func fingerprintSoFar() -> RowFingerprint { state.withLock { $0.fingerprint.settled() } }
}

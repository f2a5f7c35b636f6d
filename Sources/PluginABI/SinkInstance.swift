import COmphalos

/// An open lineage sink. One thread at a time.
@safe public final class SinkInstance: @unchecked Sendable {
  public enum Outcome: UInt32, Sendable {
    case finished = 0
    case failed = 1
    case cancelled = 2
  }

  private let table: omphalos_lineage_sink
  private let sink: UnsafeMutableRawPointer?
  public let call: PluginCall
  private let page: FlightPage
  private let timeout: Int64

  init(
    _ table: omphalos_lineage_sink, _ sink: UnsafeMutableRawPointer?, call: PluginCall, page: FlightPage,
    timeout: Int64
  ) {
    self.table = table
    unsafe self.sink = sink
    self.call = call
    self.page = page
    self.timeout = timeout
  }

  /// - Parameter event: a JSON object in one line, without its newline.
  public func emit(_ event: [UInt8]) throws(CallFailure) {
    guard let emit = unsafe table.emit else { return }
    let status = page.during("emit", of: call.identity, timeout: timeout) {
      unsafe event.withUnsafeBytes { bytes in
        unsafe emit(sink, bytes.baseAddress?.assumingMemoryBound(to: CChar.self), event.count)
      }
    }
    if status != 0 { throw call.failure("emit", status) }
  }

  public func flush() throws(CallFailure) {
    guard let flush = unsafe table.flush else { return }
    let status = page.during("flush", of: call.identity, timeout: timeout) { unsafe flush(sink) }
    if status != 0 { throw call.failure("flush", status) }
  }

  /// Exactly once; the call ends here.
  public func close(_ outcome: Outcome) throws(CallFailure) {
    guard let close = unsafe table.close else { return }
    let status = page.during("close", of: call.identity, timeout: timeout) {
      unsafe close(sink, outcome.rawValue)
    }
    let endedInTime = call.end()
    if status != 0 { throw call.failure("close", status) }
    if !endedInTime { throw CallFailure(call.identity, "close", .busy, ABIStatus.busy.sentence ?? "") }
  }
}

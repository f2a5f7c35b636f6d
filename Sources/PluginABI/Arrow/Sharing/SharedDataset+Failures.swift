import LinuxCalls
import OmphalosValues

/// What goes wrong with batches that are kept, and whose fault it is.
extension SharedDataset {
  func fail(_ failure: CallFailure) {
    state.withLock { state in
      if state.failure == nil { state.failure = failure }
    }
  }

  private var limit: String { "limits.buffer, \(counted(Int(clamping: budget.limit), "byte"))" }

  func spoolFailure(_ error: SystemCallError) -> CallFailure {
    CallFailure(
      stream.call.identity, "spool", error.isOutOfSpace ? .noSpace : .io,
      "\(error.message). Batches that later consumers of \(quotedForMessage(name)) have still to read, and that do not fit into "
        + "\(limit), are spooled to the file system of the run directory: make room there, or raise limits.buffer.")
  }

  func unspoolable(_ column: String) -> CallFailure {
    CallFailure(
      stream.call.identity, "spool", .unsupported,
      "the dictionary of column \(quotedForMessage(column)) is itself dictionary-encoded, which an Arrow IPC stream cannot say. "
        + "The batches do not fit into \(limit): raise it, or let the connector give that column decoded.")
  }

  /// - Parameter consumer: who would have got it.
  func changed(_ batch: KeptBatch, _ consumer: CallIdentity) -> CallFailure {
    let earlier = state.withLock { $0.consumers }.filter { $0 != consumer }
    let suspects = earlier.isEmpty ? [consumer] : earlier
    return CallFailure(
      suspects[suspects.count - 1], "run", .state,
      "the rows \(batch.row + 1) to \(batch.row + UInt64(batch.rows)) of the dataset \(quotedForMessage(name)) are no longer those that "
        + "\(stream.call.identity) gave. Somebody wrote into buffers that are shared, which Arrow forbids. "
        + "Before \(consumer), \(listed(suspects.map { "\($0)" })) had them.")
  }
}

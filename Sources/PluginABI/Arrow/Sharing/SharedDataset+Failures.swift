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

  /// - Parameter reader: who would have got it.
  func changed(_ batch: KeptBatch, _ reader: Int) -> CallFailure {
    let connector = stream.call.identity
    let (consumer, earlier) = state.withLock { state in
      // All readers begin with the first batch, and take each one.
      let number = state.readers[reader].taken
      return (state.readers[reader].consumer, state.readers.filter { $0.taken > number }.map(\.consumer))
    }
    let rows = "the rows \(batch.row + 1) to \(batch.row + UInt64(batch.rows)) of the dataset \(quotedForMessage(name)) are no longer "
      + "those that \(connector) gave. "
    guard let last = earlier.last else {
      return CallFailure(
        connector, "get_next", .state,
        rows + "Nobody had them before \(consumer): the connector wrote into a batch that it had given away.")
    }
    var names: [String] = []
    for name in earlier.map({ "\($0)" }) where !names.contains(name) { names.append(name) }
    return CallFailure(
      last, "run", .state,
      rows + "Somebody wrote into buffers that are shared, which Arrow forbids. Before \(consumer), \(listed(names)) had them.")
  }
}

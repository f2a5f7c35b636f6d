import OmphalosValues

/// A batch that readers have still to take.
struct KeptBatch: Sendable {
  enum Place: Sendable {
    /// What it took of the budget goes back with the last copy of this.
    case memory(SharedBatch, Lease)
    case spooled(Spool.Place)
  }

  let place: Place
  /// Of its first row in the dataset, from 0 on.
  let row: UInt64
  let rows: Int
  private let before: RowFingerprint
  private let after: SHA256Digest

  /// - Parameters:
  ///   - before: the fingerprint of the rows before it.
  ///   - after: the same with its own.
  init(_ place: Place, row: UInt64, rows: Int, _ before: RowFingerprint, _ after: SHA256Digest) {
    self.place = place
    self.row = row
    self.rows = rows
    self.before = before
    self.after = after
  }

  /// Whether these are the rows that the connector gave.
  func isUnchanged(_ columns: [ArrowColumn]) -> Bool {
    // Offsets first: the fingerprint follows them.
    guard (try? ArrowBatchCheck.checkContents(columns)) != nil else { return false }
    if case .memory(let batch, _) = place, !batch.keepsExtents { return false }
    var fingerprint = before
    fingerprint.add(columns, rows: rows)
    return fingerprint.digest() == after
  }
}

/// Bytes of a budget, given back with the last reference.
final class Lease: Sendable {
  private let budget: BufferBudget
  private let bytes: Int

  init(_ budget: BufferBudget, _ bytes: Int) {
    self.budget = budget
    self.bytes = bytes
  }

  deinit { budget.giveBack(bytes) }
}

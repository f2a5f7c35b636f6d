import LinuxCalls
import OmphalosValues

/// The end of a ledger: all that has to be known to append to it, however long it is.
struct LedgerTail {
  /// The last entry; nil where there is none.
  let last: LedgerEntry?
  /// SHA-256 of the last line: the head of the chain.
  let head: SHA256Digest
  /// Bytes behind the last line feed: an entry that somebody was killed in the middle of.
  let tornBytes: Int
  /// Of the file without them.
  let size: UInt64

  /// Why nothing may be appended, for a sentence about the ledger.
  struct Broken: Error {
    let cause: String
  }

  /// Reads at most the last two lines and checks that they are entries, the one chained to the other.
  static func read(_ file: File) throws -> LedgerTail {
    let size = try file.status().size
    let window = UInt64(4 * (LedgerEntry.longestLine + 1))
    let bytes = try file.read(at: size > window ? size - window : 0, count: Int(min(size, window)))
    let lineFeed = UInt8(ascii: "\n")
    var lines = bytes.split(separator: lineFeed, omittingEmptySubsequences: false)
    let torn = lines.popLast()?.count ?? 0
    guard torn <= LedgerEntry.longestLine else {
      throw Broken(cause: "its last line has no end and \(torn) bytes or more, too many for an entry")
    }
    let whole = size - UInt64(torn)
    // The first one may be the end of a line only.
    if size > window { lines.removeFirst() }
    guard let line = lines.popLast().map(Array.init) else {
      guard whole == 0 else { throw Broken(cause: "its last line is too long for an entry") }
      return LedgerTail(last: nil, head: LedgerEntry.origin, tornBytes: torn, size: 0)
    }
    let last = try entry(line, "its last line")
    try check(last, after: lines.last.map(Array.init))
    return LedgerTail(last: last, head: SHA256Digest(hashing: line), tornBytes: torn, size: whole)
  }

  private static func entry(_ line: [UInt8], _ name: String) throws(Broken) -> LedgerEntry {
    do {
      return try LedgerEntry(line: line)
    } catch {
      throw Broken(cause: "\(name) \(error.cause)")
    }
  }

  private static func check(_ last: LedgerEntry, after line: [UInt8]?) throws(Broken) {
    let before = try line.map { line throws(Broken) in try entry(line, "the line before its last") }
    let number = (before?.sequence ?? 0) + 1
    guard last.sequence == number else {
      throw Broken(cause: "its last line has the sequence number \(last.sequence), wanted \(number)")
    }
    let digest = line.map { SHA256Digest(hashing: $0) } ?? LedgerEntry.origin
    guard last.previous == digest else {
      throw Broken(
        cause: "its last line is chained to a line with SHA-256 \(last.previous.hex), but the one before it has \(digest.hex)")
    }
  }
}

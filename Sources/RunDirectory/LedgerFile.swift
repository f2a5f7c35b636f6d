import LinuxCalls
import OmphalosValues
import Synchronization

/// A ledger that is open and locked for this process, to append to.
///
/// The lock is a POSIX lock: other processes can ask who holds it, it is gone with its process, and no child inherits
/// it. **Closing any descriptor of the file in this process would drop it**, so `locked` lets one thread in at a time and
/// nobody opens the file a second time meanwhile.
struct LedgerFile {
  let path: String
  let file: File
  private let root: File

  private static let gate = Mutex(())

  /// Opens the ledger in `root`, makes it where there is none, and locks it while `body` runs.
  ///
  /// - Parameter patience: how long to wait for another process, in nanoseconds.
  static func locked<Result: Sendable>(
    in rootPath: String, patience: Int64, _ body: (LedgerFile) throws(LedgerError) -> Result
  ) throws(LedgerError) -> Result {
    try alone { () throws(LedgerError) -> Result in
      let ledger = try open(in: rootPath, patience: patience)
      let result = try body(ledger)
      // The lock goes with the last descriptor, so that has to last until here.
      return withExtendedLifetime(ledger.file) { result }
    }
  }

  /// Whoever opens a ledger in any way does it in here.
  static func alone<Result: Sendable>(_ body: () throws(LedgerError) -> Result) throws(LedgerError) -> Result {
    try gate.withLock { _ throws(LedgerError) -> Result in try body() }
  }

  private static func open(in rootPath: String, patience: Int64) throws(LedgerError) -> LedgerFile {
    let path = RunLedger.path(in: rootPath)
    let deadline = MonotonicClock.now() + patience
    do {
      let root = try File.open(rootPath, .directory)
      while true {
        let file = try openOrMake(in: root)
        try lock(file, path: path, patience: patience, deadline: deadline)
        // While we waited somebody may have put another file there.
        if let found = try? root.status(of: RunLedger.fileName), found.isSameFile(as: try file.status()) {
          return LedgerFile(path: path, file: file, root: root)
        }
      }
    } catch let error as LedgerError {
      throw error
    } catch {
      throw .notUsable(path: path, cause: RunLedger.cause(error))
    }
  }

  private static func openOrMake(in root: File) throws(SystemCallError) -> File {
    while true {
      do throws(SystemCallError) {
        if let file = try RunLedger.open(in: root, .readAppend) { return file }
        let made = try root.openBeneath(RunLedger.fileName, [.createNew, .readAppend], mode: 0o644)
        // Whatever the umask: who may read the runs may read what is said of them.
        try made.setPermissions(0o644)
        return made
      } catch {
        // Another process was quicker.
        if error.errno != .fileExists { throw error }
      }
    }
  }

  private static func lock(_ file: File, path: String, patience: Int64, deadline: Int64) throws {
    while try !file.tryLock() {
      guard MonotonicClock.now() < deadline else {
        let holder = try file.lockHolder().flatMap { $0 > 0 ? $0 : nil }
        throw LedgerError.busy(path: path, holder: holder, seconds: patience / 1_000_000_000)
      }
      Pause.milliseconds(5)
    }
  }

  func tail() throws(LedgerError) -> LedgerTail {
    do {
      return try LedgerTail.read(file)
    } catch let error as LedgerTail.Broken {
      throw .broken(path: path, cause: error.cause)
    } catch {
      throw .notUsable(path: path, cause: RunLedger.cause(error))
    }
  }

  /// Appends an entry and flushes it. What a killed process left of an entry is cut off before.
  func append(
    _ kind: LedgerEntry.Kind, _ subject: LedgerEntry.Subject, after tail: LedgerTail
  ) throws(LedgerError) -> RunLedger.Appended {
    let entry = LedgerEntry(
      sequence: (tail.last?.sequence ?? 0) + 1, previous: tail.head,
      time: Timestamp(secondsSince1970: WallClock.now() / 1_000_000_000), kind: kind, subject: subject)
    do {
      if tail.tornBytes > 0 { try file.truncate(to: Int(tail.size)) }
      do {
        try file.write(entry.line + [UInt8(ascii: "\n")])
        try file.synchronize()
        // A new file is there for good once its directory is flushed.
        if tail.size == 0 { try root.synchronize() }
      } catch {
        // What is not there for certain must not be there at all.
        try? file.truncate(to: Int(tail.size))
        throw error
      }
    } catch {
      throw .notAppended(path: path, cause: RunLedger.cause(error))
    }
    return RunLedger.Appended(entry: entry, head: SHA256Digest(hashing: entry.line), cutBytes: tail.tornBytes)
  }
}

import LinuxCalls
import OmphalosValues
import RunRecord

/// Something below a directory.
public struct WalkedEntry: Sendable {
  /// Relative to the directory that was walked.
  public let path: String
  public let kind: FileStatus.Kind
  public let permissions: UInt32
  /// Hard links; more than 1 for a file means that it has another name somewhere.
  public let links: UInt64
  /// In bytes; of a file with a digest, the bytes that were hashed.
  public let size: UInt64
  /// Of regular files that were to be hashed.
  public let digest: SHA256Digest?
  /// When the file system recorded the last change; nanoseconds since the epoch.
  public let changed: Int64
}

/// Something below a directory that could not be looked at as it should be.
public struct TreeProblem: Sendable, Hashable {
  /// Relative to the directory that was walked; bytes that are not UTF-8 as `\xNN`.
  public let path: String
  /// What is wrong, for a sentence that begins with the path.
  public let message: String
  /// Its bytes were hashed, and may be others by now.
  public var isOpenForWriting = false
  /// Why it could not be read.
  public var failure: SystemCallError?
}

extension TreeProblem {
  init(path: String, notRead failure: SystemCallError) {
    self.init(path: path, message: "cannot be read: \(failure.errno)", failure: failure)
  }
}

/// All that lies below a directory, read from disk. Never follows a symbolic link, never blocks on a fifo or device.
public struct TreeWalk: Sendable {
  /// In byte order of path; directories stand among the rest.
  public let entries: [WalkedEntry]
  public let problems: [TreeProblem]

  public struct Limits: Sendable {
    /// The greatest number of entries; the walk stops there.
    public var entries = 2_000_000
    /// Folders with a longer path are not entered: no artifact can lie in them.
    public var pathBytes = 1024

    public init() {}
  }

  /// - Parameters:
  ///   - wantsDigest: which regular files to open and hash.
  ///   - leases: find out about each file to hash whether somebody can still write to it, which a digest does not show.
  /// - Throws: only if `directory` itself cannot be listed.
  public static func walk(
    _ directory: File, limits: Limits = Limits(), leases: Bool = false, wantsDigest: (String) -> Bool = { _ in true }
  ) throws(SystemCallError) -> TreeWalk {
    var walker = try TreeWalker(top: directory, limits: limits)
    var found: [TreeWalker.Found] = []
    while let entry = walker.next() { found.append(entry) }
    return hashed(found, walker, leases: leases, wantsDigest)
  }

  /// All that was found, in byte order of path. Files are read on all cores, each by one of them.
  private static func hashed(
    _ found: [TreeWalker.Found], _ walker: TreeWalker, leases: Bool, _ wantsDigest: (String) -> Bool
  ) -> TreeWalk {
    let sorted = found.sorted { bytesPrecede($0.path, $1.path) }
    let wanted = sorted.indices.filter { sorted[$0].status.kind == .regular && wantsDigest(sorted[$0].path) }
    let top = walker.top
    let readings = Cores.map(wanted.count) { FileReading(sorted[wanted[$0]], in: top, leases: leases) }
    var digests: [Int: FileReading] = [:]
    for (index, reading) in zip(wanted, readings) { digests[index] = reading }
    var walked: [WalkedEntry] = []
    var problems = walker.problems
    for (index, entry) in sorted.enumerated() {
      let reading = digests[index]
      if let problem = reading?.problem {
        problems.append(TreeProblem(path: entry.path, message: problem, failure: reading?.failure))
      }
      if reading?.isOpenForWriting == true {
        problems.append(
          TreeProblem(path: entry.path, message: "is still open for writing in some process", isOpenForWriting: true))
      }
      // One that could not be read is a problem and no entry.
      if let reading, reading.digest == nil { continue }
      walked.append(WalkedEntry(entry, reading))
    }
    return TreeWalk(entries: walked, problems: problems)
  }
}

extension WalkedEntry {
  init(_ entry: TreeWalker.Found, _ reading: FileReading?) {
    self.init(
      path: entry.path, kind: entry.status.kind, permissions: entry.status.permissions, links: entry.status.links,
      size: reading?.byteCount ?? entry.status.size, digest: reading?.digest, changed: entry.status.changed)
  }
}

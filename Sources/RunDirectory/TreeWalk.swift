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
    var walker = TreeWalker(top: directory, limits: limits)
    try walker.walkAll()
    return walker.hashed(wantsDigest, leases: leases)
  }
}

private struct TreeWalker {
  /// Something that was found, before it is hashed.
  struct Found: Sendable {
    let path: String
    let status: FileStatus
  }

  let top: File
  let limits: TreeWalk.Limits
  var entries: [Found] = []
  var problems: [TreeProblem] = []
  /// Folders still to be entered. A list of our own, because a tree made by others may be deeper than our stack.
  private var pending: [String] = []

  init(top: File, limits: TreeWalk.Limits) {
    self.top = top
    self.limits = limits
  }

  mutating func walkAll() throws(SystemCallError) {
    try walk(top, path: "")
    while let path = pending.popLast() {
      guard entries.count < limits.entries else {
        return report(path, "lies beyond the limit of \(limits.entries) entries; the rest was not looked at")
      }
      guard path.utf8.count <= limits.pathBytes else {
        report(path, "has a path of \(path.utf8.count) bytes, more than \(limits.pathBytes); it was not entered")
        continue
      }
      do {
        try walk(top.openBeneath(path, [.directory, .noFollow], mode: 0), path: path)
      } catch {
        report(path, "cannot be read: \(error.errno)")
      }
    }
  }

  private mutating func walk(_ directory: File, path: String) throws(SystemCallError) {
    for entry in try directory.entries() {
      guard let name = entry.name else {
        report(path.isEmpty ? escaped(entry.bytes) : "\(path)/\(escaped(entry.bytes))", "has a name that is not UTF-8")
        continue
      }
      guard entries.count < limits.entries else { return }
      let entryPath = path.isEmpty ? name : "\(path)/\(name)"
      do {
        let status = try directory.status(of: name)
        if status.kind == .directory { pending.append(entryPath) }
        entries.append(Found(path: entryPath, status: status))
      } catch {
        report(entryPath, "cannot be read: \(error.errno)")
      }
    }
  }

  /// All that was found, in byte order of path. Files are read on all cores, each by one of them.
  func hashed(_ wantsDigest: (String) -> Bool, leases: Bool) -> TreeWalk {
    let sorted = entries.sorted { bytesPrecede($0.path, $1.path) }
    let wanted = sorted.indices.filter { sorted[$0].status.kind == .regular && wantsDigest(sorted[$0].path) }
    let top = top
    let readings = Cores.map(wanted.count) { Self.read(sorted[wanted[$0]], in: top, leases: leases) }
    var digests: [Int: Reading] = [:]
    for (index, reading) in zip(wanted, readings) { digests[index] = reading }
    var walked: [WalkedEntry] = []
    var problems = problems
    for (index, entry) in sorted.enumerated() {
      let reading = digests[index]
      if let problem = reading?.problem { problems.append(TreeProblem(path: entry.path, message: problem)) }
      if reading?.isOpenForWriting == true {
        problems.append(
          TreeProblem(path: entry.path, message: "is still open for writing in some process", isOpenForWriting: true))
      }
      // One that could not be read is a problem and no entry.
      if let reading, reading.digest == nil { continue }
      walked.append(
        WalkedEntry(
          path: entry.path, kind: entry.status.kind, permissions: entry.status.permissions, links: entry.status.links,
          size: reading?.byteCount ?? entry.status.size, digest: reading?.digest,
          changed: entry.status.changed))
    }
    return TreeWalk(entries: walked, problems: problems)
  }

  private struct Reading: Sendable {
    var digest: SHA256Digest?
    var byteCount: UInt64 = 0
    var problem: String?
    var isOpenForWriting = false
  }

  private static func read(_ entry: Found, in top: File, leases: Bool) -> Reading {
    var reading = Reading()
    do throws(SystemCallError) {
      let file = try top.openBeneath(entry.path, [.read, .noFollow, .nonBlocking], mode: 0)
      // Held until the file is closed: nobody can begin to write while it is read.
      reading.isOpenForWriting = leases && file.isOpenForWriting()
      let (digest, byteCount) = try file.digest(chunk: Int(clamping: min(entry.status.size + 1, UInt64(File.pieceBytes))))
      (reading.digest, reading.byteCount) = (digest, byteCount)
      if try !file.status().isUnchanged(from: entry.status) { reading.problem = "changed while it was read" }
    } catch {
      reading.digest = nil
      reading.problem = "cannot be read: \(error.errno)"
    }
    return reading
  }

  private mutating func report(_ path: String, _ message: String) {
    problems.append(TreeProblem(path: path, message: message))
  }

  private func escaped(_ bytes: [UInt8]) -> String {
    bytes.map { byte in
      byte >= 0x20 && byte < 0x7f && byte != UInt8(ascii: "\\")
        ? String(UnicodeScalar(byte)) : "\\x" + (byte < 16 ? "0" : "") + String(byte, radix: 16)
    }.joined()
  }
}

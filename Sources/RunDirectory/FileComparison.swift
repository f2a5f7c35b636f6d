import LinuxCalls
import OmphalosValues
import RunRecord

/// The files that a manifest lists against those on disk, with memory for what is listed and not for what is found.
struct FileComparison {
  /// How many entries of the tree are looked at before their files are read, on all cores.
  private static let batchSize = 4096

  private(set) var problems = ProblemList()
  /// Of all files that were read.
  private(set) var byteCount: UInt64 = 0
  /// Files with another name somewhere.
  private(set) var linkedCount = 0
  private(set) var firstLinked: String?

  /// Compares the whole tree below `directory` and leaves in `table` what was found.
  ///
  /// - Parameters:
  ///   - threads: the greatest number to read files on.
  ///   - progress: is told how many files and bytes are read, on any thread, one call at a time.
  mutating func compare(
    _ table: inout FileTable, with directory: File, threads: Int, progress: @escaping Verification.Progress
  ) throws(SystemCallError) {
    var walker = try TreeWalker(top: directory, limits: TreeWalk.Limits())
    let counter = ReadingCounter(total: table.count, progress: progress)
    var isAtEnd = false
    while !isAtEnd {
      var batch: [TreeWalker.Found] = []
      while batch.count < Self.batchSize, !isAtEnd {
        if let found = walker.next() { batch.append(found) } else { isAtEnd = true }
      }
      add(batch, &table, top: directory, threads: threads, counter)
      for problem in walker.takeProblems() { addUnreadable(problem.path, problem.message, &table) }
    }
    addMissing(table)
  }

  private mutating func add(
    _ batch: [TreeWalker.Found], _ table: inout FileTable, top: File, threads: Int, _ counter: ReadingCounter
  ) {
    let indices = batch.map { table.index(of: $0.path) }
    let wanted = batch.indices.filter { indices[$0] != nil && batch[$0].status.kind == .regular }
    let readings = Cores.map(wanted.count, atMost: threads) { position in
      let reading = FileReading(batch[wanted[position]], in: top)
      counter.add(reading.byteCount)
      return reading
    }
    for (position, reading) in zip(wanted, readings) {
      if let problem = reading.problem { addUnreadable(batch[position].path, problem, &table) }
      if let digest = reading.digest, let index = indices[position] {
        compare(batch[position].path, digest, reading.byteCount, &table, index)
      }
    }
    for (entry, index) in zip(batch, indices) { addShape(of: entry, index, &table) }
  }

  private mutating func compare(
    _ path: String, _ digest: SHA256Digest, _ size: UInt64, _ table: inout FileTable, _ index: Int
  ) {
    byteCount &+= size
    let (wanted, bytes) = (table.sha256(index), table.bytes(index))
    table.setFound(digest, bytes: size, index)
    guard digest != wanted || size != bytes else { return }
    problems.add(
      .changed, path,
      "\(quotedForMessage(path)) is changed: found SHA-256 \(digest.hex) of \(size) bytes, the manifest says "
        + "\(wanted.hex) of \(bytes).")
  }

  /// What an entry is, whatever is in it.
  private mutating func addShape(of entry: TreeWalker.Found, _ index: Int?, _ table: inout FileTable) {
    let kind = entry.status.kind
    if kind == .regular, entry.status.links > 1 {
      linkedCount += 1
      if firstLinked.map({ bytesPrecede(entry.path, $0) }) ?? true { firstLinked = entry.path }
    }
    let name = quotedForMessage(entry.path)
    if let index {
      table.markSeen(index)
      if kind != .regular {
        problems.add(.notARegularFile, entry.path, "\(name) is a \(kind.rawValue), wanted a regular file.")
      }
    } else if kind != .directory, !haveEqualBytes(entry.path, RunLayout.manifest.text) {
      problems.add(.extra, entry.path, "\(name) is extra: a \(kind.rawValue) that the manifest does not list.")
    }
  }

  private mutating func addUnreadable(_ path: String, _ message: String, _ table: inout FileTable) {
    problems.add(.unreadable, path, "\(quotedForMessage(path)) \(message).")
    if let index = table.index(of: path) { table.markSeen(index) }
  }

  private mutating func addMissing(_ table: FileTable) {
    for index in 0..<table.count where !table.isSeen(index) {
      let path = table.path(index)
      problems.add(
        .missing, path,
        "\(quotedForMessage(path)) is missing: the manifest lists it with \(table.bytes(index)) bytes.")
    }
  }
}

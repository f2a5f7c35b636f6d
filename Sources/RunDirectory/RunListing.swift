import LinuxCalls
import OmphalosValues
import RunRecord

/// The runs in a run root. Nothing in it is believed: anybody may have put anything there.
public struct RunListing: Sendable {
  public let root: String
  /// By time, then by name; those whose time is not known come first.
  public let entries: [RunEntry]
  /// How many entries of the root are no runs.
  public let otherCount: Int
  /// Why the ledger could not be asked; then no run is known to be recorded. Nil if it could, or where there is none.
  public let ledgerProblem: LedgerError?

  /// A directory that is younger than this in nanoseconds, and has neither lock nor state, may be coming into being or
  /// going away.
  static let settling: Int64 = 60_000_000_000

  public static func read(root: String) throws(RunDirectoryError) -> RunListing {
    try read(root: root, now: WallClock.now())
  }

  /// - Parameter now: nanoseconds since the epoch.
  static func read(root: String, now: Int64) throws(RunDirectoryError) -> RunListing {
    let root = withoutSlash(root)
    let directory = try openRoot(root)
    let names: [File.Entry]
    do {
      names = try directory.entries()
    } catch {
      throw .notARoot(path: root, cause: error.cause)
    }
    var found = names.compactMap { $0.name }.compactMap { entry($0, in: directory, root: root, now: now) }
    let ledgerProblem = addRecords(to: &found, root: root)
    let others = names.count { $0.name.map { !haveEqualBytes($0, RunLedger.fileName) } ?? true } - found.count
    let sorted = found.sorted { left, right in
      let times = (left.time?.secondsSince1970 ?? .min, right.time?.secondsSince1970 ?? .min)
      return times.0 != times.1 ? times.0 < times.1 : bytesPrecede(left.name, right.name)
    }
    return RunListing(root: root, entries: sorted, otherCount: others, ledgerProblem: ledgerProblem)
  }

  private static func addRecords(to entries: inout [RunEntry], root: String) -> LedgerError? {
    let runs = entries.filter { $0.state == .finalized }.map(\.runID)
    guard !runs.isEmpty else { return nil }
    do {
      let records = try RunLedger(root: root).latest(of: runs)
      for index in entries.indices where entries[index].state == .finalized {
        entries[index].record = records[UTF8String(entries[index].runID.text)].map(RunEntry.Record.entry) ?? .none
      }
      return nil
    } catch {
      return error
    }
  }

  /// A run by its directory, or by its name in a root.
  public static func find(_ run: String, root: String) throws(RunDirectoryError) -> RunEntry {
    let path = withoutSlash(run)
    // A name without a slash may be one in the working directory as well.
    let isThere = path.utf8.contains(UInt8(ascii: "/")) || (try? File.open(path, .directory)) != nil
    let (parent, name) = isThere ? splitPath(path) : (withoutSlash(root), path)
    let directory = try openRoot(parent)
    guard RunName(name) != nil, (try? directory.status(of: name)) != nil else {
      throw .notARun(
        path: run, cause: "there is no such run in \(quotedForMessage(parent))",
        remedy: "Name the directory of runs with --root, or give the run's path")
    }
    guard let entry = entry(name, in: directory, root: parent) else {
      throw .notARun(path: run, cause: "it is no run directory", remedy: "`omphalos runs list` shows the names")
    }
    var entries = [entry]
    _ = addRecords(to: &entries, root: parent)
    return entries[0]
  }

  static func openRoot(_ path: String) throws(RunDirectoryError) -> File {
    do {
      return try File.open(path, .directory)
    } catch {
      throw .notARoot(path: path, cause: error.cause)
    }
  }

  static func withoutSlash(_ path: String) -> String {
    var path = path
    while path.utf8.count > 1, path.hasSuffix("/") { path.removeLast() }
    return path
  }

  /// One entry of a root; nil if it is no run's.
  static func entry(
    _ name: String, in root: File, root rootPath: String, now: Int64 = WallClock.now()
  ) -> RunEntry? {
    let path = rootPath == "/" ? "/\(name)" : "\(rootPath)/\(name)"
    switch RunName(name) {
    case nil: return nil
    case .finalized(let id):
      // The format's rule for ids fits many words: a directory with such a name is a run if it looks like one.
      let looksLikeRun = (try? root.status(of: "\(name)/\(RunLayout.manifest.text)")) != nil
      return isRun(name, hasManifest: looksLikeRun) ? finalized(name, id, in: root, path: path) : nil
    case .partial(let id): return partial(name, id, in: root, path: path, now: now)
    }
  }

  /// Of a name that keeps the rule for ids.
  static func isRun(_ name: String, hasManifest: Bool) -> Bool { hasManifest || name.hasPrefix(RunIdentity.prefix) }

  private static func unusable(_ name: String, _ id: RunID, path: String, _ reason: String) -> RunEntry {
    RunEntry(name: name, path: path, root: splitPath(path).folder, runID: id, state: .unusable(reason: reason))
  }

  /// Opens a directory by its name, and not through a symbolic link.
  private static func open(_ name: String, in root: File) throws(Unusable) -> File {
    var kind = FileStatus.Kind.unknown
    do throws(SystemCallError) {
      kind = try root.status(of: name).kind
      if kind == .directory { return try root.openBeneath(name, [.directory, .noFollow], mode: 0) }
    } catch {
      throw Unusable(reason: "it cannot be opened: \(error.errno)")
    }
    throw Unusable(reason: "it is a \(kind.rawValue), not a directory")
  }

  struct Unusable: Error { let reason: String }

  private static func finalized(_ name: String, _ id: RunID, in root: File, path: String) -> RunEntry {
    do {
      let directory = try open(name, in: root)
      let manifest = try FinalizedRun.wellFormed(in: directory, path: path)
      guard manifest.runID == id else {
        throw Unusable(reason: "its manifest is that of \(manifest.runID?.text ?? "none"); see `omphalos verify`")
      }
      var entry = RunEntry(name: name, path: path, root: splitPath(path).folder, runID: id, state: .finalized)
      entry.pipeline = manifest.config?["source"]?["name"]?.stringValue
      entry.payloadRoot = manifest.payloadRoot
      entry.time = (try? directory.status(of: RunLayout.manifest.text)).map { timestamp($0.modified) }
      return entry
    } catch let error as Unusable {
      return unusable(name, id, path: path, error.reason)
    } catch let error as RunDirectoryError {
      return unusable(name, id, path: path, cause(error))
    } catch {
      return unusable(name, id, path: path, "\(error)")
    }
  }

  private static func cause(_ error: RunDirectoryError) -> String {
    if case .noManifest(_, let cause) = error { return "it has no readable run_manifest.json: \(cause)" }
    return error.message
  }

  private static func partial(
    _ name: String, _ id: RunID, in root: File, path: String, now: Int64
  ) -> RunEntry {
    do {
      let directory = try open(name, in: root)
      let state = RunState.read(in: directory)
      return RunEntry(
        name: name, path: path, runID: id, state: try self.state(of: directory, state, now), recorded: state, directory)
    } catch let error as Unusable {
      return unusable(name, id, path: path, error.reason)
    } catch {
      return unusable(name, id, path: path, "\(error)")
    }
  }

  private static func state(
    of directory: File, _ recorded: RecordedState?, _ now: Int64
  ) throws -> RunEntry.State {
    switch try RunLock.holder(in: directory) {
    case .held(let pid): return .running(pid: pid)
    // The lock gets its name after it was taken, so whoever took this one is gone.
    case .free where recorded == nil: return .killed
    case .free, .missing: break
    }
    if let recorded {
      return recorded.hasFailed ? .failed(reason: recorded.reason, exitCode: recorded.exitCode) : .killed
    }
    // Before the lock is there, and once it is gone, nobody can be asked.
    let status = try directory.status()
    return now &- max(status.changed, status.modified) < settling ? .unsettled : .killed
  }

  static func timestamp(_ nanoseconds: Int64) -> Timestamp { Timestamp(secondsSince1970: nanoseconds / 1_000_000_000) }
}

extension RunEntry {
  fileprivate init(
    name: String, path: String, runID: RunID, state: State, recorded: RecordedState?, _ directory: File
  ) {
    self.init(name: name, path: path, root: splitPath(path).folder, runID: runID, state: state)
    pipeline = recorded?.pipeline
    time = recorded?.startedAt ?? (try? directory.status()).map { RunListing.timestamp($0.modified) }
    guard state == .killed else { return }
    lastPID = recorded?.pid
    let log = try? directory.openBeneath(RunLayout.log.text, [.read, .noFollow, .nonBlocking], mode: 0).status()
    lastSeen = log.map { RunListing.timestamp($0.modified) }
  }
}

import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// A lock in a file.
public struct LockFile: Sendable {
  public let path: String
  public let lock: PluginLock
  /// Of the file's bytes.
  public let digest: SHA256Digest

  /// - Returns: nil where there is no such file.
  /// - Throws: `ConfigurationError`.
  public static func read(_ path: String, user: UInt32 = Processes.currentUser) throws(ConfigurationError) -> LockFile? {
    let source = OwnedTextFile(what: "the lock", limit: PluginLock.largestFile, user: user)
    guard let bytes = try source.read(path, mark: nil, mayBeMissing: true) else { return nil }
    return LockFile(path: path, lock: try PluginLock.parse(bytes, file: path), digest: SHA256Digest(hashing: bytes))
  }

  /// Replaces the file in one step.
  ///
  /// - Throws: `SystemCallError`.
  public static func write(_ lock: PluginLock, to path: String) throws {
    let (folder, name) = splitPath(path)
    let directory = try File.open(folder, .directory)
    let next = ".\(name).\(SystemRandom.hexDigits(bytes: 8))"
    do {
      let file = try directory.openBeneath(next, .createNew, mode: 0o644)
      try file.write(Array(lock.text.utf8))
      try file.synchronize()
      try directory.rename(next, replacing: name)
    } catch {
      try? directory.removeFile(next)
      throw error
    }
    try directory.synchronize()
  }

  /// Digests that it names.
  public var digests: Set<SHA256Digest> { Set(lock.plugins.map(\.sha256)) }

  /// - Parameter command: that writes the lock anew.
  /// - Throws: `LockMismatch`.
  public func check(_ current: [LockedPlugin], command: String) throws(LockMismatch) {
    let drift = lock.drift(to: current)
    if !drift.isEmpty { throw LockMismatch(file: path, drift: drift, command: command) }
  }
}

extension LockedPlugin {
  /// - Throws: `SystemCallError` where a library cannot be read.
  public init(_ plugin: AdmittedPlugin, _ catalog: LibraryCatalog) throws {
    self.init(
      plugin.declaration, sha256: plugin.sealed.contentsDigest,
      files: Dictionary(uniqueKeysWithValues: plugin.sealed.parts.map { (UTF8String($0.path), $0.digest) }),
      closure: try Self.pins(plugin.closure, catalog))
  }

  /// Of a plugin that was found and not sealed.
  ///
  /// - Returns: nil for a file that is no plugin, or that cannot be read.
  public init?(_ candidate: PluginCandidate, _ catalog: LibraryCatalog) throws {
    guard let declaration = candidate.declaration, let digests = candidate.evidence.digests() else { return nil }
    var files: [UTF8String: SHA256Digest] = [:]
    for (path, digest) in digests.parts { files[UTF8String(path)] = digest }
    self.init(
      declaration, sha256: digests.contents, files: files, closure: try Self.pins(candidate.closure, catalog))
  }

  private static func pins(
    _ closure: LibraryClosure?, _ catalog: LibraryCatalog
  ) throws -> [UTF8String: SHA256Digest] {
    var pins: [UTF8String: SHA256Digest] = [:]
    for library in closure?.libraries ?? [] where !library.isOwn {
      if let pin = try catalog.pin(library) { pins[UTF8String(library.name)] = pin.digest }
    }
    return pins
  }
}

extension Discovery {
  /// What a lock of the directories holds: each id once, as it would be taken, if it can be taken at all.
  ///
  /// - Parameter lock: that is compared with: a plugin that it has is not gone because it is refused today.
  /// - Throws: `SystemCallError` where a library cannot be read.
  public func lockedPlugins(comparedWith lock: PluginLock? = nil) throws -> [LockedPlugin] {
    let ids = Set(candidates.compactMap(\.id)).sorted()
    return try ids.compactMap { candidate(for: $0) }
      .filter { candidate in candidate.isAdmissible || candidate.id.flatMap { lock?.plugin($0) } != nil }
      .compactMap { try LockedPlugin($0, catalog) }
  }
}

/// The plugins are not those of the lock.
public struct LockMismatch: Error, Diagnosable, Sendable {
  public let file: String
  /// At least one.
  public let drift: [LockDrift]
  /// That writes the lock anew.
  public let command: String

  public var message: String {
    let lines = drift.prefix(50).map { "  - \($0)." }.joined(separator: "\n")
    let more = drift.count > 50 ? "\n  - and \(drift.count - 50) more." : ""
    return "The plugins are not those of \(printable(file)); nothing was loaded:\n\(lines)\(more)\nReview the change, then "
      + "write the lock anew with: \(printable(command))"
  }
  public var exitCode: ExitCode { .pluginRefused }
}

import Admission
import LinuxCalls
import OmphalosValues

/// Copies a plugin, with its signature and its folder, into a plugins directory, so that it appears there whole or not at
/// all: everything is copied beside it first, and `NAME.so`, without which the rest is not looked at, comes last.
public struct PluginInstallation {
  public enum Outcome: Sendable, Hashable {
    case added(path: String)
    /// The same bytes are there already.
    case alreadyThere(path: String)
  }

  private static let prefix = ".omphalos-adding-"

  private let candidate: PluginCandidate
  private let source: File
  private let target: String
  private let terms: AdmissionTerms
  private let replaces: Bool

  /// - Parameters:
  ///   - candidate: admissible, as it was found in its directory.
  ///   - target: the plugins directory; made where it is missing.
  ///   - replaces: whether another plugin of that file name is taken away.
  /// - Throws: `InstallationError`.
  public init(_ candidate: PluginCandidate, into target: String, under terms: AdmissionTerms, replaces: Bool) throws {
    guard let file = candidate.file, candidate.isAdmissible else {
      throw InstallationError(target: target, reason: "\(candidate.path) is not admissible")
    }
    self.candidate = candidate
    source = file
    self.target = target
    self.terms = terms
    self.replaces = replaces
  }

  /// - Throws: `InstallationError`, `PluginDirectoryError`, `SystemCallError`.
  public func add() throws -> Outcome {
    try Path.makeDirectories(target)
    let path = "\(target)/\(candidate.name)"
    let there = Discovery([PluginDirectory(path: target, isExplicit: true)], under: terms)
    if let problem = there.problems.first { throw problem }
    let digest = candidate.contentsDigest
    if let same = there.candidates.first(where: { haveEqualBytes($0.name, candidate.name) }) {
      if let digest, same.contentsDigest == digest, isSignedAlike(same) { return .alreadyThere(path: path) }
      guard replaces else {
        throw InstallationError(
          target: target, reason: "there is another \(candidate.name)\(identity(of: same)) already; --replace takes it away")
      }
    }
    if let other = there.candidates.first(where: { $0.id == candidate.id && !haveEqualBytes($0.name, candidate.name) }) {
      throw InstallationError(
        target: target,
        reason: "\(other.name) has the id \(candidate.id?.text ?? "") already, and of two files with one id none would be loaded; "
          + "remove it, or name the new file \(other.name) and use --replace")
    }
    try install(digest)
    return .added(path: path)
  }

  private func identity(of other: PluginCandidate) -> String {
    other.declaration.map { " (\($0.id) \($0.version))" } ?? ""
  }

  private var folderName: String { PluginFolder.name(for: candidate.name) }
  private var signatureName: String { candidate.name + ".sig" }

  private func isSignedAlike(_ other: PluginCandidate) -> Bool {
    signature(in: candidate.directory) == signature(in: other.directory)
  }

  private func signature(in directory: File) -> [UInt8]? {
    try? directory.openBeneath(signatureName, [.read, .noFollow, .nonBlocking], mode: 0).readAll(limit: 64 << 10)
  }

  private func install(_ digest: SHA256Digest?) throws {
    let staging = try PassingDirectory(in: target, prefix: Self.prefix) { name, parent in
      try? TreeRemoval.remove(name, in: parent)
    }
    defer { try? TreeRemoval.remove(staging.name, in: staging.parent) }
    try copy(into: staging.directory)
    // What was decided on is what is put there: the source may have changed while it was copied.
    let copied = Discovery([PluginDirectory(path: "\(target)/\(staging.name)", isExplicit: true)], under: terms)
    guard let copy = copied.candidates.first, copy.isAdmissible, let digest, copy.contentsDigest == digest else {
      throw InstallationError(target: target, reason: "\(candidate.path) changed while it was copied; nothing was added")
    }
    try staging.directory.synchronizeFileSystem()
    try swap(staging)
    try staging.parent.synchronize()
  }

  private func copy(into staging: File) throws {
    try copy(source, to: candidate.name, in: staging)
    if let bytes = signature(in: candidate.directory) {
      try staging.openBeneath(signatureName, .createNew, mode: 0o644).write(bytes)
    }
    for entry in candidate.openFolder(largest: .max)?.entries ?? [] {
      var folder = ""
      for part in entry.path.split(separator: "/").dropLast() {
        folder += folder.isEmpty ? String(part) : "/\(part)"
        try staging.makeDirectoryIfMissing(folder)
      }
      try copy(entry.file, to: entry.path, in: staging)
    }
  }

  private func copy(_ file: File, to path: String, in staging: File) throws {
    try staging.openBeneath(path, .createNew, mode: 0o644).append(file, limit: .max)
  }

  /// The old files go first, `NAME.so` before the rest, and the new ones come in the opposite order: whoever looks, or
  /// kills this, finds the old plugin, the new one, or none, and never parts of both.
  private func swap(_ staging: PassingDirectory) throws {
    let directory = staging.parent
    let names = [candidate.name, signatureName, folderName]
    for name in names where (try? directory.status(of: name)) != nil {
      try directory.move(name, to: staging.directory, as: "old-\(name)")
    }
    for name in names.reversed() where (try? staging.directory.status(of: name)) != nil {
      try staging.directory.move(name, to: directory, as: name)
    }
  }
}

/// A plugin that was not added.
public struct InstallationError: Error, Diagnosable, Sendable, Hashable {
  public let target: String
  public let reason: String

  public var message: String { "Nothing was added to \(printable(target)): \(printable(reason))." }
  public var exitCode: ExitCode { .checkFailed }
}

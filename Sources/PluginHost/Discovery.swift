import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// Looks for plugins: regular files `*.so` directly in each directory, sorted by the bytes of their names. Nothing is
/// mapped; every outcome is kept.
public struct Discovery: Sendable {
  /// In the order of the directories, then of the names.
  public private(set) var candidates: [PluginCandidate] = []
  public private(set) var problems: [PluginDirectoryError] = []
  /// For each id the candidate to take: a pipeline may name hundreds.
  private var chosen: [PluginID: Int] = [:]
  /// The system's libraries as far as they were read.
  public let catalog = LibraryCatalog(machine: .host)

  /// - Parameters:
  ///   - largest: the most bytes a plugin may have.
  ///   - only: the one file name that is looked at; nil for all.
  ///   - named: digests that a lock names: of several files with one id, the one that is named counts.
  public init(
    _ directories: [PluginDirectory], under terms: AdmissionTerms = AdmissionTerms(), largest: UInt64 = 512 << 20,
    named: Set<SHA256Digest> = [], only name: String? = nil, user: UInt32 = Processes.currentUser
  ) {
    let inspector = FileInspector(
      terms: terms, largest: largest, ownership: Ownership(user: user, terms), catalog: catalog)
    var seen: Set<String> = []
    for directory in directories {
      // A directory that is named twice is looked at once.
      let key = (try? Path.resolved(directory.path)) ?? directory.path
      guard seen.insert(key).inserted else { continue }
      search(directory, inspector, only: name)
    }
    refuseDuplicates(named.union(terms.policies.allowedDigests()))
    for (index, candidate) in candidates.enumerated() {
      guard let id = candidate.id else { continue }
      if let first = chosen[id], candidates[first].isAdmissible || !candidate.isAdmissible { continue }
      chosen[id] = index
    }
  }

  private mutating func search(_ directory: PluginDirectory, _ inspector: FileInspector, only name: String?) {
    let entries: [File.Entry]
    let opened: File
    do throws(SystemCallError) {
      opened = try File.open(directory.path, [.directory])
      if let problem = inspector.ownership.problem(of: try opened.status()) {
        problems.append(
          PluginDirectoryError(
            directory: directory,
            message: "The plugins directory \(printable(directory.path)) is \(problem.found), wanted \(problem.wanted): "
              + "whoever may write there decides what is loaded; \(problem.remedy).",
            exitCode: .pluginRefused))
        return
      }
      entries = try opened.entries()
    } catch {
      if error.errno == .noSuchFileOrDirectory && !directory.isExplicit { return }
      problems.append(Self.unusable(directory, error))
      return
    }
    let files = entries.filter { entry in
      entry.bytes.suffix(3) == [0x2e, 0x73, 0x6f] && name.map { Array($0.utf8) == entry.bytes } ?? true
    }
    candidates += Cores.map(files.count) { inspector.inspect(files[$0], in: opened, path: directory.path) }
  }

  private static func unusable(_ directory: PluginDirectory, _ error: SystemCallError) -> PluginDirectoryError {
    let reason =
      switch error.errno {
      case .noSuchFileOrDirectory: "there is no such directory"
      case .notDirectory: "it is a file, not a directory"
      case .permissionDenied: "it may not be read (permission denied)"
      default: "\(error.errno)"
      }
    let remedy = directory.isExplicit ? "Name another with --plugins." : "It was passed over."
    return PluginDirectoryError(
      directory: directory,
      message: "The plugins directory \(printable(directory.path)) cannot be used: \(reason). \(remedy)",
      exitCode: .badData)
  }

  /// Two files with one id: all refused, unless their bytes are the same, or the lock or a policy names one of them.
  private mutating func refuseDuplicates(_ named: Set<SHA256Digest>) {
    var byID: [PluginID: [Int]] = [:]
    for (index, candidate) in candidates.enumerated() {
      // A file that others may have put there must not stand in the way of one that they may not touch.
      if let id = candidate.id, !candidate.isRefusedAsFile { byID[id, default: []].append(index) }
    }
    for (id, indices) in byID where indices.count > 1 {
      let digests = indices.map { candidates[$0].contentsDigest }
      if digests.allSatisfy({ $0 != nil && $0 == digests[0] }) { continue }
      let reason = AdmissionReason.duplicateID(id, files: indices.map { candidates[$0].path })
      let chosen = Set(digests.compactMap { $0 }).intersection(named)
      for (index, digest) in zip(indices, digests) where chosen.count != 1 || digest != chosen.first {
        candidates[index].refusals.append(.admission(reason))
      }
    }
  }

  /// The file for an id: an admissible one if there is one. Copies with the same bytes count once.
  public func candidate(for id: PluginID) -> PluginCandidate? { chosen[id].map { candidates[$0] } }
}

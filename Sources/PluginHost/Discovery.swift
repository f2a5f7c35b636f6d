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
  /// The system's libraries as far as they were read.
  public let catalog = LibraryCatalog(machine: .host)

  /// - Parameters:
  ///   - hermetic: whether plugins that declare themselves incompatible are refused.
  ///   - largest: the most bytes a plugin may have.
  public init(
    _ directories: [PluginDirectory], hermetic: Bool, largest: UInt64 = 512 << 20,
    user: UInt32 = Processes.currentUser
  ) {
    let inspector = FileInspector(
      hermetic: hermetic, largest: largest, ownership: Ownership(user: user),
      catalog: catalog)
    var seen: Set<String> = []
    for directory in directories {
      // A directory that is named twice is looked at once.
      let key = (try? Path.resolved(directory.path)) ?? directory.path
      guard seen.insert(key).inserted else { continue }
      search(directory, inspector)
    }
    refuseDuplicates()
  }

  private mutating func search(_ directory: PluginDirectory, _ inspector: FileInspector) {
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
    for entry in entries where entry.bytes.suffix(3) == [0x2e, 0x73, 0x6f] {
      candidates.append(inspector.inspect(entry, in: opened, path: directory.path))
    }
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

  /// Two files with one id: all refused, unless their bytes are the same.
  private mutating func refuseDuplicates() {
    var byID: [PluginID: [Int]] = [:]
    for (index, candidate) in candidates.enumerated() {
      // A file that others may have put there must not stand in the way of one that they may not touch.
      if let id = candidate.id, !candidate.isRefusedAsFile { byID[id, default: []].append(index) }
    }
    for (id, indices) in byID where indices.count > 1 {
      let digests = indices.map { try? candidates[$0].file?.digest().digest }
      if digests.allSatisfy({ $0 != nil && $0 == digests[0] }) { continue }
      let reason = AdmissionReason.duplicateID(id, files: indices.map { candidates[$0].path })
      for index in indices { candidates[index].refusals.append(.admission(reason)) }
    }
  }

  /// The file for an id: an admissible one if there is one. Copies with the same bytes count once.
  public func candidate(for id: PluginID) -> PluginCandidate? {
    let all = candidates.filter { $0.id == id }
    return all.first(where: \.isAdmissible) ?? all.first
  }
}

/// Looks at one file.
struct FileInspector {
  let hermetic: Bool
  let largest: UInt64
  let ownership: Ownership
  let catalog: LibraryCatalog

  func inspect(_ entry: File.Entry, in directory: File, path: String) -> PluginCandidate {
    guard let name = entry.name else {
      let shown = String(decoding: entry.bytes, as: UTF8.self)
      let refusal = Refusal.file(
        found: "named in bytes that are not UTF-8", wanted: "a UTF-8 name", remedy: "rename it")
      return PluginCandidate(
        name: shown, path: "\(path)/\(shown)", target: nil, file: nil, plugin: nil, refusals: [refusal])
    }
    return inspect(path: "\(path)/\(name)", name: name, in: directory)
  }

  /// Opens once, in the directory that was checked, following a symbolic link; what is opened here is what may be loaded
  /// later.
  private func inspect(path: String, name: String, in directory: File) -> PluginCandidate {
    let target = (try? Path.linkTarget(path)).flatMap { _ in try? Path.resolved(path) }
    var refusals: [Refusal] = []
    var plugin: InspectedPlugin?
    var file: File?
    do {
      let opened = try directory.openEntry(name, [.read, .nonBlocking])
      file = opened
      let status = try opened.status()
      refusals = fileRefusals(status)
      // A file that is refused for its owner or mode is read all the same: who names its plugin should hear why.
      if status.kind == .regular, status.size <= largest {
        let inspected = try InspectedPlugin.inspect(opened)
        plugin = inspected
        let closure = catalog.closure(of: inspected.object)
        refusals += Admission.decide(inspected, hermetic: hermetic, closure: closure).reasons.map(Refusal.admission)
      }
    } catch let error as ELFError {
      refusals.append(.format(error))
    } catch let error as SystemCallError {
      refusals.append(unreadable(error, path: path))
    } catch {
      refusals.append(.file(found: "not readable (\(error))", wanted: "a readable file", remedy: "check it"))
    }
    return PluginCandidate(
      name: name, path: path, target: target, file: file, plugin: plugin, refusals: refusals)
  }

  private func unreadable(_ error: SystemCallError, path: String) -> Refusal {
    let target = try? Path.linkTarget(path)
    switch error.errno {
    case .noSuchFileOrDirectory where target != nil:
      return .file(
        found: "a link to \(target ?? ""), where there is nothing", wanted: "a link to a file",
        remedy: "mend or remove the link")
    case .tooManySymbolicLinkLevels:
      return .file(found: "a link that leads to itself", wanted: "a link to a file", remedy: "mend or remove the link")
    default:
      return .file(
        found: "not readable (\(error.errno))", wanted: "a file that may be read", remedy: "check its mode")
    }
  }

  private func fileRefusals(_ status: FileStatus) -> [Refusal] {
    guard status.kind == .regular else {
      return [.file(found: "a \(status.kind.rawValue)", wanted: "a regular file", remedy: "remove it")]
    }
    var refusals: [Refusal] = []
    if let problem = ownership.problem(of: status) {
      refusals.append(.file(found: problem.found, wanted: problem.wanted, remedy: problem.remedy))
    }
    if status.isOnNoexecMount {
      refusals.append(
        .file(
          found: "on a file system that is mounted noexec", wanted: "one that allows execution",
          remedy: "the administrator has forbidden code there; use another place"))
    }
    if status.size > largest {
      refusals.append(
        .file(
          found: "\(status.size) bytes long", wanted: "at most \(largest) (limits.plugin_bytes)",
          remedy: "raise the limit in the pipeline if the file is what it should be"))
    }
    return refusals
  }
}

import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// Looks at one file.
struct FileInspector {
  let terms: AdmissionTerms
  let largest: UInt64
  let ownership: Ownership
  let catalog: LibraryCatalog

  func inspect(_ entry: File.Entry, in directory: File, path: String) -> PluginCandidate {
    guard let name = entry.name else {
      let shown = String(decoding: entry.bytes, as: UTF8.self)
      let refusal = Refusal.file(
        found: "named in bytes that are not UTF-8", wanted: "a UTF-8 name", remedy: "rename it")
      return PluginCandidate(
        name: shown, path: "\(path)/\(shown)", target: nil, file: nil, plugin: nil, own: .none, closure: nil,
        signature: nil, decision: nil, refusals: [refusal], directory: directory, ownership: ownership)
    }
    return inspect(path: "\(path)/\(name)", name: name, in: directory)
  }

  /// Opens once, in the directory that was checked, following a symbolic link; what is opened here is what may be loaded
  /// later.
  private func inspect(path: String, name: String, in directory: File) -> PluginCandidate {
    let target = (try? Path.linkTarget(path)).flatMap { _ in try? Path.resolved(path) }
    var refusals: [Refusal] = []
    var look: PluginLook?
    var file: File?
    do {
      let opened = try directory.openEntry(name, [.read, .nonBlocking])
      file = opened
      let status = try opened.status()
      refusals = fileRefusals(opened, status)
      // A file that is refused for its owner or mode is read all the same: who names its plugin should hear why.
      if status.kind == .regular, status.size <= largest {
        let found = try PluginLook(
          opened, name: name, in: directory, ownership: ownership, largest: largest, terms: terms,
          catalog: catalog)
        look = found
        refusals += found.folderRefusals + (found.decision.reasons + found.conflicts).map(Refusal.admission)
      }
    } catch let error as ELFError {
      refusals.append(.format(error))
    } catch let error as SystemCallError {
      refusals.append(unreadable(error, path: path))
    } catch {
      refusals.append(.file(found: "not readable (\(error))", wanted: "a readable file", remedy: "check it"))
    }
    return PluginCandidate(
      name: name, path: path, target: target, file: file, plugin: look?.plugin, own: look?.own ?? .none,
      closure: look?.closure, signature: look?.signature, decision: look?.decision, refusals: refusals,
      directory: directory, ownership: ownership)
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

  private func fileRefusals(_ file: File, _ status: FileStatus) -> [Refusal] {
    guard status.kind == .regular else {
      return [.file(found: "a \(status.kind.rawValue)", wanted: "a regular file", remedy: "remove it")]
    }
    var refusals: [Refusal] = []
    if let problem = ownership.problem(of: status) {
      refusals.append(.file(found: problem.found, wanted: problem.wanted, remedy: problem.remedy))
    }
    if file.isOnNoexecMount {
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

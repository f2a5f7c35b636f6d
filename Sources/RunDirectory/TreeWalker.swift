import LinuxCalls
import OmphalosValues

/// Goes through all that lies below a directory, one entry after the other, with memory for one folder at a time. Never
/// follows a symbolic link.
struct TreeWalker {
  /// Something that was found.
  struct Found: Sendable {
    /// Relative to the directory that is walked.
    let path: String
    let status: FileStatus
  }

  let top: File
  private let limits: TreeWalk.Limits
  private(set) var problems: [TreeProblem] = []
  private var foundCount = 0
  private var folder: Folder
  /// Folders still to be entered. A list of our own, because a tree made by others may be deeper than our stack.
  private var pending: [String] = []

  private struct Folder {
    let directory: File
    let path: String
    let entries: [File.Entry]
    var position = 0

    init(_ directory: File, path: String) throws(SystemCallError) {
      self.directory = directory
      self.path = path
      entries = try directory.entries()
    }
  }

  /// - Throws: if `top` cannot be listed.
  init(top: File, limits: TreeWalk.Limits) throws(SystemCallError) {
    self.top = top
    self.limits = limits
    folder = try Folder(top, path: "")
  }

  /// Nil behind the last entry. The entries of a folder come together and in byte order of name; the folders do not.
  mutating func next() -> Found? {
    while true {
      while folder.position < folder.entries.count, foundCount < limits.entries {
        let entry = folder.entries[folder.position]
        folder.position += 1
        if let found = look(at: entry) { return found }
      }
      guard enterNextFolder() else { return nil }
    }
  }

  /// The problems so far, which are forgotten here.
  mutating func takeProblems() -> [TreeProblem] {
    defer { problems = [] }
    return problems
  }

  private mutating func look(at entry: File.Entry) -> Found? {
    let path = folder.path
    guard let name = entry.name else {
      let shown = escaped(entry.bytes)
      report(path.isEmpty ? shown : "\(path)/\(shown)", "has a name that is not UTF-8")
      return nil
    }
    let entryPath = path.isEmpty ? name : "\(path)/\(name)"
    do {
      let status = try folder.directory.status(of: name)
      if status.kind == .directory { pending.append(entryPath) }
      foundCount += 1
      return Found(path: entryPath, status: status)
    } catch {
      problems.append(TreeProblem(path: entryPath, notRead: error))
      return nil
    }
  }

  /// False where there is none left.
  private mutating func enterNextFolder() -> Bool {
    while let path = pending.popLast() {
      guard foundCount < limits.entries else {
        report(path, "lies beyond the limit of \(limits.entries) entries; the rest was not looked at")
        return false
      }
      guard path.utf8.count <= limits.pathBytes else {
        report(path, "has a path of \(path.utf8.count) bytes, more than \(limits.pathBytes); it was not entered")
        continue
      }
      do {
        folder = try Folder(top.openBeneath(path, [.directory, .noFollow], mode: 0), path: path)
        return true
      } catch {
        problems.append(TreeProblem(path: path, notRead: error))
      }
    }
    return false
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

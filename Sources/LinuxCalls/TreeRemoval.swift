import OmphalosValues

/// Removes a directory with all that lies in it. Never follows a symbolic link, so nothing outside is touched.
public enum TreeRemoval {
  /// - Parameter name: the directory's name in `parent`.
  public static func remove(_ name: String, in parent: File) throws(SystemCallError) {
    let top = try parent.openBeneath(name, [.directory, .noFollow], mode: 0)
    // Folders to empty, and behind each its name to remove once that is done.
    var steps: [Step] = [.empty("")]
    while let step = steps.popLast() {
      switch step {
      case .empty(let path):
        let directory = path.isEmpty ? top : try top.openBeneath(path, [.directory, .noFollow], mode: 0)
        if !path.isEmpty { steps.append(.remove(path)) }
        steps += try empty(directory, path: path).map(Step.empty)
      case .remove(let path):
        try removeFolder(path, in: top)
      }
    }
    try parent.removeDirectory(name)
  }

  private enum Step {
    case empty(String)
    case remove(String)
  }

  /// Removes what is no folder; the paths of the folders remain to be done.
  private static func empty(_ directory: File, path: String) throws(SystemCallError) -> [String] {
    if try directory.status().permissions & 0o700 != 0o700 { try directory.setPermissions(0o700) }
    var folders: [String] = []
    for entry in try directory.entries() {
      let name = if let text = entry.name { text } else { try newName(for: entry, in: directory) }
      let entryPath = path.isEmpty ? name : "\(path)/\(name)"
      if try directory.status(of: name).kind != .directory {
        try directory.removeFile(name)
      } else if entryPath.utf8.count < 4096 {
        folders.append(entryPath)
      } else {
        throw SystemCallError(call: "unlinkat", subject: directory.name, errno: .fileNameTooLong)
      }
    }
    return folders
  }

  /// Names that are not UTF-8 have no text; what bears one is renamed first.
  private static func newName(for entry: File.Entry, in directory: File) throws(SystemCallError) -> String {
    let name = "not-utf8-" + SystemRandom.hexDigits(bytes: 8)
    try directory.rename(entry, to: name)
    return name
  }

  private static func removeFolder(_ path: String, in top: File) throws(SystemCallError) {
    guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return try top.removeDirectory(path) }
    let parent = try top.openBeneath(String(path[..<slash]), [.directory, .noFollow], mode: 0)
    try parent.removeDirectory(String(path[path.utf8.index(after: slash)...]))
  }
}

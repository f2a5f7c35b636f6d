/// Opening a file that somebody named, where only a regular file will do.
extension File {
  /// Opens without waiting for the other end of a fifo; whatever is no regular file is an error (`EINVAL`).
  public static func openRegular(_ path: String) throws(SystemCallError) -> (file: File, status: FileStatus) {
    let file = try File.open(path, [.read, .nonBlocking])
    let status = try file.status()
    guard status.kind == .regular else {
      throw SystemCallError(call: "open", subject: "a \(status.kind.rawValue)", errno: .invalidArgument)
    }
    return (file, status)
  }
}

extension SystemCallError {
  /// Why `File.openRegular` cannot give a file, in words for whoever named it; nil for the rarer reasons.
  public var whyNotOpened: String? {
    switch errno {
    case .noSuchFileOrDirectory: "there is no such file"
    case .permissionDenied: "it may not be read (permission denied)"
    case .invalidArgument: "found \(subject), wanted a regular file"
    default: nil
    }
  }
}

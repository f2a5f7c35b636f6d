import CLinux
import Glibc
import SystemPackage

/// Calls on the entries of an open directory. No name may contain a NUL byte; names on Linux are bytes.
extension File {
  public struct Entry: Sendable, Hashable {
    public let bytes: [UInt8]
    /// Nil where the name is not UTF-8.
    public var name: String? { String(validating: bytes, as: UTF8.self) }
  }

  /// All entries but `.` and `..`, sorted by their bytes.
  public func entries() throws(SystemCallError) -> [Entry] {
    // A descriptor of its own, because closedir closes it and readdir moves its offset.
    let fd = try check("openat", name) { unsafe clinux_openat(descriptor, ".", O_RDONLY | O_DIRECTORY, 0) }
    guard let stream = unsafe fdopendir(fd) else {
      let errno = currentErrno()
      close(fd)
      throw SystemCallError(call: "fdopendir", subject: name, errno: errno)
    }
    defer { unsafe closedir(stream) }
    var entries: [Entry] = []
    while let entry = unsafe readdir(stream) {
      let bytes = unsafe withUnsafeBytes(of: &entry.pointee.d_name) { unsafe Array($0.prefix { $0 != 0 }) }
      if bytes == [0x2e] || bytes == [0x2e, 0x2e] { continue }
      entries.append(Entry(bytes: bytes))
    }
    return entries.sorted { $0.bytes.lexicographicallyPrecedes($1.bytes) }
  }

  /// Of an entry itself, not of what a symbolic link points to.
  public func status(of entry: String) throws(SystemCallError) -> FileStatus {
    try checkPath(entry, "fstatat")
    var raw = clinux_status()
    try check("fstatat", "\(name)/\(entry)") { unsafe clinux_lstat_at(descriptor, entry, &raw) }
    return FileStatus(raw)
  }

  public func makeDirectory(_ entry: String, mode: UInt32 = 0o755) throws(SystemCallError) {
    try checkPath(entry, "mkdirat")
    try check("mkdirat", "\(name)/\(entry)") { unsafe mkdirat(descriptor, entry, mode) }
  }

  /// As `makeDirectory`, and fine where there is something of that name already.
  public func makeDirectoryIfMissing(_ entry: String, mode: UInt32 = 0o755) throws(SystemCallError) {
    do throws(SystemCallError) {
      try makeDirectory(entry, mode: mode)
    } catch {
      guard error.errno == .fileExists else { throw error }
    }
  }

  /// Gives an unnamed file its name in this directory; fails where the name is taken.
  public func link(_ unnamed: File, as entry: String) throws(SystemCallError) {
    try checkPath(entry, "linkat")
    try check("linkat", "\(name)/\(entry)") {
      unsafe clinux_link_unnamed(unnamed.descriptor, descriptor, entry)
    }
  }

  public func renameWithoutReplacing(_ from: String, to: String) throws(SystemCallError) {
    try checkPath(from, "renameat2")
    try checkPath(to, "renameat2")
    try check("renameat2", "\(name)/\(to)") {
      unsafe clinux_rename_no_replace(descriptor, from, descriptor, to)
    }
  }

  /// Moves an entry of this directory into another one of the same file system; fails where the name is taken. Where the
  /// file system knows no such rename, a second name and the removal of the first do the same.
  public func move(_ entry: String, to directory: File, as name: String) throws(SystemCallError) {
    try checkPath(entry, "renameat2")
    try checkPath(name, "renameat2")
    let target = "\(directory.name)/\(name)"
    do throws(SystemCallError) {
      try check("renameat2", target) {
        unsafe clinux_rename_no_replace(descriptor, entry, directory.descriptor, name)
      }
    } catch {
      guard error.errno == .invalidArgument || error.errno == .noFunction else { throw error }
      try check("linkat", target) { unsafe linkat(descriptor, entry, directory.descriptor, name, 0) }
      try removeFile(entry)
    }
  }

  public func rename(_ from: String, replacing to: String) throws(SystemCallError) {
    try checkPath(from, "renameat")
    try checkPath(to, "renameat")
    try check("renameat", "\(name)/\(to)") { unsafe renameat(descriptor, from, descriptor, to) }
  }

  /// Gives an entry whose name may be any bytes a name that is free.
  public func rename(_ entry: Entry, to: String) throws(SystemCallError) {
    try checkPath(to, "renameat2")
    let from = entry.bytes.map { CChar(bitPattern: $0) } + [0]
    try check("renameat2", "\(name)/\(to)") {
      unsafe from.withUnsafeBufferPointer { from in
        unsafe clinux_rename_no_replace(descriptor, from.baseAddress!, descriptor, to)
      }
    }
  }

  public func removeFile(_ entry: String) throws(SystemCallError) {
    try checkPath(entry, "unlinkat")
    try check("unlinkat", "\(name)/\(entry)") { unsafe unlinkat(descriptor, entry, 0) }
  }

  public func removeDirectory(_ entry: String) throws(SystemCallError) {
    try checkPath(entry, "unlinkat")
    try check("unlinkat", "\(name)/\(entry)") { unsafe unlinkat(descriptor, entry, AT_REMOVEDIR) }
  }
}

/// Calls on paths relative to the working directory.
public enum Path {
  /// `mkdir -p`: existing directories are fine.
  public static func makeDirectories(_ path: String, mode: UInt32 = 0o755) throws(SystemCallError) {
    try checkPath(path, "mkdir")
    var current = path.hasPrefix("/") ? "/" : ""
    for part in path.split(separator: "/") {
      current += current.isEmpty || current == "/" ? String(part) : "/" + part
      if unsafe mkdir(current, mode) < 0, currentErrno() != .fileExists {
        throw SystemCallError(call: "mkdir", subject: current, errno: currentErrno())
      }
    }
  }

  /// The path without symbolic links, `.` and `..`. `realpath(3)`.
  public static func resolved(_ path: String) throws(SystemCallError) -> String {
    try checkPath(path, "realpath")
    guard let text = unsafe realpath(path, nil) else {
      throw SystemCallError(call: "realpath", subject: path, errno: currentErrno())
    }
    defer { unsafe free(text) }
    return unsafe String(cString: text)
  }

  /// What a symbolic link says. `readlink(2)`.
  public static func linkTarget(_ path: String) throws(SystemCallError) -> String {
    try checkPath(path, "readlink")
    var failure: Errno?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: 4096) { buffer, filled in
      let count = unsafe readlink(path, buffer.baseAddress!, 4096)
      if count < 0 { failure = currentErrno() }
      filled = max(0, count)
    }
    if let failure { throw SystemCallError(call: "readlink", subject: path, errno: failure) }
    return String(decoding: bytes, as: UTF8.self)
  }
}

import CLinux
import Glibc
import OmphalosValues
import SystemPackage

/// An open file or directory. Owns its descriptor and closes it when the last reference goes.
///
/// All calls are safe from any thread; `write` appends at the descriptor's own offset, so one thread at a time.
public final class File: Sendable {
  public let descriptor: Int32
  /// For messages: the path it was opened by, or words.
  public let name: String

  private let closes: Bool

  /// Takes ownership of `descriptor`.
  public convenience init(owning descriptor: Int32, name: String) {
    self.init(owning: descriptor, name: name, closes: true)
  }

  init(owning descriptor: Int32, name: String, closes: Bool) {
    self.descriptor = descriptor
    self.name = name
    self.closes = closes
  }

  deinit { if closes { _ = close(descriptor) } }

  public struct Flags: OptionSet, Sendable {
    public let rawValue: Int32
    public init(rawValue: Int32) { self.rawValue = rawValue }
    public static let read = Flags(rawValue: O_RDONLY)
    public static let readWrite = Flags(rawValue: O_RDWR)
    public static let append = Flags(rawValue: O_WRONLY | O_APPEND)
    /// Reads anywhere; writes go to the end, wherever that is by then.
    public static let readAppend = Flags(rawValue: O_RDWR | O_APPEND)
    /// Creates the file and fails if anything is there.
    public static let createNew = Flags(rawValue: O_RDWR | O_CREAT | O_EXCL)
    public static let directory = Flags(rawValue: O_RDONLY | O_DIRECTORY)
    public static let noFollow = Flags(rawValue: O_NOFOLLOW)
    /// Opening a fifo or a device must not block or have effects.
    public static let nonBlocking = Flags(rawValue: O_NONBLOCK)
  }

  /// Opens `path` relative to the working directory. `openat(2)`.
  public static func open(
    _ path: String, _ flags: Flags = .read, mode: UInt32 = 0o644
  ) throws(SystemCallError) -> File {
    try checkPath(path, "openat")
    let fd = try check("openat", path) { unsafe clinux_openat(AT_FDCWD, path, flags.rawValue, mode) }
    return File(owning: fd, name: path)
  }

  /// Opens an entry of this directory, following a symbolic link. `openat(2)`.
  public func openEntry(_ entry: String, _ flags: Flags = .read) throws(SystemCallError) -> File {
    try checkPath(entry, "openat")
    let fd = try check("openat", "\(name)/\(entry)") { unsafe clinux_openat(descriptor, entry, flags.rawValue, 0) }
    return File(owning: fd, name: "\(name)/\(entry)")
  }

  /// Opens `path` below this directory: no symlink on the way, no leaving. `openat2(2)`.
  public func openBeneath(
    _ path: String, _ flags: Flags = .read, mode: UInt32 = 0o644
  ) throws(SystemCallError) -> File {
    try checkPath(path, "openat2")
    let fd = try check("openat2", "\(name)/\(path)") {
      unsafe clinux_open_beneath(descriptor, path, flags.rawValue, mode)
    }
    return File(owning: fd, name: "\(name)/\(path)")
  }

  /// A file without a name in this directory's file system. `O_TMPFILE`.
  public func openUnnamed(mode: UInt32 = 0o644) throws(SystemCallError) -> File {
    let fd = try check("openat", "an unnamed file in \(name)") { clinux_open_unnamed(descriptor, mode) }
    return File(owning: fd, name: "an unnamed file in \(name)")
  }

  public func status() throws(SystemCallError) -> FileStatus {
    var raw = clinux_status()
    try check("fstat", name) { unsafe clinux_fstat(descriptor, &raw) }
    return FileStatus(raw)
  }

  /// The mount forbids execution. `statvfs(3)`.
  public var isOnNoexecMount: Bool { clinux_is_on_noexec_mount(descriptor) != 0 }

  /// Reads at most `count` bytes at `offset`; fewer only at the end. `pread(2)`.
  public func read(at offset: UInt64, count: Int) throws(SystemCallError) -> [UInt8] {
    var failure: SystemCallError?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      do throws(SystemCallError) {
        while filled < count {
          let got = try check("pread", name) {
            unsafe pread(
              descriptor, buffer.baseAddress! + filled, count - filled, off_t(offset) + off_t(filled))
          }
          if got == 0 { break }
          filled += got
        }
      } catch { failure = error }
    }
    if let failure { throw failure }
    return bytes
  }

  /// Reads at `offset` into memory of the caller, which holds initialized bytes; returns how many.
  public func read(at offset: UInt64, into span: inout MutableRawSpan) throws(SystemCallError) -> Int {
    let capacity = span.byteCount
    return try unsafe span.withUnsafeMutableBytes { buffer throws(SystemCallError) in
      guard let base = buffer.baseAddress else { return 0 }
      return try check("pread", name) { unsafe pread(descriptor, base, capacity, off_t(offset)) }
    }
  }

  /// Reads what is there from the descriptor's own offset, at most `count` bytes; nil when nothing is there yet
  /// (a non-blocking descriptor), empty at the end. `read(2)`.
  public func readAvailable(count: Int) throws(SystemCallError) -> [UInt8]? {
    var result = 0
    var failure: Errno?
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      repeat {
        result = unsafe Glibc.read(descriptor, buffer.baseAddress!, count)
      } while result < 0 && currentErrno() == .interrupted
      if result < 0 { failure = currentErrno() }
      filled = max(0, result)
    }
    if failure == .wouldBlock || failure == .resourceTemporarilyUnavailable { return nil }
    if let failure { throw SystemCallError(call: "read", subject: name, errno: failure) }
    return bytes
  }

  /// The whole file, at most `limit` bytes; more is an error.
  public func readAll(limit: Int) throws(SystemCallError) -> [UInt8] {
    let size = try status().size
    guard size <= UInt64(limit) else {
      throw SystemCallError(call: "read", subject: name, errno: .fileTooLarge)
    }
    let bytes = try read(at: 0, count: max(Int(size), 4096) + 1)
    guard bytes.count <= limit else {
      throw SystemCallError(call: "read", subject: name, errno: .fileTooLarge)
    }
    return bytes
  }

  /// Writes all of `bytes` at the descriptor's own offset.
  public func write(_ bytes: [UInt8]) throws(SystemCallError) { try unsafe write(bytes.span.bytes) }

  public func write(_ bytes: RawSpan) throws(SystemCallError) {
    try unsafe bytes.withUnsafeBytes { buffer throws(SystemCallError) in
      var done = 0
      while done < buffer.count {
        done += try check("write", name) {
          unsafe Glibc.write(descriptor, buffer.baseAddress! + done, buffer.count - done)
        }
      }
    }
  }

  /// Appends the bytes of another file from its start to its end; `EFBIG` where there are more than `limit`.
  public func append(_ source: File, limit: UInt64) throws(SystemCallError) {
    var offset: UInt64 = 0
    while true {
      let bytes = try source.read(at: offset, count: Self.pieceBytes)
      offset += UInt64(bytes.count)
      guard offset <= limit else {
        throw SystemCallError(call: "copy", subject: source.name, errno: .fileTooLarge)
      }
      try write(bytes)
      if bytes.count < Self.pieceBytes { return }
    }
  }

  public func setPermissions(_ mode: UInt32) throws(SystemCallError) {
    try check("fchmod", name) { fchmod(descriptor, mode) }
  }

  public func truncate(to size: Int) throws(SystemCallError) {
    try check("ftruncate", name) { ftruncate(descriptor, off_t(size)) }
  }

  /// `fsync(2)`: this file's data and metadata reach the disk.
  public func synchronize() throws(SystemCallError) { try check("fsync", name) { fsync(descriptor) } }

  /// `syncfs(2)`: all that was written to the file system of this file reaches the disk.
  public func synchronizeFileSystem() throws(SystemCallError) {
    try check("syncfs", name) { clinux_syncfs(descriptor) }
  }

  /// A second descriptor of the same open file, at `least` or above, closed on exec.
  public func duplicate(above least: Int32) throws(SystemCallError) -> File {
    let fd = try check("fcntl", name) { clinux_duplicate_above(descriptor, least) }
    return File(owning: fd, name: name)
  }
}

extension File: ByteSource {
  public var byteCount: Int { (try? status()).map { Int(clamping: $0.size) } ?? 0 }

  public func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    let bytes = try read(at: UInt64(max(0, offset)), count: count)
    guard bytes.count == count else {
      throw SystemCallError(call: "pread", subject: "\(name) ended before its size", errno: .ioError)
    }
    return bytes
  }
}

extension RawSpan {
  /// A copy of some of the bytes.
  public func copy(_ range: Range<Int>) -> [UInt8] {
    // The range is checked by `extracting`, and the copy ends before the span does.
    unsafe extracting(range).withUnsafeBytes { unsafe Array($0) }
  }
}

extension File {
  /// A descriptor of this file for somebody else, who closes it. Not inherited by children.
  public func releaseDescriptor() throws(SystemCallError) -> Int32 {
    try check("fcntl", name) { clinux_duplicate_above(descriptor, 3) }
  }
}

extension File {
  /// Whether some process, this one included, has the file open for writing or mapped so. False where the file system
  /// gives no leases; overlayfs gives them in any case. Nobody can open it for writing before this is closed.
  ///
  /// A process that is just starting another one may hold a descriptor a moment longer than it knows: asks for 50 ms.
  /// From here on this process ignores SIGIO. Source: fcntl(2), "Leases".
  public func isOpenForWriting() -> Bool {
    for attempt in 0..<50 {
      if attempt > 0 { Pause.milliseconds(1) }
      guard clinux_read_lease(descriptor) < 0, currentErrno() == .resourceTemporarilyUnavailable else { return false }
    }
    return true
  }
}

extension File {
  /// A descriptor that stays its owner's, such as standard output: never closed here.
  public convenience init(borrowing descriptor: Int32, name: String) {
    self.init(owning: descriptor, name: name, closes: false)
  }
}

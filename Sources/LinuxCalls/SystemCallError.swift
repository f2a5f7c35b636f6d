import CLinux
import OmphalosValues
import SystemPackage

/// A system call that failed: which call, on what, and why.
public struct SystemCallError: Error, Sendable, Diagnosable, Hashable {
  /// The C function, for instance `openat`.
  public let call: String
  /// What it was called on: a path, or words such as "the lock of runs/.x.partial".
  public let subject: String
  public let errno: Errno

  public init(call: String, subject: String, errno: Errno) {
    self.call = call
    self.subject = subject
    self.errno = errno
  }

  public var message: String {
    "\(subject): \(plainWords.map { "\($0): " } ?? "")\(errno) (\(call))"
  }

  /// Why it failed, as the end of a sentence, with the system's own words.
  public var cause: String { plainWords.map { "\($0) (\(errno))" } ?? "\(errno)" }

  /// What the system's words mean for who reads them, where that is not plain.
  private var plainWords: String? {
    switch errno {
    case .noSpace: "the disk is full"
    case Self.quotaExceeded: "a quota of the file system is used up"
    case .fileTooLarge: "a limit on the size of files is reached"
    case .ioError: "the disk, or the way to it, is broken"
    case .readOnlyFileSystem: "the file system may not be written"
    default: nil
    }
  }

  private static let quotaExceeded = Errno(rawValue: 122 /* EDQUOT */)

  public var description: String { message }
  public var exitCode: ExitCode { .storeFailed }

  /// True where the disk, a quota or a size limit is what stopped the call.
  public var isOutOfSpace: Bool {
    errno == .noSpace || errno == Self.quotaExceeded || errno == .fileTooLarge
  }
}

extension SystemCallError {
  /// From opening an unnamed file: the file system has none. NFS and FUSE say the first, old kernels the second.
  public var meansNoUnnamedFiles: Bool { errno == .notSupportedOnSocket || errno == .isDirectory }
}

extension SystemCallError {
  /// The disk or the system failed: nothing that somebody did to the file explains it.
  public var isFailureOfSystem: Bool {
    isOutOfSpace || isOutOfDescriptors || [.ioError, .staleNFSFileHandle, .noMemory].contains(errno)
  }

  /// True where the process, or the whole system, has as many descriptors open as it may.
  public var isOutOfDescriptors: Bool { errno == .tooManyOpenFiles || errno == .tooManyOpenFilesInSystem }
}

/// Calls `body` until it is not interrupted, and throws if it returns a negative number.
@discardableResult
func check<Result: SignedInteger>(
  _ call: String, _ subject: @autoclosure () -> String, _ body: () -> Result
) throws(SystemCallError) -> Result {
  while true {
    let result = body()
    if result >= 0 { return result }
    let errno = currentErrno()
    if errno == .interrupted { continue }
    throw SystemCallError(call: call, subject: subject(), errno: errno)
  }
}

/// Refuses a path that C would cut at a NUL byte.
func checkPath(_ path: String, _ call: String) throws(SystemCallError) {
  if path.utf8.contains(0) {
    throw SystemCallError(call: call, subject: path.debugDescription, errno: .invalidArgument)
  }
}

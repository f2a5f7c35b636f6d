import LinuxCalls
import OmphalosValues

/// A folder of mode 0700 for copies of plugins. Removed with the last reference.
public final class PrivateFolder: Sendable {
  public let path: String
  private let passing: PassingDirectory
  private var directory: File { passing.directory }

  /// - Parameter place: an absolute path on a file system that allows execution.
  public init(in place: String) throws(PrivateFolderError) {
    do throws(SystemCallError) {
      guard try !File.open(place, .directory).isOnNoexecMount else {
        throw SystemCallError(call: "statvfs", subject: place, errno: .permissionDenied)
      }
      passing = try PassingDirectory(in: place, prefix: "omphalos-plugins-", remove: Self.remove)
    } catch {
      throw PrivateFolderError(place: place, isNoexec: error.call == "statvfs", cause: "\(error.errno)")
    }
    path = "\(place)/\(passing.name)"
  }

  deinit { Self.remove(passing.name, passing.parent) }

  /// As far as it goes: a plugin may have put things there, which are no reason to fail.
  private static func remove(_ name: String, _ parent: File) { try? TreeRemoval.remove(name, in: parent) }

  /// A readable, not writable copy.
  func copy(_ source: File, to path: String, limit: UInt64) throws(SystemCallError) -> File {
    var folder = ""
    for part in path.split(separator: "/").dropLast() {
      folder += folder.isEmpty ? String(part) : "/" + part
      try directory.makeDirectoryIfMissing(folder, mode: 0o700)
    }
    let copy = try directory.openBeneath(path, .createNew, mode: 0o400)
    try copy.append(source, limit: limit)
    // Opened again without the right to write, so that nothing of ours can.
    return try directory.openBeneath(path, [.read, .noFollow], mode: 0)
  }
}

/// A place that cannot take copies of plugins.
public struct PrivateFolderError: Error, Diagnosable, Sendable {
  let place: String
  let isNoexec: Bool
  let cause: String

  public var message: String {
    let why = isNoexec ? "it is on a file system that is mounted noexec, from which nothing can be loaded" : cause
    return "Copies of plugins (--load-mode path) cannot be put into \(printable(place)): \(why). Set TMPDIR to a directory "
      + "that you may write and that allows execution."
  }
  public var exitCode: ExitCode { .storeFailed }
}

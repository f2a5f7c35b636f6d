import CLinux

/// A directory of this process among temporary files, under a name that nobody else has.
///
/// It is locked (`flock(2)`) for as long as this value or a copy of it lives, so that what a killed process left behind
/// can be told from what is in use. Children must not inherit its descriptor: they would keep the lock.
public struct PassingDirectory: Sendable {
  public let parent: File
  public let name: String
  public let directory: File
  private static let digits = 16
  private static let attempts = 16

  /// Makes one below `place`, and removes those of this user and `prefix` that nobody uses any more.
  ///
  /// - Parameters:
  ///   - prefix: what the name begins with; random digits follow.
  ///   - remove: removes a directory of that name with all that is in it; what cannot be removed stays.
  public init(in place: String, prefix: String, remove: (String, File) -> Void) throws(SystemCallError) {
    parent = try File.open(place, .directory)
    Self.removeAbandoned(in: parent, prefix, remove)
    (name, directory) = try Self.make(in: parent, prefix)
  }

  private static func make(in parent: File, _ prefix: String) throws(SystemCallError) -> (String, File) {
    var last = SystemCallError(call: "mkdirat", subject: parent.name, errno: .fileExists)
    for _ in 0..<attempts {
      let name = prefix + SystemRandom.hexDigits(bytes: digits / 2)
      try parent.makeDirectory(name, mode: 0o700)
      do throws(SystemCallError) {
        let directory = try parent.openBeneath(name, [.directory, .noFollow], mode: 0)
        if try directory.tryLockDescription(), try parent.status(of: name).isSameFile(as: directory.status()) {
          return (name, directory)
        }
      } catch {
        // Another process may have taken it for abandoned before it was locked.
        guard error.errno == .noSuchFileOrDirectory else {
          try? parent.removeDirectory(name)
          throw error
        }
        last = error
      }
    }
    throw last
  }

  /// The lock is held while a directory is removed: nobody else removes it, and nobody can begin to use it.
  private static func removeAbandoned(in parent: File, _ prefix: String, _ remove: (String, File) -> Void) {
    let user = Processes.currentUser
    for name in ((try? parent.entries()) ?? []).compactMap(\.name) where isOurs(name, prefix) {
      guard let status = try? parent.status(of: name), status.kind == .directory, status.owner == user,
        let directory = try? parent.openBeneath(name, [.directory, .noFollow], mode: 0),
        (try? directory.tryLockDescription()) == true
      else { continue }
      remove(name, parent)
    }
  }

  private static func isOurs(_ name: String, _ prefix: String) -> Bool {
    guard name.hasPrefix(prefix), name.utf8.count == prefix.utf8.count + digits else { return false }
    return name.utf8.dropFirst(prefix.utf8.count).allSatisfy { (0x30...0x39).contains($0) || (0x61...0x66).contains($0) }
  }
}

extension File {
  /// A lock that belongs to the open file description and goes with its last descriptor; works on directories. False if
  /// somebody else holds it. `flock(2)`.
  public func tryLockDescription() throws(SystemCallError) -> Bool {
    if clinux_lock_description(descriptor) == 0 { return true }
    let errno = currentErrno()
    if errno == .wouldBlock || errno == .resourceTemporarilyUnavailable { return false }
    throw SystemCallError(call: "flock", subject: name, errno: errno)
  }
}

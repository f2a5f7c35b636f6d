import LinuxCalls

/// Who makes a partial run, as another process learns it. Never asked by the process that holds the lock: opening and
/// closing the file would drop it.
enum RunLock {
  enum Holder: Equatable {
    /// The pid is nil where it belongs to another pid namespace.
    case held(pid: Int32?)
    case free
    /// There is no lock file, or something else in its place.
    case missing
  }

  static func holder(in directory: File) throws(SystemCallError) -> Holder {
    let file: File
    do {
      // By kind first: opening a device may have effects.
      guard try directory.status(of: PartialRun.lockName).kind == .regular else { return .missing }
      file = try directory.openBeneath(PartialRun.lockName, [.read, .noFollow, .nonBlocking], mode: 0)
    } catch {
      if error.errno == .noSuchFileOrDirectory { return .missing }
      throw error
    }
    guard let pid = try file.lockHolder() else { return .free }
    return .held(pid: pid > 0 ? pid : nil)
  }
}

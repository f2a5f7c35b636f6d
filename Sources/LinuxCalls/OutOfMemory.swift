/// How many processes the kernel has ended for want of memory. It leaves no other trace at a process that it ended
/// than SIGKILL.
public struct OutOfMemory: Sendable, Hashable {
  /// In the control group of the calling process; nil where that cannot be known.
  public let inGroup: UInt64?
  /// In the whole system since it started; nil where the kernel does not count.
  public let inSystem: UInt64?

  public static func current() -> OutOfMemory {
    OutOfMemory(inGroup: groupFiles().lazy.compactMap(count).first, inSystem: count("/proc/vmstat"))
  }

  public init(inGroup: UInt64?, inSystem: UInt64?) {
    self.inGroup = inGroup
    self.inSystem = inSystem
  }

  /// Files that may hold the count of this process's group, in both versions of control groups. `cgroups(7)`: lines of
  /// /proc/self/cgroup are "number:controllers:path".
  private static func groupFiles() -> [String] {
    lines(of: "/proc/self/cgroup").compactMap { line in
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3 else { return nil }
      if parts[1].isEmpty { return "/sys/fs/cgroup\(parts[2])/memory.events" }
      return parts[1].split(separator: ",").contains("memory")
        ? "/sys/fs/cgroup/memory\(parts[2])/memory.oom_control" : nil
    }
  }

  /// The number in the line "oom_kill N".
  private static func count(_ path: String) -> UInt64? {
    lines(of: path).lazy.compactMap { line -> UInt64? in
      let words = line.split(separator: " ")
      return words.count == 2 && words[0] == "oom_kill" ? UInt64(words[1]) : nil
    }.first
  }

  private static func lines(of path: String) -> [Substring] {
    guard let file = try? File.open(path), let bytes = try? file.read(at: 0, count: 1 << 16) else { return [] }
    return String(decoding: bytes, as: UTF8.self).split(separator: "\n")
  }
}

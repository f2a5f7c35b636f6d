import Foundation

/// A control group that bounds memory, for programs that a test starts. Removed with this value.
public final class MemoryGroup {
  public let path: String

  /// Nil where this process may make none.
  public init?(bytes: Int) {
    let groups = (try? String(contentsOfFile: "/proc/self/cgroup", encoding: .utf8)) ?? ""
    for line in groups.split(separator: "\n") {
      let parts = line.split(separator: ":", maxSplits: 2, omittingEmptySubsequences: false)
      guard parts.count == 3, parts[1].isEmpty || parts[1].split(separator: ",").contains("memory") else { continue }
      let isSecondVersion = parts[1].isEmpty
      let folder = (isSecondVersion ? "/sys/fs/cgroup" : "/sys/fs/cgroup/memory") + parts[2]
      let path = (folder as NSString).appendingPathComponent("omphalos-test-\(getpid())-\(UInt32.random(in: 0...UInt32.max))")
      guard (try? FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: false)) != nil else { continue }
      let isBounded =
        isSecondVersion
        ? Self.write(bytes, path + "/memory.max") && Self.write(0, path + "/memory.swap.max")
        : Self.write(bytes, path + "/memory.limit_in_bytes")
          && (!FileManager.default.fileExists(atPath: path + "/memory.memsw.limit_in_bytes")
            || Self.write(bytes, path + "/memory.memsw.limit_in_bytes"))
      if isBounded {
        self.path = path
        return
      }
      rmdir(path)
    }
    return nil
  }

  deinit {
    // Its last processes may still be on their way out.
    for _ in 0..<100 where rmdir(path) != 0 { usleep(10_000) }
  }

  /// The command, started within the group.
  public func command(_ arguments: [String]) -> [String] {
    ["sh", "-c", "echo $$ > \(path)/cgroup.procs && exec \"$@\"", "sh"] + arguments
  }

  /// The files of control groups are written by one call, and never truncated.
  private static func write(_ number: Int, _ path: String) -> Bool {
    let file = open(path, O_WRONLY)
    guard file >= 0 else { return false }
    defer { close(file) }
    let text = Array("\(number)".utf8)
    return Glibc.write(file, text, text.count) == text.count
  }
}

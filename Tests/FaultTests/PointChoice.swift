/// Chooses the calls of a run at which to strike.
struct PointChoice {
  private let calls: [Call]
  /// From the first artifact's name to the run's.
  private let window: Range<Int>
  private let worker: Range<Int>

  /// Nil where the recording has no link or no rename.
  init?(_ calls: [Call]) {
    guard let link = calls.firstIndex(where: { $0.name == "linkat" && $0.role == .worker }),
      let rename = calls.lastIndex(where: { $0.name == "renameat2" && $0.role == .supervisor }),
      let first = calls.firstIndex(where: { $0.role == .worker }), let last = calls.lastIndex(where: { $0.role == .worker })
    else { return nil }
    self.calls = calls
    window = link + 1..<rename + 1
    worker = first..<last + 1
  }

  /// Points for SIGKILL, to one process, the other, or both.
  ///
  /// - Parameters:
  ///   - inWindow: how many between the first link and the rename.
  ///   - anywhere: how many more over the whole run.
  func kills(inWindow: Int, anywhere: Int) -> [Point] {
    var chosen: [Int: Call] = [:]
    // What changes the run directory, of which there is little among all that is only read.
    let weighty: Set = ["linkat", "renameat2", "renameat", "unlinkat", "mkdirat", "syncfs", "fsync"]
    for call in calls where weighty.contains(call.name) { chosen[call.index] = call }
    for call in firstOfEachKind + evenly(inWindow, of: withoutRepeats(window)) + evenly(anywhere, of: withoutRepeats(calls.indices)) {
      chosen[call.index] = call
    }
    return chosen.values.sorted { $0.index < $1.index }.enumerated().map { kill(at: $1, $0) }
  }

  private func kill(at call: Call, _ number: Int) -> Point {
    // A call that ends the process, or replaces the program, has no end that could be waited for.
    let hasEnd = !["exit", "exit_group", "execve"].contains(call.name)
    let targets: [[Role]] = worker.contains(call.index) ? [[.supervisor], [.worker], [.supervisor, .worker]] : [[.supervisor]]
    return Point(
      call: call, isAfter: hasEnd && number / 3 % 2 == 1, action: .kill(targets[number % targets.count]))
  }

  private var firstOfEachKind: [Call] { calls.filter { $0.nth == 1 && $0.role != .descendant } }

  /// A row of equal calls counts once.
  private func withoutRepeats(_ range: Range<Int>) -> [Call] {
    range.compactMap { index in
      let call = calls[index]
      let isRepeat = index > range.lowerBound && calls[index - 1].number == call.number && calls[index - 1].role == call.role
      return isRepeat ? nil : call
    }
  }

  private func evenly(_ count: Int, of calls: [Call]) -> [Call] {
    calls.isEmpty ? [] : (0..<count).map { calls[$0 * calls.count / count] }
  }

  /// All calls that write to, or change or open something in, the rig's run root: each with one error, the first of its
  /// kind with all of them.
  func failures(_ errors: [Int32], in rig: Rig) -> [Point] {
    let changing: Set = [
      "write", "pwrite64", "writev", "copy_file_range", "sendfile", "linkat", "renameat2", "renameat", "fsync", "syncfs",
      "fdatasync", "ftruncate", "fchmod", "mkdirat", "openat", "openat2", "mkdir", "unlinkat", "fallocate",
    ]
    let wanted = calls.filter { changing.contains($0.name) && ($0.path.hasPrefix(rig.root) || $0.path == "runs") }
    var seen: Set<String> = []
    return wanted.enumerated().flatMap { number, call -> [Point] in
      let isFirst = seen.insert("\(call.role) \(call.name)").inserted
      let chosen = isFirst ? errors : [errors[number % errors.count]]
      return chosen.map { Point(call: call, isAfter: false, action: .fail($0)) }
    }
  }
}

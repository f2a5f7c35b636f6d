import LinuxCalls

/// What is left of the worker's process tree once the worker has ended. As child subreaper we inherit all of it.
struct Descendants {
  /// Children from before the worker: a shell that was replaced by this program may have had some.
  private let others = Set(Processes.children() ?? [])

  struct Outcome {
    /// Those that were still running, as "pid (name)".
    var running: [String] = []
    /// Those that are running in spite of SIGKILL.
    var surviving: [String] = []
  }

  /// Kills and reaps the worker, which has ended, and every descendant.
  func end(worker: Int32) -> Outcome {
    // Names first: a process that was killed has none any more.
    var outcome = Outcome(running: tree().filter { $0 != worker && !Processes.hasEnded($0) }.map(Self.describe))
    // The whole group in one step, in which nobody can fork. The worker is not reaped yet, so the number is still its own.
    Processes.kill(-worker, 9)
    let deadline = MonotonicClock.now() + 10_000_000_000
    reapAll()
    while !children().isEmpty, MonotonicClock.now() < deadline {
      stopAll(until: deadline)
      for pid in tree() { Processes.kill(pid, 9) }
      Pause.milliseconds(1)
      reapAll()
    }
    outcome.surviving = tree().filter { !Processes.hasEnded($0) }.map(Self.describe)
    return outcome
  }

  /// Those who fork as fast as others are killed have to stand still first: who stands still makes no more of them, and
  /// still counts against a limit.
  private func stopAll(until deadline: Int64) {
    var stopped: Set<Int32> = []
    while MonotonicClock.now() < deadline {
      let new = tree().filter { !stopped.contains($0) }
      if new.isEmpty { return }
      for pid in new { Processes.kill(pid, 19) }
      stopped.formUnion(new)
    }
  }

  private func reapAll() { while Processes.reap() != nil {} }

  private func children() -> [Int32] { (Processes.children() ?? []).filter { !others.contains($0) } }

  /// Our children, their children, and so on, parents first.
  private func tree() -> [Int32] {
    var found = children()
    var known = Set(found)
    var next = 0
    while next < found.count {
      let below = (Processes.children(of: "\(found[next])") ?? []).filter { known.insert($0).inserted }
      found += below
      next += 1
    }
    return found
  }

  private static func describe(_ pid: Int32) -> String { "\(pid) (\(Processes.name(of: pid) ?? "ended"))" }
}

import LinuxCalls

/// What is left of the worker's process tree once the worker is gone. As child subreaper we inherit all of it.
struct Descendants {
  /// Children from before the worker: a shell that was replaced by this program may have had some.
  private let others = Set(Processes.children() ?? [])

  /// Kills and reaps every descendant; the ones that were still running, as "pid (name)".
  func end() -> [String] {
    while Processes.reap() != nil {}
    var running: [String] = []
    var known: Set<Int32> = []
    let deadline = MonotonicClock.now() + 5_000_000_000
    while let children = Processes.children()?.filter({ !others.contains($0) }), !children.isEmpty,
      MonotonicClock.now() < deadline
    {
      for pid in children {
        if known.insert(pid).inserted { running.append("\(pid) (\(Processes.name(of: pid) ?? "ended"))") }
        Processes.kill(pid, 9)
      }
      while Processes.reap() != nil {}
      Pause.milliseconds(1)
    }
    return running
  }
}

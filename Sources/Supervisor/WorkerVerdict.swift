import LinuxCalls
import OmphalosValues
import PluginABI

/// Why a worker's run failed, from what it said, how it ended and what the flight page still shows; nil if it did not.
struct WorkerVerdict {
  let watch: WorkerWatch
  let page: FlightPage
  let ending: ProcessEnding
  /// Descendants that were still running when the worker was gone.
  let leftovers: [String]

  func failure() -> (message: String, exitCode: ExitCode)? {
    if let signal = watch.cancelledBy {
      return (
        "The run was stopped by \(ProcessEnding.signalName(signal)).", signal == 2 ? .interrupted : .terminated)
    }
    if let overdue = watch.overdue { return (timeout(overdue), .callFailed) }
    if watch.stoodStill { return (sentence("stopped the process (SIGSTOP)"), .callFailed) }
    if let problem = watch.protocolProblem {
      return ("\(sentence("disturbed the worker's messages")) (\(problem))", .callFailed)
    }
    if let failure = watch.report.failure { return (failure.text, failure.exitCode) }
    guard page.endedCleanly, ending == .exited(0), watch.report.isDone else { return crash() }
    guard leftovers.isEmpty else {
      return (
        sentence("left processes running: \(leftovers.joined(separator: ", ")); they were ended"), .callFailed)
    }
    return nil
  }

  private func crash() -> (message: String, exitCode: ExitCode) {
    let how =
      switch ending {
      case .signalled(let signal): "was ended by \(ProcessEnding.signalName(signal))"
      case .exited(let code): "ended the process with exit status \(code)"
      }
    guard page.inFlight.isEmpty && page.lastEnded == nil else { return (sentence(how), .callFailed) }
    return ("The worker \(how) before it had entered any plugin.", .bug)
  }

  private func timeout(_ entry: FlightPage.Entry) -> String {
    let seconds = Double((entry.deadline - entry.started) / 1_000_000) / 1000
    var text = "\(entry.identity): \(entry.function) did not return within \(seconds) s (limits.call_timeout)"
    if let inner = page.inFlight.last, inner != entry {
      text += "; it was waiting for \(inner.identity): \(inner.function)"
    }
    return text + "."
  }

  /// "plugin/capability (instance): function WHAT", for the innermost function in flight.
  private func sentence(_ what: String) -> String {
    let entries = page.inFlight
    guard let inner = entries.last else {
      guard let last = page.lastEnded else { return "A plugin \(what)." }
      return "\(last.identity): \(what) after its \(last.function) had returned; no call was running."
    }
    var text = "\(inner.identity): \(inner.function) \(what)"
    if entries.count > 1 {
      let callers = entries.dropLast().reversed().map { "\($0.identity): \($0.function)" }
      text += ", called from \(callers.joined(separator: ", called from "))"
    }
    return text + "."
  }
}

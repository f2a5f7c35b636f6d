import LinuxCalls
import OmphalosValues
import PluginABI

/// Why a worker's run failed, from what it said, how it ended and what the flight page still shows; nil if it did not.
struct WorkerVerdict {
  let watch: WorkerWatch
  let page: FlightPage
  let ending: ProcessEnding
  /// Descendants that were still running when the worker was gone.
  var leftovers: Descendants.Outcome
  /// By instance, the connectors that a step reads from.
  var producers: [String: [String]] = [:]
  /// Processes that the kernel ended for want of memory, before the worker started and now.
  var outOfMemory: (before: OutOfMemory, after: OutOfMemory)?

  func failure() -> (message: String, exitCode: ExitCode)? {
    if let signal = watch.cancelledBy {
      return (
        "The run was stopped by \(ProcessEnding.signalName(signal)).", signal == 2 ? .interrupted : .terminated)
    }
    if let overdue = watch.overdue { return (timeout(overdue), .callFailed) }
    if watch.stoodStill { return (sentence("stopped the process (SIGSTOP)"), .callFailed) }
    if let problem = watch.protocolProblem {
      return (disturbance(problem), .callFailed)
    }
    if let failure = watch.report.failure { return (failure.text, failure.exitCode) }
    guard page.endedCleanly, ending == .exited(0), watch.report.isDone else { return unannouncedEnd() }
    guard leftovers.surviving.isEmpty else {
      return (
        sentence("left processes running that cannot be ended: \(listed(leftovers.surviving))"), .callFailed)
    }
    guard leftovers.running.isEmpty else {
      return (sentence("left processes running: \(listed(leftovers.running)); they were ended"), .callFailed)
    }
    return nil
  }

  private func unannouncedEnd() -> (message: String, exitCode: ExitCode) {
    if case .signalled(let signal) = ending, let record = page.crash, record.signal == signal { return crash(record) }
    // Ended by itself, and neither a reason nor its success arrived.
    if page.ending == .clean, let last = page.lastEnded {
      return (
        "A plugin cut the worker off from this process, so that its messages did not arrive. The last function that "
          + "returned was \(last.identity): \(last.function).", .callFailed)
    }
    if page.ending == .framesSkipped { return (skippedFrames(), .callFailed) }
    let how =
      switch (ending, page.ending) {
      case (.signalled(9), _): "was ended by SIGKILL, \(senderOfKill)"
      case (.signalled(let signal), _): "was ended by \(ProcessEnding.signalName(signal))"
      case (_, .threadEnded): "ended the thread on which it was called (pthread_exit)"
      case (_, .descriptorsLost):
        "closed descriptors of the host, or put other files under their numbers, and the run cannot go on"
      case (.exited(let code), _): "ended the process with exit status \(code)"
      }
    guard page.inFlight.isEmpty && page.lastEnded == nil else { return (sentence(how), .callFailed) }
    // Whoever sent SIGKILL, it was not a mistake of the worker's own.
    return ("The worker \(how) before it had entered any plugin.", ending == .signalled(9) ? .callFailed : .bug)
  }

  private func skippedFrames() -> String {
    guard let inner = page.inFlight.last, let last = page.lastEnded else { return sentence("jumped over the host") }
    return "\(inner.identity): \(inner.function) was left by a jump over functions of the host (longjmp or an exception), "
      + "and the run cannot go on. It was found after \(last.identity): \(last.function) had returned."
  }

  /// Messages are read some time after they were written: what runs meanwhile need not be what wrote.
  private func disturbance(_ problem: String) -> String {
    var text = "A plugin wrote to a descriptor that is not its own, and disturbed the worker's messages (\(problem)). "
    if let inner = page.inFlight.last {
      text += "It was found in \(inner.identity): \(inner.function)."
    } else if let last = page.lastEnded {
      text += "It was found after \(last.identity): \(last.function) had returned."
    }
    return text
  }

  private func timeout(_ entry: FlightPage.Entry) -> String {
    // The page is the plugins' to write as well.
    let seconds = Double((entry.deadline &- entry.started) / 1_000_000) / 1000
    if entry.function == FlightPage.drain {
      return "\(entry.identity): its stream, of which the consumers left a rest, had not ended after \(seconds) s "
        + "(limits.call_timeout)."
    }
    var text = "\(entry.identity): \(entry.function) did not return within \(seconds) s (limits.call_timeout)"
    if let inner = page.inFlight.last, inner != entry {
      text += "; it was waiting for \(inner.identity): \(inner.function)"
    }
    return text + "."
  }

  /// "plugin/capability (instance): function WHAT", for the innermost function in flight.
  func sentence(_ what: String) -> String {
    guard let inner = page.inFlight.last else {
      guard let last = page.lastEnded else { return "A plugin \(what)." }
      return "\(last.identity): \(what) after its \(last.function) had returned; no call was running."
    }
    return "\(inner.identity): \(inner.function) \(what)\(callers)."
  }

  /// ", called from …" for the calls around the innermost one.
  var callers: String {
    page.inFlight.dropLast().reversed().map { ", called from \($0.identity): \($0.function)" }.joined()
  }
}

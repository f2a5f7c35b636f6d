import LinuxCalls
import OmphalosValues
import Pipeline
import PluginABI

/// Whose crash it was, where the worker's handler of fatal signals could write down what it saw.
extension WorkerVerdict {
  func crash(_ record: CrashRecord) -> (message: String, exitCode: ExitCode) {
    let code = page.code(at: record.pc)
    let how = howItEnded(record, code)
    // A signal that somebody sent may arrive on any thread, and where that thread was then means nothing.
    guard record.isFault || record.code == CrashRecord.sentToThread else { return (sentence(how), .callFailed) }
    if record.isFault, code?.kind != .plugin, let inner = page.inFlight.last, inner.thread == record.thread,
      inner.function == FlightPage.readingBatch
    {
      return (faultInBatch(inner, how), .callFailed)
    }
    if record.isFault, code?.kind == .host { return faultOfHost(how) }
    guard record.thread == page.callingThread else { return (faultElsewhere(code, how), .callFailed) }
    guard let inner = page.inFlight.last, let code, code.kind == .plugin, code.owner != inner.identity.plugin else {
      return (sentence(how) + origin, .callFailed)
    }
    return (
      "\(printable(code.owner)): code of it \(how), in \(inner.identity): \(inner.function)\(callers).\(origin)",
      .callFailed)
  }

  /// Reading a batch is done in its producer's name: the interface has no sizes to check.
  private func faultInBatch(_ inner: FlightPage.Entry, _ how: String) -> String {
    "\(inner.identity): get_next gave a batch whose buffers are not as long as it says; the worker \(how), reading "
      + "them\(callers)."
  }

  private func faultOfHost(_ how: String) -> (message: String, exitCode: ExitCode) {
    var text = "The worker \(how), in omphalos's own code"
    if let inner = page.inFlight.last {
      text += ", during \(inner.identity): \(inner.function)\(callers)."
    } else if let last = page.lastEnded {
      text += ", after \(last.identity): \(last.function) had returned."
    } else {
      text += ", before it had entered any plugin."
    }
    text += origin + " This is a bug in omphalos, unless a plugin gave it a wrong pointer or damaged its memory."
    return (text, .bug)
  }

  /// On a thread on which the host calls nobody.
  private func faultElsewhere(_ code: FlightPage.Code?, _ how: String) -> String {
    let plugins = page.pluginsWithCode
    var owner = code?.kind == .plugin ? code?.owner : nil
    if owner == nil, plugins.count == 1 { owner = plugins.first }
    var text = "A thread that a plugin started \(how)"
    if let owner { text = "\(printable(owner)): a thread that it started \(how)" }
    guard let inner = page.inFlight.last else {
      guard let last = page.lastEnded else { return text + "." }
      return text + ", after \(last.identity): \(last.function) had returned; no call was running."
    }
    return text + ". What was running meanwhile may be the cause: \(inner.identity): \(inner.function)\(callers)."
  }

  /// " Its input comes from …." for a step that reads datasets.
  private var origin: String {
    guard let inner = page.inFlight.last, let producers = producers[inner.identity.instance], !producers.isEmpty else {
      return ""
    }
    return " What it reads comes from \(producers.joined(separator: " and "))."
  }

  /// "was ended by SIGSEGV at acme.so+0x1115, writing to address 0x0"
  private func howItEnded(_ record: CrashRecord, _ code: FlightPage.Code?) -> String {
    var text = "was ended by \(ProcessEnding.signalName(record.signal))"
    guard record.isFault else {
      if record.sender != watch.workerPID, record.sender > 0 { text += ", which process \(record.sender) sent" }
      return text
    }
    if let code {
      text += " at \(printable(code.name))+0x\(String(record.pc &- code.base, radix: 16))"
    }
    if let cause = record.cause { text += ", \(cause)" }
    return text
  }

  /// By whom, as far as the kernel's counters tell.
  var senderOfKill: String {
    if let old = outOfMemory?.before.inGroup, let new = outOfMemory?.after.inGroup, new > old {
      return "by the kernel for want of memory (OOM): its count of such ends in this control group rose by \(new - old)"
    }
    guard let old = outOfMemory?.before.inSystem, let new = outOfMemory?.after.inSystem else {
      return "by the kernel for want of memory (OOM), by an administrator, or by a plugin"
    }
    return new > old
      ? "probably by the kernel for want of memory (OOM): its count of such ends in this system rose by \(new - old)"
      : "by an administrator or a plugin: the kernel counted no end for want of memory (OOM) meanwhile"
  }
}

extension RunPlan {
  /// By instance of an exporter, the connectors that it reads from.
  var producers: [String: [String]] {
    var result: [String: [String]] = [:]
    for export in configuration.exports {
      result[export.use.instance] = export.inputs.compactMap { name in
        guard let input = configuration.inputs.first(where: { $0.name == name }) else { return nil }
        return "\(input.use.reference) (\(name))"
      }
    }
    return result
  }
}

import LinuxCalls
import OmphalosValues
import Pipeline
import PluginABI

/// Follows a worker until it is gone: takes its messages and output, keeps its deadlines, passes signals on. This
/// process never maps a plugin, so nothing that a plugin does can keep it from doing so.
final class WorkerWatch {
  private static let tick: Int32 = 50
  /// From SIGTERM to SIGKILL.
  private static let termGrace: Int64 = 1_000_000_000
  /// From the first SIGINT until the worker is killed.
  private static let cancelGrace: Int64 = 10_000_000_000
  private static let partBytes = 1 << 16
  private static let parts = 16
  /// More than a pipe holds: 64 KiB, or the 1 MiB that an ordinary user may make it.
  private static let lastParts = 64

  private let worker: WorkerProcess
  private let signals: SignalSource
  private let log: RunLog
  private let observer: RunObserver
  private let mask: SecretMask
  private(set) var report = WorkerReport()
  /// The signal that asks us to stop.
  private(set) var cancelledBy: Int32?
  private(set) var overdue: FlightPage.Entry?
  /// The messages were not ours: a plugin wrote to the descriptor.
  private(set) var protocolProblem: String?
  private(set) var stoodStill = false
  private var killAt: Int64?
  private var lookAt: Int64 = 0
  private var isQuiet = false
  private var messages = LineSplitter(limit: WorkerMessage.longestLine)
  private var output: PrintedLines
  private var errors: PrintedLines
  private var open: [File]

  init(
    _ worker: WorkerProcess, signals: SignalSource, log: RunLog, observer: RunObserver, mask: SecretMask = .none
  ) {
    self.worker = worker
    self.signals = signals
    self.log = log
    self.observer = observer
    self.mask = mask
    output = PrintedLines(mask: mask)
    errors = PrintedLines(mask: mask)
    open = [worker.messages, worker.standardOutput, worker.standardError]
  }

  var workerPID: Int32 { worker.pid }

  /// How the worker ended. It is not reaped, so that its number and that of its process group remain its own.
  func untilEnd() throws(SystemCallError) -> ProcessEnding {
    while true {
      try wait()
      guard isTimeToLook() else { continue }
      if let ending = Processes.ending(of: worker.pid) {
        // What it wrote before it ended is still in the pipes; descendants may hold them open, so no waiting.
        for file in open { drain(file, parts: Self.lastParts) }
        finishLines()
        return ending
      }
      keepDeadlines()
    }
  }

  /// Whether to ask the kernel about the worker again: when nothing more came, when it is about to end, and at every tick
  /// for one that never stops talking.
  private func isTimeToLook() -> Bool {
    let now = MonotonicClock.now()
    guard isQuiet || isEnding || now >= lookAt else { return false }
    lookAt = now + Int64(Self.tick) * 1_000_000
    return true
  }

  /// A worker that closed its messages is about to end.
  private var isEnding: Bool { !open.contains { $0 === worker.messages } }

  private func wait() throws(SystemCallError) {
    let ready = try Poll.readable(open + [signals.file], timeout: isEnding ? 1 : Self.tick)
    isQuiet = ready.isEmpty
    for file in ready.filter({ $0 < open.count }).map({ open[$0] }) { drain(file, parts: Self.parts) }
    while let signal = signals.next() { cancel(signal) }
  }

  /// - Parameter parts: the most to read at once, because whoever writes may never stop.
  private func drain(_ file: File, parts: Int) {
    for _ in 0..<parts {
      guard let bytes = try? file.readAvailable(count: Self.partBytes) else { return }
      if bytes.isEmpty {
        open.removeAll { $0 === file }
        return
      }
      if file === worker.messages {
        for line in messages.add(bytes) { take(line) }
      } else if file === worker.standardOutput {
        for line in output.add(bytes) { log.add(source: "stdout", line: line) }
      } else {
        for line in errors.add(bytes) { log.add(source: "stderr", line: line) }
      }
    }
  }

  private func finishLines() {
    for line in output.finish() { log.add(source: "stdout", line: line) }
    for line in errors.finish() { log.add(source: "stderr", line: line) }
  }

  private func take(_ line: [UInt8]) {
    do {
      let message = try WorkerMessage(line: line).masked(by: mask)
      switch message {
      case .log(let plugin, let level, let text): log.add(source: "plugin", plugin: plugin, level: level, text)
      case .progress(let identity, let done, let total): observer.progress(identity.description, done, total)
      case .finding(let plugin, _, let text):
        log.add(source: "supervisor", plugin: plugin, level: "warning", text)
        report.take(message)
      default: report.take(message)
      }
    } catch {
      if protocolProblem == nil { protocolProblem = "\(error)" }
      kill()
    }
  }

  private func cancel(_ signal: Int32) {
    if cancelledBy != nil { return kill() }
    cancelledBy = signal
    worker.page.cancel()
    killAt = MonotonicClock.now() + Self.cancelGrace
    observer.note(
      "Stopping: plugins have 10 seconds to end (\(ProcessEnding.signalName(signal))); a second signal stops them at once.")
  }

  private func keepDeadlines() {
    let now = MonotonicClock.now()
    if let killAt, now >= killAt { return kill() }
    if Processes.isStopped(worker.pid) {
      stoodStill = true
      return kill()
    }
    guard overdue == nil else { return }
    guard let entry = worker.page.inFlight.first(where: { $0.deadline != 0 && now >= $0.deadline }) else { return }
    overdue = entry
    Processes.kill(worker.pid, 15)
    killAt = min(killAt ?? .max, now + Self.termGrace)
  }

  private func kill() { Processes.kill(worker.pid, 9) }
}

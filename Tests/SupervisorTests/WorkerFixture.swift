import Glibc
import LinuxCalls
import OmphalosValues
import PluginABI
import RunRecord
import Synchronization
import TestSupport

@testable import Supervisor

/// A shell in the place of the worker: what it writes to descriptor 3 are its messages. The page is written by the test.
struct WorkerFixture {
  let folder: TemporaryFolder
  let worker: WorkerProcess
  let watch: WorkerWatch
  let log: RunLog
  let notes = Notes()

  final class Notes: Sendable {
    private let state = Mutex<[String]>([])
    func add(_ text: String) { state.withLock { $0.append(text) } }
    var all: [String] { state.withLock { $0 } }
  }

  static let lineOfDone = #"printf '{"event":"done"}\n' >&3"#

  init(_ script: String) throws {
    folder = try TemporaryFolder()
    try Path.makeDirectories(folder.file("logs"))
    let directory = try File.open(folder.path, .directory)
    log = try RunLog(in: directory)
    let page = FlightPage(try SharedMemory.create(size: FlightPage.size, name: "page"))
    let messages = try Pipe(name: "messages")
    let output = try Pipe(name: "output")
    let errors = try Pipe(name: "errors")
    let number = messages.writing.descriptor
    let launch = ProcessLaunch(
      executable: "/bin/bash", arguments: ["bash", "-c", "exec 3>&\(number) \(number)>&-\n" + script],
      environment: ["PATH=/usr/bin:/bin"], workingDirectory: directory, standardOutput: output.writing,
      standardError: errors.writing, inherited: [number])
    worker = WorkerProcess(
      pid: try launch.start(), page: page, messages: messages.reading, standardOutput: output.reading,
      standardError: errors.reading)
    let notes = notes
    watch = WorkerWatch(
      worker, signals: try Self.signals(), log: log,
      observer: RunObserver(note: notes.add, progress: { what, done, total in notes.add("\(what) \(done)/\(total)") }))
  }

  /// Blocks signals of this thread no longer than it takes: what other tests start here would inherit that.
  private static func signals() throws -> SignalSource {
    var before = sigset_t()
    pthread_sigmask(SIG_BLOCK, nil, &before)
    defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
    return try SignalSource()
  }

  func verdict(_ ending: ProcessEnding, leftovers: [String] = []) -> WorkerVerdict {
    WorkerVerdict(watch: watch, page: worker.page, ending: ending, leftovers: Descendants.Outcome(running: leftovers))
  }

  var logged: [JSONValue] {
    get throws {
      try String(decoding: folder.read("logs/run.jsonl"), as: UTF8.self).split(separator: "\n").map {
        try JSONValue.parse(Array($0.utf8))
      }
    }
  }
}

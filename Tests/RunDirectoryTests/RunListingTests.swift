import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import RunDirectory

@Suite("Listing the runs of a root")
struct RunListingTests {
  private let folder: TemporaryFolder
  private static let name = ".run-00000001-0000.00000001.partial"
  private static let second: Int64 = 1_000_000_000

  init() throws {
    folder = try TemporaryFolder()
    try Path.makeDirectories(folder.file("runs/\(Self.name)"))
  }

  private func state(after seconds: Int64) throws -> RunEntry.State? {
    try RunListing.read(root: folder.file("runs"), now: WallClock.now() + seconds * Self.second).entries.first?.state
  }

  @Test("a directory with neither lock nor state is left in peace for a minute, and dead after that")
  func settling() throws {
    #expect(try state(after: 0) == .unsettled)
    #expect(try state(after: 50) == .unsettled)
    #expect(try state(after: 61) == .killed)
    // A manifest in it does not make it a run: it died just before it got its name.
    try folder.write("runs/\(Self.name)/run_manifest.json", "{}")
    #expect(try state(after: 61) == .killed)
  }

  @Test("with a lock that nobody holds it is dead at once, with or without a state; what failed has its reason")
  func dead() throws {
    try folder.write("runs/\(Self.name)/.lock", "")
    #expect(try state(after: 0) == .killed)
    try folder.write("runs/\(Self.name)/state.json", #"{"state":"running","pid":7}"#)
    #expect(try state(after: 0) == .killed)
    try folder.write("runs/\(Self.name)/state.json", #"{"state":"failed","reason":"r","exit_code":5}"#)
    #expect(try state(after: 0) == .failed(reason: "r", exitCode: 5))
    #expect(try RunCleaning.clean(root: folder.file("runs"), isTrial: false).removed.count == 1)
    #expect(try names(in: folder.file("runs")) == [])
  }

  @Test("whose lock another process holds is running, whatever its state says, and is not cleaned away")
  func held() throws {
    try folder.write("runs/\(Self.name)/.lock", "")
    try folder.write("runs/\(Self.name)/state.json", #"{"state":"failed","reason":"r"}"#)
    let script = """
      import fcntl, os, sys, time
      file = open(sys.argv[1] + "/.lock", "r+")
      fcntl.lockf(file, fcntl.LOCK_EX)
      open(sys.argv[1] + "/held", "w").close()
      time.sleep(100)
      """
    let null = try File.open("/dev/null", .readWrite)
    let python = try #require(Shell.find("python3"))
    let pid = try ProcessLaunch(
      executable: python, arguments: ["python3", "-c", script, folder.file("runs/\(Self.name)")],
      environment: ["PATH=/usr/bin:/bin"], workingDirectory: File.open("/", .directory), standardOutput: null,
      standardError: null, inherited: []
    ).start()
    let directory = try File.open(folder.file("runs/\(Self.name)"), .directory)
    while (try? directory.status(of: "held")) == nil { Pause.milliseconds(5) }
    #expect(try state(after: 1000) == .running(pid: pid))
    let outcome = try RunCleaning.clean(root: folder.file("runs"), isTrial: false)
    #expect(outcome.removed.isEmpty && outcome.kept.map(\.name) == [Self.name])
    Processes.kill(pid, 9)
    while Processes.reap(pid) == nil { Pause.milliseconds(1) }
    #expect(try state(after: 0) == .failed(reason: "r", exitCode: nil))
  }

  @Test("names of partial runs are read strictly")
  func partialNames() {
    func isPartial(_ name: String) -> Bool { if case .partial = RunName(name) { true } else { false } }
    #expect(isPartial(".run-00000001-0000.0123abcd.partial"))
    for name in [
      "", ".", "..", ".partial", "run-00000001-0000.0123abcd.partial", ".run-00000001-0000.partial",
      ".run-00000001-0000.0123ABCD.partial", ".run-00000001-0000.0123abc.partial", ".run-00000001-0000.0123abcde.partial",
      ".run-00000001-0000.0123abcd.partial.partial", "..0123abcd.partial", ".x.0123abcd.partial",
    ] { #expect(!isPartial(name), "\(name)") }
  }
}

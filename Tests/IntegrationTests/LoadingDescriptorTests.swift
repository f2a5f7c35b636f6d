import Foundation
import TestSupport
import Testing

@Suite("Loading, with descriptors that a plugin takes away")
struct LoadingDescriptorTests {
  /// Two plugins; the constructor of the first is the test's, the constructor of the second leaves a mark.
  private func pair(_ constructor: String) throws -> (outcome: PipelineFolder.Outcome, secondRan: Bool, PipelineFolder) {
    let pipeline = try PipelineFolder()
    let marker = pipeline.folder.file("second-ran")
    try pipeline.addFixture(["ON_CONSTRUCTOR": constructor], name: "a-first.so")
    try pipeline.addFixture(
      ["ID": "\"com.example.second\"", "ON_CONSTRUCTOR": "mark(\"\(marker)\");"], name: "b-second.so")
    try pipeline.writePairPipeline(second: "com.example.second")
    let outcome = try pipeline.run()
    return (outcome, FileManager.default.fileExists(atPath: marker), pipeline)
  }

  @Test("two plugins that leave descriptors alone both run")
  func peaceful() throws {
    let (outcome, secondRan, _) = try pair("")
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(secondRan)
  }

  @Test(
    "the memory of the next plugin is not loaded once a constructor took its descriptor, and that constructor is named",
    arguments: [
      "for (int fd = 512; fd < 1024; fd++) close(fd);",
      // Its own memory under every other number: loading by number would give the first plugin again.
      "int own = -1; char path[64], target[256]; for (int fd = 512; fd < 1024; fd++) { "
        + "snprintf(path, 64, \"/proc/self/fd/%d\", fd); ssize_t n = readlink(path, target, 255); "
        + "if (n > 0) { target[n] = 0; if (strstr(target, \"com.example.fixture\")) own = fd; } } "
        + "for (int fd = 512; fd < 1024; fd++) if (fd != own && fcntl(fd, F_GETFD) >= 0) dup2(own, fd);",
    ])
  func sealedMemory(_ constructor: String) throws {
    let (outcome, secondRan, folder) = try pair(constructor)
    #expect(outcome.status == 4)
    #expect(
      outcome.stderr.contains(
        "com.example.fixture: constructor failed: it closed or replaced the descriptor of the sealed memory that "
          + "b-second.so is loaded from."))
    #expect(!secondRan)
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  static let thieves: [(place: String, statement: String, named: String)] = [
    ("ON_CONSTRUCTOR", closeAll, "com.example.fixture: constructor closed descriptors of the host"),
    ("ON_INIT", closeAll, "com.example.fixture: init closed descriptors of the host"),
    ("ON_OPEN", closeAll, "com.example.fixture/source (numbers): open closed descriptors of the host"),
    ("ON_NEXT", closeAll, fromRun), ("ON_RUN", closeAll, fromRun),
    ("ON_RUN", closeAll + "return OMPHALOS_E_DATA;", fromRun),
    ("ON_RUN", "int null = open(\"/dev/null\", O_RDWR); for (int fd = 3; fd < 64; fd++) if (fd != null) dup2(null, fd);", fromRun),
    ("ON_RELEASE", closeAll, "com.example.fixture/source (numbers): release closed descriptors of the host"),
    ("ON_EMIT", closeAll, "com.example.fixture/sink (lineage[0]): emit closed descriptors of the host"),
    ("ON_SHUTDOWN", closeAll, "com.example.fixture: shutdown closed descriptors of the host"),
  ]
  private static let closeAll = "for (int fd = 3; fd < 1024; fd++) close(fd);"
  private static let fromRun =
    "com.example.fixture/product (exports[0]): run, or a connector that it read from, closed descriptors of the host"

  @Test("whoever takes the host's own descriptors is named, in whatever function", arguments: thieves)
  func ownDescriptors(_ place: String, _ statement: String, _ named: String) throws {
    let (outcome, folder) = try PipelineFolder.runFixture([place: statement], sink: true)
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains(named + ", or put other files under their numbers, and the run cannot go on."))
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  @Test("descriptors that are not the host's are the plugin's affair")
  func standardDescriptors() throws {
    let (outcome, _) = try PipelineFolder.runFixture(["ON_RUN": "close(0); close(1); close(2);"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("what a plugin writes into the worker's messages is no message, and the run fails")
  func rubbish() throws {
    let (outcome, folder) = try PipelineFolder.runFixture([
      "ON_RUN": "for (int fd = 3; fd < 40; fd++) write(fd, \"rubbish\\n\", 8); sleep(100);"
    ])
    #expect(outcome.status == 4)
    #expect(outcome.stderr.contains("A plugin wrote to a descriptor that is not its own, and disturbed the worker's messages"))
    #expect(outcome.stderr.contains("It was found in com.example.fixture/product (exports[0]): run."))
    #expect(outcome.finalized == [])
    #expect(folder.processes() == [])
  }

  @Test(
    "of a plugin that the pipeline names and that is refused nothing is mapped to be run",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"),
    arguments: [
      ["DRAFT": "9"], ["MINOR_REQUIRED": "3", "MINOR_BUILT": "3"], ["CAPABILITIES": "\"[]\""],
      ["HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE"],
    ])
  func refusedIsNotMapped(_ defines: [String: String]) throws {
    let (outcome, trace, _) = try traced(["fixture.so": defines])
    #expect([3, 65].contains(outcome.status))
    #expect(!trace.contains { $0.contains("PROT_EXEC") && $0.contains("fixture") })
  }

  @Test(
    "of two files with one id nothing is mapped to be run, and neither constructor runs",
    .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
  func duplicateIsNotMapped() throws {
    let (outcome, trace, folder) = try traced(["fixture-a.so": [:], "fixture-b.so": ["ON_RUN": "return 1;"]])
    #expect(outcome.status == 3)
    #expect(!trace.contains { $0.contains("PROT_EXEC") && $0.contains("fixture") })
    #expect(!FileManager.default.fileExists(atPath: folder.folder.file("code-ran")))
  }

  /// Runs a hermetic pipeline over these plugins, each with a marking constructor, under strace.
  private func traced(
    _ plugins: [String: [String: String]]
  ) throws -> (outcome: Shell.Result, trace: [Substring], folder: PipelineFolder) {
    let pipeline = try PipelineFolder()
    for (name, defines) in plugins {
      let marking = ["ON_CONSTRUCTOR": "mark(\"\(pipeline.folder.file("code-ran"))\");"]
      try pipeline.addFixture(defines.merging(marking) { first, _ in first }, name: name)
    }
    try pipeline.writeFixturePipeline(hermetic: true)
    let trace = pipeline.folder.file("trace")
    let result = try Shell.run(
      [
        "strace", "-f", "-y", "-e", "trace=mmap,openat,execve", "-o", trace, CommandLineTool.path, "run",
        "pipeline.yaml", "--plugins", "plugins",
      ], directory: pipeline.path)
    let lines = try String(contentsOfFile: trace, encoding: .utf8).split(separator: "\n")
    // The trace saw the files being read, so it would have seen them being mapped.
    #expect(lines.contains { $0.contains("openat") && $0.contains("fixture") })
    return (result, lines, pipeline)
  }
}

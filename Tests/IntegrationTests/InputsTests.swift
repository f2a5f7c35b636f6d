import Foundation
import TestSupport
import Testing

@Suite("An input file")
struct InputsTests {
  private static let tables = """
    schema_version: "1.0"
    run: { name: tables, seed: 1, output_root: runs }
    inputs:
      - { name: data, connector: org.omphalos.csv/csv, files: { data: data.csv } }
    exports:
      - { exporter: org.omphalos.csv/table, inputs: [data] }

    """

  private func tables(_ text: String = "a,b\n1,x\n") throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addExamples("csv")
    try pipeline.folder.write("data.csv", text)
    try pipeline.folder.write("pipeline.yaml", Self.tables)
    return pipeline
  }

  @Test(
    "that cannot be one is named, at its place in the pipeline, before any plugin is loaded",
    arguments: [
      ("true", "there is no such file"), ("mkdir data.csv", "found a directory, wanted a regular file"),
      ("mkfifo data.csv", "found a fifo, wanted a regular file"),
      ("ln -s nowhere data.csv", "there is no such file"),
      ("ln -s data.csv data.csv", "Too many levels of symbolic links"),
      ("ln -s /dev/null data.csv", "found a character device, wanted a regular file"),
    ])
  func unusable(_ command: String, _ reason: String) throws {
    let pipeline = try tables()
    try FileManager.default.removeItem(atPath: pipeline.folder.file("data.csv"))
    #expect(try Shell.run(["bash", "-c", command], directory: pipeline.path).status == 0)
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr == "omphalos: pipeline.yaml:4:67: the input file \"data.csv\" cannot be used: \(reason)\n")
    #expect(outcome.finalized == [] && outcome.partials == [])
  }

  @Test(
    "that may not be read is named, as an ordinary user",
    .enabled(if: getuid() == 0 && Shell.find("setpriv") != nil, "needs root and setpriv"))
  func unreadable() throws {
    let pipeline = try tables()
    chmod(pipeline.folder.file("data.csv"), 0o600)
    let outcome = try pipeline.run(user: 65534)
    #expect(outcome.status == 65)
    #expect(
      outcome.stderr
        == "omphalos: pipeline.yaml:4:67: the input file \"data.csv\" cannot be used: it may not be read (permission "
        + "denied)\n")
  }

  @Test("is found relative to the pipeline, wherever the caller stands, and through a link")
  func places() throws {
    let pipeline = try tables()
    let first = try pipeline.run()
    try FileManager.default.moveItem(atPath: pipeline.folder.file("data.csv"), toPath: pipeline.folder.file("real.csv"))
    symlink("real.csv", pipeline.folder.file("data.csv"))
    let second = try CommandLineTool.run(
      ["run", pipeline.folder.file("pipeline.yaml"), "--plugins", pipeline.plugins], directory: "/")
    #expect(second.status == 0, "\(second.stderr)")
    #expect(second.stdout.hasPrefix("Reproduced \(first.finalized.first ?? "-")"))
  }

  @Test(
    "that changes during the run fails it, however it changed",
    arguments: [
      ("int fd = open(INPUT, O_WRONLY | O_APPEND); write(fd, \"2,y\\n\", 4); close(fd);", "appended to"),
      ("int fd = open(INPUT, O_WRONLY); pwrite(fd, \"z\", 1, 6); close(fd);", "overwritten in place"),
      ("truncate(INPUT, 4);", "cut short"),
      // The same bytes and size, and its times put back: what was read in between nobody knows.
      (
        "struct stat s; stat(INPUT, &s); int fd = open(INPUT, O_WRONLY); pwrite(fd, \"z\", 1, 6); pwrite(fd, \"x\", 1, 6); "
          + "struct timespec t[2] = {s.st_atim, s.st_mtim}; futimens(fd, t); close(fd);",
        "changed and changed back"
      ),
    ])
  func changes(_ statement: String, _ how: String) throws {
    let pipeline = try tables()
    let file = "\"\(pipeline.folder.file("data.csv"))\""
    try pipeline.addFixture(["ON_RUN": statement.replacing("INPUT", with: file)])
    let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write(
      "pipeline.yaml", text.replacing("org.omphalos.csv/table", with: "com.example.fixture/product"))
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("The input file \"data.csv\" (input data) changed during the run"), "\(how)")
    #expect(outcome.stderr.contains("Run again once it stands still."))
    #expect(outcome.finalized == [] && outcome.partials.count == 1)
  }

  @Test("that is replaced under its name fails the run: what that name means now was not read")
  func replaced() throws {
    let pipeline = try tables()
    try pipeline.folder.write("other.csv", "a,b\n9,replaced\n")
    let (from, to) = (pipeline.folder.file("other.csv"), pipeline.folder.file("data.csv"))
    try pipeline.addFixture(["ON_RUN": "rename(\"\(from)\", \"\(to)\");"])
    let text = String(decoding: try pipeline.folder.read("pipeline.yaml"), as: UTF8.self)
    try pipeline.folder.write(
      "pipeline.yaml",
      text + "  - { exporter: com.example.fixture/product, inputs: [data] }\n")
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("The input file \"data.csv\" (input data) changed during the run"))
    #expect(outcome.finalized == [])
  }

  @Test("that is broken is told with connector, file and line")
  func broken() throws {
    let pipeline = try tables("a,b\n1,x\n2\n")
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("org.omphalos.csv/csv (data): "))
    #expect(outcome.stderr.contains("3"), "\(outcome.stderr)")
    #expect(outcome.finalized == [])
  }

  @Test("that is empty, or has a header alone, is a table without rows and no failure of ours")
  func empty() throws {
    let pipeline = try tables("a,b\n")
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try pipeline.text(outcome, "exports/data.csv") == "a,b\n")
    #expect(outcome.stdout.contains("input         data  0 rows"))
  }
}

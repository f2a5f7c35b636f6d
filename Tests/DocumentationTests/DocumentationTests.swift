import Foundation
import TestSupport
import Testing

@Suite("Documentation")
struct DocumentationTests {
  @Test("every link leads somewhere", arguments: Document.all)
  func links(_ document: Document) {
    let folder = URL(fileURLWithPath: Compiler.root + "/" + document.path).deletingLastPathComponent()
    for link in document.links {
      let target = folder.appendingPathComponent(link.split(separator: "#").first.map(String.init) ?? link).standardized
      #expect(FileManager.default.fileExists(atPath: target.path), "\(document.path) links to \(link)")
    }
  }

  @Test("the commands of a guide work, one after the other, as they stand", arguments: Document.all.filter { !$0.commands.isEmpty })
  func commands(_ document: Document) throws {
    let folder = try TemporaryFolder()
    try FileManager.default.createDirectory(atPath: folder.file("build"), withIntermediateDirectories: false)
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("build/plugins"), withDestinationPath: ExamplePlugins.directory())
    try folder.write("bin/.keep", "")
    try FileManager.default.createSymbolicLink(
      atPath: folder.file("bin/omphalos"), withDestinationPath: CommandLineTool.path)
    let path = folder.file("bin") + ":" + (ProcessInfo.processInfo.environment["PATH"] ?? "")
    let script = "umask 022\n" + document.commands.joined(separator: "\n")
    let result = try Shell.run(
      ["bash", "-eu", "-c", script], environment: ["PATH": path, "OMPHALOS_INCLUDE": Compiler.include],
      directory: folder.path)
    #expect(result.status == 0, "\(result.stdout)\n\(result.stderr)")
    if document.path == "docs/vendors.md" { #expect(result.stdout.hasSuffix("\n2\n")) }
  }

  @Test("at least the vendor's guide has commands that are run")
  func thereAreCommands() throws {
    #expect(try #require(Document.named("docs/vendors.md")).commands.count >= 3)
  }

  @Test("the exit codes in the operator's guide are those of --help")
  func exitCodes() throws {
    let guide = try #require(Document.named("docs/operators.md")).text
    let rows = guide.matches(of: /\| (\d+) \| ([^|]+) \|/).map { "\($0.1) \($0.2)" }
    let help = try CommandLineTool.run(["--help"], environment: ["COLUMNS": "1000"]).stdout
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(rows.count >= 10)
    #expect(help.contains("Exit codes: " + rows.joined(separator: ", ") + "."))
  }

  @Test("the status codes in the reference are those of the header")
  func statusCodes() throws {
    let header = try String(contentsOfFile: Compiler.include + "/omphalos/plugin.h", encoding: .utf8)
    let wanted = header.matches(of: /X\((\w+), (-?\d+), (\d+), "([^"]*)"\)/).map {
      "| `\($0.1)` | \($0.2) | \($0.3) | \($0.4) |"
    }
    let reference = try #require(Document.named("docs/abi.md")).text
    #expect(wanted.count > 15)
    for row in wanted { #expect(reference.contains(row), "\(row)") }
  }

  @Test("every key that a pipeline may have is in its reference")
  func pipelineKeys() throws {
    let folder = Compiler.root + "/Sources/Pipeline/Configuration"
    let reference = try #require(Document.named("docs/pipeline.md")).text
    var keys: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let source = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      for list in source.matches(of: /finish\(known: \[([^\]]*)\]/) {
        for key in list.1.matches(of: /"(\w+)"/) { keys.insert(String(key.1)) }
      }
    }
    #expect(keys.count > 15)
    for key in keys { #expect(reference.contains(key), "\(key) is not in docs/pipeline.md") }
  }

  @Test("the changelog has an entry for the version that the program prints")
  func changelog() throws {
    let version = try CommandLineTool.run(["--version"]).stdout.trimmingCharacters(in: .whitespacesAndNewlines)
    let number = version.split(separator: " ").last.map(String.init) ?? ""
    #expect(try #require(Document.named("CHANGELOG.md")).text.contains("## \(number)"))
  }

  @Test("each test that the table of promises names is there")
  func promises() throws {
    let table = try #require(Document.named("docs/security.md")).text
    let names = table.split(separator: "\n").filter { $0.hasPrefix("|") }.flatMap { line in
      line.matches(of: /"([^"]+)"/).map { String($0.1) }
    }
    var tests = ""
    let walker = FileManager.default.enumerator(atPath: Compiler.root + "/Tests")
    for case let path as String in walker ?? FileManager.DirectoryEnumerator() where path.hasSuffix("Tests.swift") {
      tests += (try? String(contentsOfFile: Compiler.root + "/Tests/" + path, encoding: .utf8)) ?? ""
    }
    #expect(names.count > 10)
    for name in names { #expect(tests.contains("\"\(name)\""), "docs/security.md names a test that is not there: \(name)") }
  }
}

import Foundation
import TestSupport
import Testing

@Suite("References")
struct ReferenceTests {
  @Test("every link leads to a file, and to a heading where it names one", arguments: Document.all)
  func links(_ document: Document) throws {
    let folder = (document.path as NSString).deletingLastPathComponent
    for link in document.links {
      let parts = link.split(separator: "#", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
      let path = parts[0].isEmpty ? document.path : (folder as NSString).appendingPathComponent(parts[0])
      let target = URL(fileURLWithPath: Compiler.root + "/" + path).standardized.path
      #expect(FileManager.default.fileExists(atPath: target), "\(document.path) links to \(link)")
      guard parts.count > 1 else { continue }
      let relative = String(target.dropFirst(Compiler.root.count + 1))
      let anchors = try #require(Document.named(relative), "\(document.path) links to \(link)").anchors
      #expect(anchors.contains(parts[1]), "\(document.path) links to \(link)")
    }
  }

  @Test("every file of the repository that is named is there", arguments: Document.all)
  func files(_ document: Document) {
    for file in document.namedFiles {
      #expect(FileManager.default.fileExists(atPath: Compiler.root + "/" + file), "\(document.path) names \(file)")
    }
  }

  @Test("the exit codes in the operator's guide are those of --help")
  func exitCodes() throws {
    let guide = try #require(Document.named("docs/operators.md")).text
    let rows = guide.matches(of: /\| (\d+) \| ([^|]+) \|/).map { "\($0.1) \($0.2)" }
    let help = try CommandLineTool.run(["--help"], environment: ["COLUMNS": "1000"]).stdout
      .split(whereSeparator: \.isWhitespace).joined(separator: " ")
    #expect(rows.count >= 10)
    let areThere = help.contains("Exit codes: " + rows.joined(separator: ", ") + ".")
    #expect(areThere, "docs/operators.md: \(rows)")
  }

  @Test("the status codes in the reference are those of the header, no more and no fewer")
  func statusCodes() throws {
    let header = try String(contentsOfFile: Compiler.include + "/omphalos/plugin.h", encoding: .utf8)
    let wanted = header.matches(of: /X\((\w+), (-?\d+), (\d+), "([^"]*)"\)/).map {
      "| `\($0.1)` | \($0.2) | \($0.3) | \($0.4) |"
    }
    let reference = try #require(Document.named("docs/abi.md")).text
    let found = reference.matches(of: /(?m)^\| `\w+` \| -?\d+ \| \d+ \| .* \|$/).map { String($0.0) }
    #expect(wanted.count > 15)
    #expect(found == wanted)
  }

  @Test("the reference of the interface has the header's version")
  func interfaceVersion() throws {
    let header = try String(contentsOfFile: Compiler.include + "/omphalos/plugin.h", encoding: .utf8)
    let numbers = header.matches(of: /#define OMPHALOS_ABI_(?:MAJOR|MINOR) (\d+)/).map(\.1)
    try #require(numbers.count == 2)
    let reference = try #require(Document.named("docs/abi.md")).text.replacing("\n", with: " ")
    let isThere = reference.contains("Major \(numbers[0]), minor \(numbers[1]).")
    #expect(isThere, "docs/abi.md does not say the version of plugin.h")
  }

  @Test("the keys of a pipeline in its reference are those that the program knows, no more and no fewer")
  func pipelineKeys() throws {
    let folder = Compiler.root + "/Sources/Pipeline/Configuration"
    var known: Set<String> = []
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) {
      let source = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      for list in source.matches(of: /finish\(known: \[([^\]]*)\]/) {
        for key in list.1.matches(of: /"(\w+)"/) { known.insert(String(key.1)) }
      }
    }
    #expect(known.count > 15)
    let reference = try #require(Document.named("docs/pipeline.md")).text
    // | `inputs[].name` | type | default | example | meaning |
    let rows = reference.matches(of: /(?m)^\| `((?:\w+(?:\[\])?\.)?(\w+))` \|(?:[^|]*\|){4}$/)
    #expect(Set(rows.map { String($0.2) }) == known)
    #expect(Set(rows.map { String($0.1) }).count == rows.count, "docs/pipeline.md has a key twice")
  }

  @Test("every key of the files of a run is in their reference")
  func recordKeys() throws {
    let reference = try #require(Document.named("docs/run-directory.md")).text
    let folder = Compiler.root + "/Tests/RunRecordTests/Golden"
    var keys: Set<String> = []
    // The bill of materials is CycloneDX's.
    for name in try FileManager.default.contentsOfDirectory(atPath: folder) where !name.hasSuffix(".cdx.json") {
      let text = try String(contentsOfFile: folder + "/" + name, encoding: .utf8)
      for part in name.hasSuffix("l") ? text.split(separator: "\n").map(String.init) : [text] {
        collect(try JSONSerialization.jsonObject(with: Data(part.utf8)), into: &keys)
      }
    }
    #expect(keys.count > 50)
    for key in keys.sorted() {
      let isThere = reference.contains("`\(key)`") || reference.contains(".\(key)`")
      #expect(isThere, "\(key) is not in docs/run-directory.md")
    }
  }

  /// Members of the objects below are named by the run, not by the format.
  private static let named = ["inputs", "plugins", "exports", "rows", "sha256", "config"]

  private func collect(_ value: Any, into keys: inout Set<String>) {
    if let list = value as? [Any] { for element in list { collect(element, into: &keys) } }
    guard let object = value as? [String: Any] else { return }
    for (key, member) in object {
      keys.insert(key)
      // Free in the format.
      if key == "details" { continue }
      guard Self.named.contains(key), let members = member as? [String: Any], members["fingerprint"] == nil,
        members["briefing_tables"] == nil
      else {
        collect(member, into: &keys)
        continue
      }
      for inner in members.values { collect(inner, into: &keys) }
    }
  }

  @Test("the changelog has an entry for the version that the program prints")
  func changelog() throws {
    let version = try CommandLineTool.run(["--version"]).stdout.trimmingCharacters(in: .whitespacesAndNewlines)
    let number = version.split(separator: " ").last.map(String.init) ?? ""
    #expect(!number.isEmpty)
    let isThere = try #require(Document.named("CHANGELOG.md")).text.contains("## \(number)")
    #expect(isThere, "CHANGELOG.md has no entry for \(version)")
  }

  @Test("every default that can be switched off is in the guide on hardening, and no other")
  func relaxations() throws {
    let refused = try CommandLineTool.run(["run", "pipeline.yaml", "--relax", "nothing"])
    let names = refused.stderr.matches(of: /(?m)^  - ([a-z-]+)$/).map { String($0.1) }
    #expect(names.count >= 7, "\(refused.stderr)")
    let guide = try #require(Document.named("docs/operators/hardening.md")).text
    let told = guide.matches(of: /\| `--relax ([a-z-]+)` \|/).map { String($0.1) }
    #expect(Set(told) == Set(names))
  }

  @Test("every command of the program is in a guide")
  func commands() throws {
    let guides = Document.all.filter { $0.path.hasPrefix("docs/") }.map(\.text).joined()
    func subcommands(_ arguments: [String]) throws -> [String] {
      let help = try CommandLineTool.run(arguments + ["--help"]).stdout
      guard let start = help.range(of: "SUBCOMMANDS:") else { return [] }
      return help[start.upperBound...].matches(of: #/(?m)^  ([a-z]+) /#).map { String($0.1) }
    }
    let commands = try subcommands([])
    #expect(commands.count >= 4)
    for command in commands {
      let inner = try subcommands([command])
      for name in inner.isEmpty ? [command] : inner.map({ "\(command) \($0)" }) {
        let isThere = guides.contains("omphalos \(name)")
        #expect(isThere, "no guide shows omphalos \(name)")
      }
    }
  }

  @Test("each promise names a test, and each test that is named is there")
  func promises() throws {
    let text = try #require(Document.named("docs/security.md")).text
    let table = text.split(separator: "\n").filter { $0.hasPrefix("| ") }
    var tests = ""
    let walker = FileManager.default.enumerator(atPath: Compiler.root + "/Tests")
    for case let path as String in walker ?? FileManager.DirectoryEnumerator() where path.hasSuffix("Tests.swift") {
      tests += (try? String(contentsOfFile: Compiler.root + "/Tests/" + path, encoding: .utf8)) ?? ""
    }
    #expect(table.count > 8)
    for (row, next) in zip(table, table.dropFirst() + [""]) where !row.hasPrefix("| ---") && !next.hasPrefix("| ---") {
      let names = row.matches(of: /"([^"]+)"/).map { String($0.1) }
      #expect(!names.isEmpty, "no test shows: \(row)")
      for name in names {
        let isThere = tests.contains("\"\(name)\"")
        #expect(isThere, "docs/security.md names a test that is not there: \(name)")
      }
    }
  }
}

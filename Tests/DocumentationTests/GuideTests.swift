import Foundation
import TestSupport
import Testing

@Suite("Guides")
struct GuideTests {
  @Test(
    "the commands of a guide work one after the other, and print what it shows",
    .enabled(if: ["bash", "clang", "python3", "swiftc"].allSatisfy { Shell.find($0) != nil }, "a tool is not installed"),
    arguments: Document.guides)
  func commands(_ guide: Document) throws {
    let workshop = try Workshop()
    for step in guide.steps {
      let result = try workshop.run(step.commands)
      try #require(
        result.status == step.status,
        "\(guide.path): exit code \(result.status), not \(step.status):\n\(step.commands)\n\(result.output)")
      guard let output = step.output else { continue }
      let missing = Output.firstMissing(of: output, in: result.output)
      #expect(missing == nil, "\(guide.path) shows, and the command does not print: \(missing ?? "")\n\(result.output)")
    }
  }

  @Test("no block of commands is left out for its opening line", arguments: Document.all)
  func openings(_ document: Document) {
    #expect(document.text.matches(of: /(?m)^ *```sh +run/).count == document.steps.count, "\(document.path)")
  }

  @Test("the guides for operators, vendors and reviewers have commands that are run")
  func thereAreCommands() throws {
    for name in ["operators", "vendors", "reviewers"] {
      #expect(try #require(Document.named("docs/\(name).md")).steps.count >= 3, "docs/\(name).md")
    }
  }

  @Test("the demo prints what the README shows")
  func demo() throws {
    let readme = try #require(Document.named("README.md"))
    let shown = try ["demo", "refusal"].map {
      try #require(readme.block($0), "README.md has no block of the demo's output")
    }
    let workshop = try Workshop()
    let result = try workshop.run(
      "bash ExamplePlugins/demo/demo.sh",
      environment: ["CLI": CommandLineTool.path, "PLUGINS": "build/plugins", "OUT": "build/demo"])
    try #require(result.status == 0, "\(result.output)")
    let missing = Output.firstMissing(of: "…\n" + shown.joined(separator: "\n…\n") + "\n…", in: result.output)
    #expect(missing == nil, "README.md shows, and the demo does not print: \(missing ?? "")\n\(result.output)")
  }

  @Test(
    "output that differs from what a guide shows is noticed",
    arguments: [
      ("one\ntwo", "one\ntwo\n", true), ("one\ntwo", "one\n", false), ("one", "one\ntwo", false),
      ("one\n…", "one\ntwo", true), ("…\ntwo", "one\ntwo", true), ("…\nthree", "one\ntwo", false),
      ("a … c", "a b c", true), ("a … c", "a b d", false), ("a …", "a b", true), ("574 rows", "575 rows", false),
      ("run-00000000-0000", "run-12345678-abcd", true), ("run-00000000-0000", "run-1-2", false),
    ])
  func matching(_ shown: String, _ printed: String, _ fits: Bool) {
    #expect((Output.firstMissing(of: shown, in: printed) == nil) == fits)
  }
}

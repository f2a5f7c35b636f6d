import Foundation
import TestSupport
import Testing

@Suite("Every refusal")
struct RefusalTests {
  @Test("reads as it did when someone last looked at it: file, field, found, wanted, what to do", arguments: RefusalCase.all)
  func golden(_ refusal: RefusalCase) throws {
    if let tool = refusal.needs, Shell.find(tool) == nil { try Test.cancel("\(tool) is not here") }
    let pipeline = try PipelineFolder()
    try refusal.prepare(pipeline)
    let arguments = (refusal.arguments ?? ["run", "pipeline.yaml", "--plugins", "plugins"]) + refusal.more
    let result = try pipeline.command(arguments)
    #expect(result.status == refusal.status, "\(result.stdout)\(result.stderr)")
    let said = refusal.arguments == nil ? result.stderr : result.stdout
    let head = "$ omphalos \(arguments.joined(separator: " "))\n"
    try Golden.check(masked(head + said), is: "refusals/\(refusal.name).txt")
    // Nothing is left that looks like a run.
    #expect((try? FileManager.default.contentsOfDirectory(atPath: pipeline.runs))?.contains { !$0.hasPrefix(".") } != true)
  }

  /// Keys are made anew, and numbers of this machine's files are no part of a sentence.
  private func masked(_ text: String) -> String {
    Golden.masked(text).replacing(/SHA256:[A-Za-z0-9+\/]{43}/, with: "SHA256:<key>")
      .replacing(/[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9:]{8}Z\.?/) { $0.output.hasPrefix("2020") ? $0.output : "<now>" }
      .replacing(/\.run-[^ \n]*partial/, with: ".<run id>.<digits>.partial").replacing(/<run id>\.[0-9a-f]{8}/, with: "<run id>.<digits>")
      .replacing(/(offset|needs bytes up to|ends at|is) [0-9]{4,}/) { "\($0.output.1) <number>" }
  }

  @Test("has the code that programs know it by, and every code has its case")
  func codes() throws {
    var seen: Set<String> = []
    for refusal in RefusalCase.all where !refusal.codes.isEmpty {
      if let tool = refusal.needs, Shell.find(tool) == nil { continue }
      let pipeline = try PipelineFolder()
      try refusal.prepare(pipeline)
      let policy = FileManager.default.fileExists(atPath: pipeline.folder.file("policy.yaml")) ? ["--policy", "policy.yaml"] : []
      let hermetic = refusal.more.contains("--hermetic") ? ["--hermetic"] : []
      let list = try pipeline.command(["plugins", "list", "--plugins", "plugins", "--format", "json"] + policy + hermetic)
      let object = try #require(try JSONSerialization.jsonObject(with: Data(list.stdout.utf8)) as? [String: Any])
      let reasons = (object["plugins"] as? [[String: Any]] ?? []).flatMap { $0["reasons"] as? [[String: Any]] ?? [] }
      let codes = Set(reasons.compactMap { $0["code"] as? String })
      if refusal.name != "file-too-large" { #expect(codes == refusal.codes, "\(refusal.name)") }
      seen.formUnion(codes)
    }
    // Those that only a run finds have no line in a list.
    let ofRuns: Set<String> = ["hermetic-capability", "unknown-capability", "unknown-kind", "confirmation"]
    #expect(Self.known.subtracting(seen).subtracting(ofRuns) == [])
  }

  /// Every code that a reason against a plugin can have in JSON output. They are public: one is never given a new meaning.
  private static let known: Set<String> = [
    "file", "own-file", "format", "no-declaration", "bad-declaration", "abi-major", "abi-minor", "draft", "machine",
    "entry-symbol", "hermetic-plugin", "hermetic-capability", "unknown-capability", "unknown-kind", "duplicate-id",
    "missing-library", "missing-symbol", "soname", "own-library", "policy", "signature", "finding", "hardening",
    "confirmation",
  ]
}

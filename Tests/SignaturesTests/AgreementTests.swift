import Foundation
import Signatures
import TestSupport
import Testing

@Suite("Agreement with ssh-keygen", .enabled(if: SigningKit.isThere, "ssh-keygen is not installed"))
struct AgreementTests {
  @Test("what ssh-keygen accepts and refuses, we accept and refuse, or the guide says why not", arguments: AgreementCase.all)
  func agrees(_ example: AgreementCase) throws {
    let kit = try SigningKit.shared.get()
    var given = try Given(kit)
    try example.change(&given, kit)
    let theirs = try kit.verify(given)
    let ours = given.verdict
    #expect(theirs.isGood == (example.verdict == .good), "ssh-keygen: \(theirs.words)")
    #expect(
      ours.isGood == ((example.verdict == .good) == (example.difference == nil)),
      "ours: \(ours.words)\nssh-keygen: \(theirs.words)")
  }

  @Test("every difference stands in the guide's table, and every row of the table is a difference")
  func differences() throws {
    let guide = try String(contentsOfFile: Compiler.root + "/docs/signatures.md", encoding: .utf8)
    let table = guide.components(separatedBy: "## Where this differs").dropFirst().first ?? ""
    let rows = table.matches(of: /(?m)^\| ([^|]*) \|[^|]*\|[^|]*\|$/).map { String($0.1) }
    let known = Set(AgreementCase.all.compactMap(\.difference))
    #expect(Set(rows.dropFirst().filter { !$0.hasPrefix("---") }) == known)
  }
}

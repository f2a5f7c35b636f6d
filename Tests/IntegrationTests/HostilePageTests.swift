import Foundation
import TestSupport
import Testing

@Suite("Hostile corpus: its page")
struct HostilePageTests {
  @Test("the corpus's page counts what is in its tables")
  func counts() throws {
    let text = try String(contentsOfFile: HostileWorkshop.folder + "/README.md", encoding: .utf8)
    let rows = text.split(separator: "\n").map(String.init).filter { $0.hasPrefix("| ") && $0.contains("Tests.swift") }
    let counted = rows.map { $0.split(separator: "|").map { $0.trimmingCharacters(in: .whitespaces) } }
      .map { "\($0[2].trimmingCharacters(in: ["`"])): \($0[1])" }
    let layout = [HostileLayoutTests.header, HostileLayoutTests.loads, HostileLayoutTests.places]
    let dynamic = [
      HostileDynamicTests.entries, HostileDynamicTests.hashes, HostileDynamicTests.versions, HostileDynamicTests.relocations,
    ]
    let files = [HostileFileTests.files, HostileFileTests.entries]
    let declarations = [
      HostileDeclarationTests.texts, HostileDeclarationTests.members, HostileDeclarationTests.capabilities,
      HostileDeclarationTests.schemas,
    ]
    let descriptors = [
      HostileDescriptorTests.pointers, HostileDescriptorTests.numbers, HostileDescriptorTests.texts,
      HostileDescriptorTests.lists,
    ]
    let capabilities = [
      HostileCapabilityTests.members, HostileCapabilityTests.vtables, HostileCapabilityTests.functions,
    ]
    let growth = [
      HostileGrowthTests.longer, HostileGrowthTests.shorter, HostileGrowthTests.versions, HostileGrowthTests.flags,
    ]
    func count(_ tables: [[HostileCase]]) -> Int { tables.reduce(0) { $0 + $1.count } }
    #expect(
      counted == [
        "HostileLayoutTests.swift: \(count(layout))", "HostileDynamicTests.swift: \(count(dynamic))",
        "HostileFileTests.swift: \(count(files))", "HostileNoteTests.swift: \(HostileNoteTests.containers.count)",
        "HostileDeclarationTests.swift: \(count(declarations))", "HostileDescriptorTests.swift: \(count(descriptors))",
        "HostileCapabilityTests.swift: \(count(capabilities))",
        // Three cases are tests of their own.
        "HostileGrowthTests.swift: \(count(growth) + 3)",
      ])
  }
}

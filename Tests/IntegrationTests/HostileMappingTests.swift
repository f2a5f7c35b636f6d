import Foundation
import TestSupport
import Testing

/// All tables of the corpus.
enum HostileCorpus {
  static let all: [HostileCase] =
    HostileLayoutTests.header + HostileLayoutTests.loads + HostileLayoutTests.places
    + HostileDynamicTests.entries + HostileDynamicTests.hashes + HostileDynamicTests.versions
    + HostileDynamicTests.relocations + HostileFileTests.files + HostileFileTests.entries + HostileNoteTests.containers
    + HostileDeclarationTests.texts + HostileDeclarationTests.members + HostileDeclarationTests.capabilities
    + HostileDeclarationTests.schemas + HostileGrowthTests.versions + HostileGrowthTests.flags

  /// Those that are refused before anything of them is mapped, and those of which something is.
  static let refused = all.filter { isRefused($0) }

  private static func isRefused(_ example: HostileCase) -> Bool {
    // Where a file cannot be made its own test says why.
    guard let image = try? HostileWorkshop.image(example.file) else { return false }
    return (try? example.outcome(image).isRefusedBeforeMapping) ?? false
  }
}

/// What is refused is never mapped to be run: seen by the kernel, not said by the program.
@Suite("Hostile corpus: mappings", .enabled(if: Shell.find("strace") != nil, "strace is not installed"))
struct HostileMappingTests {
  private func isExecutable(_ line: String) -> Bool { line.contains("PROT_EXEC") }

  @Test("a run makes no executable mapping of a refused file or of a copy of it", arguments: HostileCorpus.refused)
  func run(_ example: HostileCase) throws {
    let lines = try HostileTrial.trace(example)
    // The trace saw this program's own library being mapped, so it would have seen the plugin.
    #expect(lines.contains { isExecutable($0) && $0.contains("libc.so.6") })
    #expect(lines.filter { isExecutable($0) && ($0.contains("hostile") || $0.contains("mprotect")) } == [])
  }

  @Test("the trace shows the mapping of a plugin that is admitted")
  func control() throws {
    let lines = try HostileTrial.trace(HostileCase("admissible", .patchable, .admitted))
    #expect(lines.contains { isExecutable($0) && $0.contains("memfd:com.example.hostile") })
  }

  @Test("listing them all maps none of them, and says of each what is wrong with it, word for word")
  func list() throws {
    let pipeline = try PipelineFolder()
    var wanted: [String] = []
    for (number, example) in HostileCorpus.refused.enumerated() {
      let image = try HostileWorkshop.image(example.file)
      let digits = String(number)
      let path = "plugins/hostile-" + String(repeating: "0", count: 3 - digits.count) + digits + ".so"
      try pipeline.folder.write(path, image.bytes)
      wanted += try example.outcome(image).sentences.map { "\(path): \($0.replacing("%", with: path))." }
    }
    let (result, lines) = try HostileTrial.trace(["plugins", "list", "--plugins", "plugins", "--hermetic"], in: pipeline)
    #expect(result.status == 0)
    #expect(lines.filter { isExecutable($0) && $0.contains("hostile") } == [])
    #expect(reasons(result.stdout).filter { !$0.contains("wanted one file with this id") } == wanted)
  }

  /// Each reason of a listing behind the path that it is said of.
  private func reasons(_ listing: String) -> [String] {
    var path = ""
    return listing.split(separator: "\n").compactMap { line in
      let indent = "            - "
      if line.hasPrefix(indent) { return "\(path): \(line.dropFirst(indent.count))" }
      path = line.split(separator: " ").dropFirst().first.map(String.init) ?? ""
      return nil
    }
  }
}

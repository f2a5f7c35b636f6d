import Foundation
import Testing

@Suite("Arrows between targets")
struct ArchitectureTests {
  /// From the bottom up: a target may use those above its own line in this list, never those on it or below.
  private static let floors: [[String]] = [
    ["COmphalos", "CLinux"],
    ["OmphalosValues"],
    ["LinuxCalls", "ConfigurationSchema", "RunRecord", "Signatures"],
    ["PluginABI", "ELFInspection", "RunDirectory"],
    ["Admission"],
    ["PluginHost", "ArtifactStore", "DeclarationSource"],
    ["Pipeline"],
    ["Supervisor"],
    ["OmphalosCLI"],
    ["omphalos"],
  ]

  /// Target and what it depends on, read from Package.swift by the package manager itself.
  private func dependencies() throws -> [String: [String]] {
    let manifest = SourceTree.root.appendingPathComponent("Package.swift")
    let text = try String(contentsOf: manifest, encoding: .utf8)
    var result: [String: [String]] = [:]
    let declaration = /(?s)(?:library\(|\.executableTarget\(\s*name:)\s*"(\w+)",\s*(?:dependencies:\s*)?\[(.*?)\]/
    for match in text.matches(of: declaration) {
      result[String(match.1)] = match.2.matches(of: /"(\w+)"/).map { String($0.1) }
    }
    return result
  }

  private func floor(_ target: String) -> Int? { Self.floors.firstIndex { $0.contains(target) } }

  @Test("every arrow in Package.swift points down")
  func arrowsPointDown() throws {
    let targets = try dependencies()
    #expect(targets.count >= 14)
    for (target, uses) in targets {
      let own = try #require(floor(target), "Package.swift has a target \(target) that has no floor in this test")
      for used in uses {
        let below = try #require(floor(used), "\(target) uses \(used), which has no floor in this test")
        #expect(below < own, "\(target) uses \(used): arrows may only point down")
      }
    }
  }

  @Test("a target imports only what Package.swift gives it")
  func importsAreDeclared() throws {
    let targets = try dependencies()
    let known = Set(Self.floors.joined())
    for (target, uses) in targets {
      for file in SourceTree.files(below: "Sources/\(target)", endings: ["swift"]) {
        for line in file.lines where line.hasPrefix("import ") {
          let module = String(line.dropFirst(7))
          if known.contains(module) {
            #expect(uses.contains(module), "\(file.path) imports \(module), which is not among its dependencies")
          }
        }
      }
    }
  }
}

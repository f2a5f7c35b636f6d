import Admission
import OmphalosValues
import TestSupport
import Testing

@testable import DeclarationSource

@Suite("plugin.json as Swift")
struct SwiftSourceTests {
  /// The vendor's part: tables without functions.
  private func plugin(_ declaration: Declaration) -> String {
    let tables = declaration.capabilities.map { capability in
      let type = "omphalos_\(capability.kind)"
      return """
          static var \(capability.swiftIdentifier): \(type) {
            var table = \(type)()
            table.struct_size = UInt32(MemoryLayout<\(type)>.size)
            return table
          }

        """
    }.joined()
    return "import COmphalos\nenum Plugin: DeclaredPlugin {\n\(tables)}\n"
  }

  @Test(
    "it compiles in strict mode without a warning, and the built plugin declares exactly what plugin.json says",
    .enabled(if: Shell.find("swiftc") != nil, "swiftc is not in PATH"), arguments: Samples.Name.allCases)
  func compiles(sample: Samples.Name) throws {
    let source = try Samples.source(sample)
    let folder = try TemporaryFolder()
    let inputs = [
      try folder.write("declaration.swift", source.swift()),
      try folder.write("plugin.swift", plugin(source.declaration)),
    ]
    let output = folder.file("acme.so")
    let result = try Shell.run(
      [
        "swiftc", "-swift-version", "6", "-strict-memory-safety", "-warnings-as-errors", "-emit-library",
        "-module-name", "acme", "-I", Compiler.include, "-o", output,
      ] + inputs)
    try #require(result.status == 0, "\(result.stderr)\(result.stdout)")
    #expect(try differences(output, source) == [])
    let notes = try Shell.run(["readelf", "-nW", output])
    #expect(notes.stdout.contains("omphalOS"))
    #expect(notes.stderr == "", "readelf warns of a corrupt note")
  }

  @Test("names of tables are in lower camel case")
  func identifiers() throws {
    let names = try Samples.source(Samples.hard).declaration.capabilities.map(\.swiftIdentifier)
    #expect(names == ["connectorCsv", "exporterABC2", "lineageSinkSink"])
  }
}

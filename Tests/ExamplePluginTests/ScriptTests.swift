import TestSupport
import Testing

/// The scripts of `Tests/PluginTests`, each a test: they run the example plugins against a host of their own and compare
/// with Python's csv module and with pyarrow. Exit code 77 means that what a script needs is not here.
@Suite("The example plugins and the headers", .serialized)
struct ScriptTests {
  private func run(_ program: String, _ script: String) throws {
    guard Shell.find(program) != nil else {
      print("\(script) is skipped: \(program) is not installed")
      return
    }
    _ = try ExamplePlugins.directory()
    let result = try Shell.run([program, Compiler.root + "/Tests/PluginTests/\(script)"])
    if result.status == 77 {
      print("\(script) is skipped: \(result.stdout)\(result.stderr)")
      return
    }
    #expect(result.status == 0, "\(result.stdout)\n\(result.stderr)")
  }

  @Test("the csv plugin reads and writes what Python's csv module does")
  func roundTrips() throws { try run("python3", "round_trips.py") }

  @Test("the exporters write the bytes they should, also when the disk is full and when memory runs out")
  func exporters() throws { try run("python3", "exporters.py") }

  @Test("the sqlite plugin writes what Python's sqlite3 reads, also when the disk is full and when memory runs out")
  func sqlite() throws { try run("python3", "sqlite_exporter.py") }

  @Test("the digest plugin writes what Python computes, also when the disk is full and when memory runs out")
  func digest() throws { try run("python3", "digest_exporter.py") }

  @Test("pyarrow accepts the connector's streams in full, and the exporters read every type that they name")
  func arrowConformance() throws { try run("python3", "arrow_conformance.py") }

  @Test("the headers compile without a warning as C99 to C17 and C++11 to C++20, and for aarch64")
  func headers() throws { try run("python3", "headers.py") }
}

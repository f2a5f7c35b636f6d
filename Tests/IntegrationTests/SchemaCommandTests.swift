import Foundation
import TestSupport
import Testing

@Suite("Schemas for editors")
struct SchemaCommandTests {
  @Test("the one in docs/schemas is the one that the program prints", arguments: ["pipeline", "policy", "lock"])
  func committed(subject: String) throws {
    let path = "\(Compiler.root)/docs/schemas/\(subject).schema.json"
    let printed = try CommandLineTool.run(["schema", subject])
    #expect(printed.status == 0 && printed.stderr == "")
    if ProcessInfo.processInfo.environment["OMPHALOS_RENEW_GOLDEN"] == "1" {
      try printed.stdout.write(toFile: path, atomically: true, encoding: .utf8)
    }
    #expect(try String(contentsOfFile: path, encoding: .utf8) == printed.stdout)
  }

  @Test("there are none of other files, and the way on is told")
  func unknown() throws {
    let result = try CommandLineTool.run(["schema", "nope"])
    #expect(result.status == 64 && result.stderr.contains("pipeline"))
  }
}

import Foundation
import Testing

/// Files that users parse, kept as they were when someone last looked at them.
///
/// After a change that is meant, renew them all and read the diff:
///
///     OMPHALOS_RENEW_GOLDEN=1 swift test --filter RunRecordTests
enum Golden {
  private static let folder = #filePath.split(separator: "/").dropLast().map { "/" + $0 }.joined() + "/Golden"

  static func check(
    _ bytes: [UInt8], is name: String, sourceLocation: SourceLocation = #_sourceLocation
  ) throws {
    let path = folder + "/" + name
    if ProcessInfo.processInfo.environment["OMPHALOS_RENEW_GOLDEN"] == "1" {
      try Data(bytes).write(to: URL(fileURLWithPath: path))
    }
    let wanted = lines([UInt8](try Data(contentsOf: URL(fileURLWithPath: path))))
    let found = lines(bytes)
    for (number, (found, wanted)) in zip(found, wanted).enumerated() where found != wanted {
      Issue.record("\(name):\(number + 1): found \(found), wanted \(wanted)", sourceLocation: sourceLocation)
      return
    }
    #expect(found.count == wanted.count, "\(name): number of lines", sourceLocation: sourceLocation)
  }

  private static func lines(_ bytes: [UInt8]) -> [String] {
    bytes.split(separator: UInt8(ascii: "\n"), omittingEmptySubsequences: false).map {
      String(decoding: $0, as: UTF8.self)
    }
  }
}

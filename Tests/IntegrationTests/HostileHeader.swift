import Foundation
import TestSupport

/// `omphalos/plugin.h` with structs that are longer or shorter than they are: what a vendor of another time compiles with.
struct HostileHeader: Sendable {
  struct NotFound: Error, CustomStringConvertible { let description: String }

  let name: String
  private let change: @Sendable (inout String) throws -> Void

  static let real = HostileHeader(name: "as it is") { _ in }

  /// With a pointer `added` and a number `added_number` at the end of each of these structs.
  static func longer(_ structs: [String]) -> HostileHeader {
    HostileHeader(name: "longer \(structs)") { text in
      for name in structs {
        try replace("} \(name);", with: "  void *added;\n  uint64_t added_number;\n} \(name);", in: &text)
        try resize(name, by: 16, in: &text)
      }
      try replace("#define OMPHALOS_ABI_MINOR 0", with: "#define OMPHALOS_ABI_MINOR 1", in: &text)
    }
  }

  /// Without the last member of a struct, which has eight bytes.
  static func shorter(_ name: String, without member: String) -> HostileHeader {
    HostileHeader(name: "shorter \(name)") { text in
      guard let end = text.range(of: "} \(name);"),
        let declaration = text[..<end.lowerBound].range(of: "\n  ", options: .backwards, range: text.startIndex..<end.lowerBound)
      else { throw NotFound(description: "no struct \(name)") }
      // The last declaration may have several lines; it begins at the last line that names the member.
      var start = declaration.lowerBound
      let named = text[..<end.lowerBound].range(of: member, options: .backwards)
      if let named { start = min(start, text[..<named.lowerBound].lastIndex(of: "\n") ?? start) }
      text.replaceSubrange(start..<end.lowerBound, with: "\n")
      try resize(name, by: -8, in: &text)
      try removeLine("OMPHALOS_AT_(\(name), \(member),", in: &text)
    }
  }

  /// Calls `body` with a folder to include from.
  func withFolder<Result>(_ body: (String) throws -> Result) throws -> Result {
    let folder = try TemporaryFolder()
    for file in ["plugin.h", "arrow.h"] {
      var text = try String(contentsOfFile: "\(Compiler.include)/omphalos/\(file)", encoding: .utf8)
      if file == "plugin.h" { try change(&text) }
      try folder.write("omphalos/\(file)", text)
    }
    return try body(folder.path)
  }

  private static func replace(_ old: String, with new: String, in text: inout String) throws {
    guard text.contains(old) else { throw NotFound(description: "plugin.h has no \(old)") }
    text = text.replacing(old, with: new)
  }

  /// Adjusts the assertion of the struct's size, without which the header does not compile.
  private static func resize(_ name: String, by bytes: Int, in text: inout String) throws {
    let line = "OMPHALOS_SIZE_(\(name), "
    guard let start = text.range(of: line), let end = text[start.upperBound...].firstIndex(of: ")"),
      let size = Int(text[start.upperBound..<end])
    else { throw NotFound(description: "plugin.h asserts no size of \(name)") }
    text.replaceSubrange(start.upperBound..<end, with: "\(size + bytes)")
  }

  private static func removeLine(_ beginning: String, in text: inout String) throws {
    guard let start = text.range(of: beginning), let end = text[start.upperBound...].firstIndex(of: "\n") else {
      throw NotFound(description: "plugin.h has no \(beginning)")
    }
    text.removeSubrange(start.lowerBound...end)
  }
}

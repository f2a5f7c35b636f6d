import TestSupport

/// The text of a declaration note that is right but for what a case changes.
enum HostileNote {
  static let members: [(key: String, value: String)] = [
    ("note", "1"), ("abi", abi()),
    ("id", #""com.example.hostile""#), ("version", #""1.0.0""#), ("vendor", #""Example""#), ("license", #""MIT""#),
    ("summary", #""A case""#), ("hermetic", #""compatible""#), ("flags", "0"), ("capabilities", "[\(capability())]"),
  ]

  static func abi(major: Int = 1, required: Int = 0, built: Int = 0, draft: Int = PluginHeader.draft) -> String {
    #"{"major":\#(major),"minor_required":\#(required),"minor_built":\#(built),"draft":\#(draft)}"#
  }

  /// The three capabilities of `base.c`, the last with such a kind and such more members.
  static func capabilities(kind: String = "lineage_sink", more: [String: String] = [:]) -> String {
    let sink = capability(more.merging(["kind": "\"\(kind)\"", "name": "\"sink\""]) { first, _ in first })
    return "[\(capability(["kind": "\"connector\"", "name": "\"source\""])),\(capability()),\(sink)]"
  }

  /// - Parameters:
  ///   - changes: JSON texts by key; an empty one leaves the member out.
  ///   - more: put before the closing brace.
  ///   - padding: the length in bytes, reached with spaces.
  static func text(_ changes: [String: String] = [:], more: String = "", padding: Int = 0) -> [UInt8] {
    let others = changes.keys.filter { key in !members.contains { $0.key == key } }.sorted()
    let all = (members + others.map { (key: $0, value: "") }).compactMap { member -> String? in
      let value = changes[member.key] ?? member.value
      return value.isEmpty ? nil : "\"\(member.key)\":\(value)"
    }
    let text = Array(("{" + all.joined(separator: ",") + more).utf8)
    return text + [UInt8](repeating: 0x20, count: max(0, padding - text.count - 1)) + Array("}".utf8)
  }

  /// A capability that is right but for what a case changes.
  static func capability(_ changes: [String: String] = [:]) -> String {
    let members = [("kind", #""exporter""#), ("name", #""product""#), ("interface_version", "1")]
    let own = members.compactMap { key, value -> String? in
      let text = changes[key] ?? value
      return text.isEmpty ? nil : "\"\(key)\":\(text)"
    }
    let more = changes.filter { change in !members.contains { $0.0 == change.key } }.sorted { $0.key < $1.key }
    return "{" + (own + more.map { "\"\($0.key)\":\($0.value)" }).joined(separator: ",") + "}"
  }
}

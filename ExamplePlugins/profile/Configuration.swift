/// What plugin.json describes; the defaults stand there too.
struct Configuration {
  var path = "exports/{dataset}.profile.json"
  var distinctLimit = 100_000

  /// Reads a JSON object. The host has checked it against the schema; what is wrong here is refused all the same.
  init(_ json: [UInt8]) throws(Failure) {
    var reader = FlatObjectReader(json)
    for (key, value) in try reader.read() {
      switch (key, value) {
      case ("path", .text(let path)): self.path = path
      case ("distinct_limit", .integer(let limit)) where limit >= 1: distinctLimit = limit
      case ("path", _): throw .configuration("`path` must be a text")
      case ("distinct_limit", _): throw .configuration("`distinct_limit` must be an integer of at least 1")
      default: throw .configuration("`\(key)` is unknown, wanted `path` or `distinct_limit`")
      }
    }
  }

  /// The path for a dataset; `several` datasets may not share one.
  func path(for dataset: String, several: Bool) throws(Failure) -> String {
    let pattern = Array(path.utf8), placeholder = Array("{dataset}".utf8)
    let starts = pattern.indices.dropLast(placeholder.count - 1)
    guard let start = starts.first(where: { pattern[$0...].starts(with: placeholder) }) else {
      if several {
        throw .configuration(
          "`path` is \"\(path)\" for several datasets; put {dataset} into it, so that each gets its own")
      }
      return path
    }
    let end = start + placeholder.count
    return String(decoding: pattern[..<start] + dataset.utf8 + pattern[end...], as: UTF8.self)
  }
}

/// Reads a JSON object whose values are texts and integers: all that this plugin's schema knows.
private struct FlatObjectReader {
  enum Value { case text(String), integer(Int) }

  private let bytes: [UInt8]
  private var at = 0

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  mutating func read() throws(Failure) -> [(String, Value)] {
    var members: [(String, Value)] = []
    try expect("{")
    if peek() == UInt8(ascii: "}") { return members }
    while true {
      let key = try text()
      try expect(":")
      members.append((key, try value()))
      guard peek() == UInt8(ascii: ",") else { break }
      at += 1
    }
    try expect("}")
    return members
  }

  /// The next byte that is no space, or nil at the end.
  private mutating func peek() -> UInt8? {
    while at < bytes.count, bytes[at] == 0x20 || (0x09...0x0d).contains(bytes[at]) { at += 1 }
    return at < bytes.count ? bytes[at] : nil
  }

  private mutating func expect(_ scalar: Unicode.Scalar) throws(Failure) {
    guard peek() == UInt8(ascii: scalar) else { throw malformed() }
    at += 1
  }

  private func malformed() -> Failure {
    .configuration("is not an object of texts and integers at byte \(at)")
  }

  private mutating func value() throws(Failure) -> Value {
    if peek() == UInt8(ascii: "\"") { return .text(try text()) }
    let start = at
    while at < bytes.count, bytes[at] == UInt8(ascii: "-") || (0x30...0x39).contains(bytes[at]) { at += 1 }
    guard let number = Int(String(decoding: bytes[start..<at], as: UTF8.self)) else { throw malformed() }
    return .integer(number)
  }

  private mutating func text() throws(Failure) -> String {
    try expect("\"")
    var scalars: [UInt8] = []
    while at < bytes.count {
      let byte = bytes[at]
      at += 1
      switch byte {
      case UInt8(ascii: "\""): return String(decoding: scalars, as: UTF8.self)
      case UInt8(ascii: "\\"): scalars += try escape().utf8
      default: scalars.append(byte)
      }
    }
    throw malformed()
  }

  private mutating func escape() throws(Failure) -> String {
    guard at < bytes.count else { throw malformed() }
    let letter = bytes[at]
    at += 1
    switch letter {
    case UInt8(ascii: "\""), UInt8(ascii: "\\"), UInt8(ascii: "/"): return String(Unicode.Scalar(letter))
    case UInt8(ascii: "b"): return "\u{8}"
    case UInt8(ascii: "f"): return "\u{c}"
    case UInt8(ascii: "n"): return "\n"
    case UInt8(ascii: "r"): return "\r"
    case UInt8(ascii: "t"): return "\t"
    case UInt8(ascii: "u"): return try unicodeEscape()
    default: throw malformed()
    }
  }

  /// One UTF-16 unit, or two that stand for one character.
  private mutating func unicodeEscape() throws(Failure) -> String {
    var units = [try unit()]
    if UTF16.isLeadSurrogate(units[0]) {
      try expect("\\")
      try expect("u")
      units.append(try unit())
    }
    guard let text = String(validating: units, as: UTF16.self) else { throw malformed() }
    return text
  }

  private mutating func unit() throws(Failure) -> UInt16 {
    guard bytes.count - at >= 4, let unit = UInt16(String(decoding: bytes[at..<(at + 4)], as: UTF8.self), radix: 16)
    else { throw malformed() }
    at += 4
    return unit
  }
}

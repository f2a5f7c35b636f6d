import OmphalosValues

/// What stands between the principals and the key: `namespaces="a,b",valid-before="20270101Z"`.
struct SignerOptions {
  private(set) var isCertificateAuthority = false
  private(set) var namespaces: PatternList?
  private(set) var validAfter: SignerTime?
  private(set) var validBefore: SignerTime?

  init() {}

  init(_ text: String) throws(SignerLine.Fault) {
    var rest = Array(text.utf8)[...]
    var seen: Set<String> = []
    repeat {
      let name = String(decoding: rest.prefix { $0 != UInt8(ascii: "=") && $0 != UInt8(ascii: ",") }, as: UTF8.self)
      rest = rest.dropFirst(name.utf8.count)
      guard seen.insert(name.lowercased()).inserted else {
        throw SignerLine.Fault(found: "the option \(quotedForMessage(name)) twice", wanted: "it once")
      }
      try read(name, &rest)
      guard !rest.isEmpty else { break }
      guard rest.first == UInt8(ascii: ","), rest.count > 1 else {
        let found = quotedForMessage(String(decoding: rest, as: UTF8.self), limit: 40)
        throw SignerLine.Fault(found: "\(found) after an option", wanted: "a comma and the next option, without blanks")
      }
      rest = rest.dropFirst()
    } while true
    if let validAfter, let validBefore, validBefore.time <= validAfter.time {
      throw SignerLine.Fault(
        found: "valid-before=\"\(validBefore.text)\", which is not after valid-after=\"\(validAfter.text)\"",
        wanted: "a later moment")
    }
  }

  private mutating func read(_ name: String, _ rest: inout ArraySlice<UInt8>) throws(SignerLine.Fault) {
    switch name.lowercased() {
    case "cert-authority": isCertificateAuthority = true
    case "namespaces":
      let list = PatternList(try Self.value(of: name, &rest))
      guard !list.hasTooLongPattern else {
        throw SignerLine.Fault(found: "a very long namespace", wanted: "at most \(PatternList.largestPattern) bytes for each")
      }
      namespaces = list
    case "valid-after": validAfter = try Self.time(of: name, &rest)
    case "valid-before": validBefore = try Self.time(of: name, &rest)
    default:
      throw SignerLine.Fault(
        found: "\(quotedForMessage(name)) where a type of key or an option should be",
        wanted: "a type of key, or cert-authority, namespaces=\"…\", valid-after=\"…\" or valid-before=\"…\"")
    }
  }

  private static func time(of name: String, _ rest: inout ArraySlice<UInt8>) throws(SignerLine.Fault) -> SignerTime {
    let text = try value(of: name, &rest)
    guard let time = SignerTime(text) else {
      throw SignerLine.Fault(found: "\(name)=\(quotedForMessage(text))", wanted: SignerTime.wanted)
    }
    return time
  }

  /// `="…"`, in which `\"` stands for a quote.
  private static func value(
    of name: String, _ rest: inout ArraySlice<UInt8>
  ) throws(SignerLine.Fault) -> String {
    let quote = UInt8(ascii: "\"")
    guard rest.starts(with: [UInt8(ascii: "="), quote]) else {
      throw SignerLine.Fault(found: "\(name) without a value in quotes", wanted: "\(name)=\"…\"")
    }
    rest = rest.dropFirst(2)
    var value: [UInt8] = []
    while let byte = rest.first, byte != quote {
      if byte == UInt8(ascii: "\\"), rest.dropFirst().first == quote { rest = rest.dropFirst() }
      value.append(rest.removeFirst())
    }
    guard rest.first == quote else {
      throw SignerLine.Fault(found: "a quote that is not closed after \(name)", wanted: "a second one")
    }
    rest = rest.dropFirst()
    return String(decoding: value, as: UTF8.self)
  }
}

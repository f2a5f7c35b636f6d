import OmphalosValues

/// Reads typed members of one JSON object and collects what is wrong with them: a vendor sees all of it at once.
struct MemberReader {
  private let object: JSONObject
  private let path: String
  private var known: Set<String> = []
  private(set) var reasons: [AdmissionReason] = []

  init(_ object: JSONObject, path: String) {
    self.object = object
    self.path = path
  }

  private func field(_ key: String) -> String { path.isEmpty ? key : path + "." + key }

  mutating func refuse(_ key: String, found: String, wanted: String, remedy: String = "") {
    reasons.append(
      AdmissionReason(.badDeclaration, field: field(key), found: found, wanted: wanted, remedy: remedy))
  }

  private mutating func member(_ key: String, wanted: String, remedy: String = "") -> JSONValue? {
    known.insert(key)
    guard let value = object[key] else {
      refuse(key, found: "missing", wanted: wanted, remedy: remedy)
      return nil
    }
    return value
  }

  mutating func object(_ key: String) -> JSONObject? {
    guard let value = member(key, wanted: "an object") else { return nil }
    guard let object = value.objectValue else {
      refuse(key, found: value.kindForMessage, wanted: "an object")
      return nil
    }
    return object
  }

  mutating func array(_ key: String) -> [JSONValue]? {
    guard let value = member(key, wanted: "a list") else { return nil }
    guard let array = value.arrayValue else {
      refuse(key, found: value.kindForMessage, wanted: "a list")
      return nil
    }
    return array
  }

  mutating func integer<Number: FixedWidthInteger>(_ key: String, in range: ClosedRange<Number>) -> Number? {
    let wanted =
      range.lowerBound == range.upperBound
      ? "\(range.lowerBound)" : "an integer from \(range.lowerBound) to \(range.upperBound)"
    guard let value = member(key, wanted: wanted) else { return nil }
    guard let integer = value.integerValue else {
      refuse(key, found: value.numberValue.map { "\($0)" } ?? value.kindForMessage, wanted: wanted)
      return nil
    }
    guard let number = Number(exactly: integer), range.contains(number) else {
      refuse(key, found: "\(integer)", wanted: wanted)
      return nil
    }
    return number
  }

  /// Text that a person reads: not empty, of at most 4,096 bytes, without control characters.
  mutating func text(_ key: String) -> String? {
    guard let text = string(key) else { return nil }
    let wanted = "1 to \(Declaration.stringLimit) bytes of text without control characters"
    guard !text.isEmpty, text.utf8.count <= Declaration.stringLimit else {
      refuse(key, found: text.isEmpty ? "empty" : "\(text.utf8.count) bytes long", wanted: wanted)
      return nil
    }
    guard !text.unicodeScalars.contains(where: { $0.properties.generalCategory == .control }) else {
      refuse(key, found: quotedForMessage(text), wanted: wanted)
      return nil
    }
    return text
  }

  mutating func string(_ key: String) -> String? {
    guard let value = member(key, wanted: "a string") else { return nil }
    guard let string = value.stringValue else {
      refuse(key, found: value.kindForMessage, wanted: "a string")
      return nil
    }
    return string
  }

  /// A string that a type of its own accepts.
  mutating func value<Value>(_ key: String, _ make: (String) throws(ValueError) -> Value) -> Value? {
    guard let text = string(key) else { return nil }
    do throws(ValueError) {
      return try make(text)
    } catch {
      refuse(key, found: quotedForMessage(error.found), wanted: error.wanted)
      return nil
    }
  }

  mutating func hermetic(_ key: String, remedy: String) -> HermeticClaim? {
    let wanted = "\"compatible\" or \"incompatible\""
    guard let value = member(key, wanted: wanted, remedy: remedy) else { return nil }
    guard let text = value.stringValue, let claim = HermeticClaim(rawValue: text) else {
      refuse(key, found: value.stringValue.map { quotedForMessage($0) } ?? value.kindForMessage, wanted: wanted)
      return nil
    }
    return claim
  }

  /// nil where the member is missing, and where it is no boolean, which is a reason.
  mutating func optionalBool(_ key: String) -> Bool? {
    known.insert(key)
    guard let value = object[key] else { return nil }
    guard let bool = value.boolValue else {
      refuse(key, found: value.kindForMessage, wanted: "true or false")
      return nil
    }
    return bool
  }

  /// The members that nobody has asked for.
  func unknownMembers(also more: Set<String>) -> [UnknownMember] {
    object.members.filter { !known.contains($0.key) && !more.contains($0.key) }.map {
      UnknownMember(path: field(([.key($0.key)] as [PathStep]).pathText), value: $0.value)
    }
  }
}

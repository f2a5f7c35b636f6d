import OmphalosValues

/// Reads a JSON document of unknown origin part by part and collects what is wrong with it.
///
/// A part that is not there was already reported by `object(_:at:required:)`, so the readers of single values take an
/// optional and are silent about nil.
struct JSONReader {
  /// More problems than these are counted only.
  static let keptProblems = 10_000

  private(set) var problems: [ManifestProblem] = []
  private(set) var problemCount = 0

  mutating func report(_ place: String, _ message: String) {
    problemCount += 1
    if problems.count < Self.keptProblems { problems.append(ManifestProblem(place: place, message: message)) }
  }

  /// Adds what another reader found.
  mutating func add(_ other: JSONReader?) {
    guard let other else { return }
    problems += other.problems.prefix(Self.keptProblems - problems.count)
    problemCount += other.problemCount
  }

  /// - Returns: the members; empty where `value` is no object.
  mutating func object(
    _ value: JSONValue, at place: String, required: [String], optional: [String] = [], allowsFurther: Bool = false
  ) -> JSONObject {
    guard let object = value.objectValue else {
      report(place, "found \(value.kindForMessage), wanted an object")
      return [:]
    }
    checkKeys(object.keys, at: place, required: required, optional: optional, allowsFurther: allowsFurther)
    return object
  }

  /// The keys that an object has against those that it should have.
  mutating func checkKeys(
    _ keys: [String], at place: String, required: [String], optional: [String] = [], allowsFurther: Bool = false
  ) {
    let found = Set(keys.map { UTF8String($0) })
    for key in required where !found.contains(UTF8String(key)) { report(place, "the key \"\(key)\" is missing") }
    guard !allowsFurther else { return }
    let known = Set((required + optional).map { UTF8String($0) })
    for key in keys where !known.contains(UTF8String(key)) {
      report(place, "the key \(quotedForMessage(key)) is not one of format \(RunLayout.formatVersion)")
    }
  }

  mutating func array(_ value: JSONValue?, at place: String) -> [JSONValue] {
    guard let value else { return [] }
    guard let array = value.arrayValue else {
      report(place, "found \(value.kindForMessage), wanted a list")
      return []
    }
    return array
  }

  mutating func string(_ value: JSONValue?, at place: String) -> String? {
    guard let value else { return nil }
    guard let string = value.stringValue else {
      report(place, "found \(value.kindForMessage), wanted a string")
      return nil
    }
    return string
  }

  mutating func check(_ value: JSONValue?, at place: String, is wanted: String) {
    if let found = string(value, at: place), !haveEqualBytes(found, wanted) {
      report(place, "found \(quotedForMessage(found)), wanted \"\(wanted)\"")
    }
  }

  mutating func value<Value>(
    _ value: JSONValue?, at place: String, _ make: (String) throws(ValueError) -> Value
  ) -> Value? {
    guard let text = string(value, at: place) else { return nil }
    do {
      return try make(text)
    } catch {
      // A problem has no full stop of its own: whoever shows it ends the sentence.
      report(place, "\(quotedForMessage(error.found)) is not a valid \(error.what): wanted \(error.wanted)")
      return nil
    }
  }

  mutating func path(_ value: JSONValue?, at place: String) -> ArtifactPath? {
    self.value(value, at: place) { text throws(ValueError) in try ArtifactPath(text) }
  }

  mutating func digest(_ value: JSONValue?, at place: String) -> SHA256Digest? {
    guard let text = string(value, at: place) else { return nil }
    guard let digest = SHA256Digest(hex: text) else {
      report(place, "found \(quotedForMessage(text)), wanted 64 lower-case hexadecimal digits")
      return nil
    }
    return digest
  }

  mutating func count(_ value: JSONValue, at place: String) -> UInt64? {
    guard let count = value.integerValue.flatMap(UInt64.init(exactly:)) else {
      report(place, "found \(quotedForMessage(value.canonicalText)), wanted an integer that is not negative")
      return nil
    }
    return count
  }
}

/// A version by Semantic Versioning 2.0.0.
///
/// The order is the specification's precedence. Versions that differ in build metadata only have equal precedence
/// there; here they are ordered by its bytes, so that `==` and `<` agree.
public struct SemanticVersion: Hashable, Comparable, Sendable, CustomStringConvertible {
  public let major: UInt64
  public let minor: UInt64
  public let patch: UInt64
  /// The identifiers after `-`, without the dots.
  public let prerelease: [String]
  /// The identifiers after `+`, without the dots.
  public let build: [String]

  public init(_ text: String) throws(ValueError) {
    func refusal(_ wanted: String) -> ValueError {
      ValueError(what: "semantic version", found: text, wanted: wanted)
    }
    guard text.utf8.count <= 255 else { throw refusal("at most 255 bytes") }
    var rest = Array(text.utf8)[...]
    var build: [String] = []
    var prerelease: [String] = []
    if let plus = rest.firstIndex(of: UInt8(ascii: "+")) {
      guard let identifiers = Self.identifiers(rest[(plus + 1)...], numericWithoutLeadingZero: false) else {
        throw refusal("identifiers of letters, digits and '-' after '+', separated by '.'")
      }
      build = identifiers
      rest = rest[..<plus]
    }
    if let hyphen = rest.firstIndex(of: UInt8(ascii: "-")) {
      guard let identifiers = Self.identifiers(rest[(hyphen + 1)...], numericWithoutLeadingZero: true) else {
        throw refusal("identifiers of letters, digits and '-' after '-', numbers without a leading 0")
      }
      prerelease = identifiers
      rest = rest[..<hyphen]
    }
    let numbers = rest.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false).map(Self.number)
    guard numbers.count == 3, let major = numbers[0], let minor = numbers[1], let patch = numbers[2] else {
      throw refusal("three numbers without a leading 0, as in 1.4.0 or 2.0.0-rc.1")
    }
    self.major = major
    self.minor = minor
    self.patch = patch
    self.prerelease = prerelease
    self.build = build
  }

  private init(_ numbers: (UInt64, UInt64, UInt64), prerelease: [String]) {
    (major, minor, patch) = numbers
    self.prerelease = prerelease
    build = []
  }

  /// What counts for precedence.
  public var withoutBuild: SemanticVersion { SemanticVersion((major, minor, patch), prerelease: prerelease) }

  /// The pre-release that comes before every other one of a version.
  static func lowest(_ major: UInt64, _ minor: UInt64, _ patch: UInt64) -> SemanticVersion {
    SemanticVersion((major, minor, patch), prerelease: ["0"])
  }

  public var description: String {
    "\(major).\(minor).\(patch)"
      + (prerelease.isEmpty ? "" : "-" + prerelease.joined(separator: "."))
      + (build.isEmpty ? "" : "+" + build.joined(separator: "."))
  }

  public static func < (left: SemanticVersion, right: SemanticVersion) -> Bool {
    let leftNumbers = (left.major, left.minor, left.patch)
    let rightNumbers = (right.major, right.minor, right.patch)
    if leftNumbers != rightNumbers { return leftNumbers < rightNumbers }
    if left.prerelease != right.prerelease { return prereleasePrecedes(left.prerelease, right.prerelease) }
    return left.build.lexicographicallyPrecedes(right.build)
  }

  private static func prereleasePrecedes(_ left: [String], _ right: [String]) -> Bool {
    // A release follows all its pre-releases.
    if left.isEmpty || right.isEmpty { return right.isEmpty }
    for (leftPart, rightPart) in zip(left, right) where leftPart != rightPart {
      switch (isNumeric(leftPart.utf8), isNumeric(rightPart.utf8)) {
      case (true, true):
        // Without leading zeros the longer number is the greater one, however long it is.
        return (leftPart.utf8.count, leftPart) < (rightPart.utf8.count, rightPart)
      case (true, false): return true
      case (false, true): return false
      case (false, false): return bytesPrecede(leftPart, rightPart)
      }
    }
    return left.count < right.count
  }

  private static func number(_ digits: ArraySlice<UInt8>) -> UInt64? {
    guard isNumeric(digits), digits.count == 1 || digits.first != UInt8(ascii: "0") else { return nil }
    return UInt64(String(decoding: digits, as: UTF8.self))
  }

  private static func identifiers(_ bytes: ArraySlice<UInt8>, numericWithoutLeadingZero: Bool) -> [String]? {
    var result: [String] = []
    for part in bytes.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false) {
      guard !part.isEmpty, part.allSatisfy(isIdentifierByte) else { return nil }
      if numericWithoutLeadingZero, isNumeric(part), part.count > 1, part.first == UInt8(ascii: "0") { return nil }
      result.append(String(decoding: part, as: UTF8.self))
    }
    return result
  }

  private static func isNumeric(_ bytes: some Collection<UInt8>) -> Bool {
    !bytes.isEmpty && bytes.allSatisfy { $0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9") }
  }

  private static func isIdentifierByte(_ byte: UInt8) -> Bool {
    switch byte {
    case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
      UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "-"):
      true
    default: false
    }
  }
}

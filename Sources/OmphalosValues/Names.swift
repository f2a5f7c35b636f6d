/// A name with rules of its own: it exists only if its text keeps them. All such texts are ASCII.
public protocol CheckedName: Hashable, Comparable, Sendable, CustomStringConvertible {
  init(_ text: String) throws(ValueError)
  var text: String { get }
}

extension CheckedName {
  public var description: String { text }

  /// The order of the texts' bytes.
  public static func < (left: Self, right: Self) -> Bool { bytesPrecede(left.text, right.text) }
}

/// The identity of a plugin: a reverse domain name such as `com.example.acme`.
public struct PluginID: CheckedName {
  public let text: String

  public init(_ text: String) throws(ValueError) {
    let labels = text.utf8.split(separator: UInt8(ascii: "."), omittingEmptySubsequences: false)
    guard text.utf8.count <= 255, labels.count >= 2, labels.allSatisfy(Self.isLabel) else {
      throw ValueError(
        what: "plugin id", found: text,
        wanted: "a reverse domain name of at most 255 bytes such as com.example.acme: two or more labels, each a "
          + "lower-case letter followed by lower-case letters, digits and '-', not ending in '-'")
    }
    self.text = text
  }

  private static func isLabel(_ label: Substring.UTF8View) -> Bool {
    guard let first = label.first, let last = label.last else { return false }
    return first.isLowerLetter && last != UInt8(ascii: "-")
      && label.allSatisfy { $0.isLowerLetter || $0.isDigit || $0 == UInt8(ascii: "-") }
  }
}

/// The name of a capability within its plugin.
public struct CapabilityName: CheckedName {
  public let text: String

  public init(_ text: String) throws(ValueError) {
    let bytes = text.utf8
    guard let first = bytes.first, first.isLowerLetter, bytes.count <= 64,
      bytes.allSatisfy({
        $0.isLowerLetter || $0.isDigit || $0 == UInt8(ascii: "_") || $0 == UInt8(ascii: "-")
      })
    else {
      throw ValueError(
        what: "capability name", found: text,
        wanted: "1 to 64 lower-case letters, digits, '_' and '-', beginning with a letter")
    }
    self.text = text
  }
}

/// A capability as a pipeline names it: `plugin-id/capability-name`.
public struct CapabilityReference: CheckedName {
  public let plugin: PluginID
  public let capability: CapabilityName

  public init(plugin: PluginID, capability: CapabilityName) {
    self.plugin = plugin
    self.capability = capability
  }

  public init(_ text: String) throws(ValueError) {
    let parts = text.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else {
      throw ValueError(
        what: "capability reference", found: text,
        wanted: "a plugin id, '/' and a capability name, as in com.example.acme/csv")
    }
    self.init(plugin: try PluginID(String(parts[0])), capability: try CapabilityName(String(parts[1])))
  }

  public var text: String { "\(plugin.text)/\(capability.text)" }
}

/// The identity of a run and the name of its directory.
public struct RunID: CheckedName {
  public let text: String

  public init(_ text: String) throws(ValueError) {
    let bytes = text.utf8
    guard let first = bytes.first, first.isLowerLetter || first.isDigit, (7...65).contains(bytes.count),
      bytes.allSatisfy({ $0.isLowerLetter || $0.isDigit || $0 == UInt8(ascii: "-") })
    else {
      throw ValueError(
        what: "run id", found: text,
        wanted: "7 to 65 lower-case letters, digits and '-', not beginning with '-'")
    }
    self.text = text
  }
}

/// The name of an input in a pipeline.
public struct InstanceName: CheckedName {
  public let text: String

  public init(_ text: String) throws(ValueError) {
    let bytes = text.utf8
    guard let first = bytes.first, first.isWordByte, bytes.count <= 128,
      bytes.allSatisfy({ $0.isWordByte || $0 == UInt8(ascii: ".") || $0 == UInt8(ascii: "-") })
    else {
      throw ValueError(
        what: "name", found: text,
        wanted: "1 to 128 letters, digits, '_', '.' and '-', beginning with a letter, a digit or '_'")
    }
    self.text = text
  }
}

extension UInt8 {
  fileprivate var isLowerLetter: Bool { self >= UInt8(ascii: "a") && self <= UInt8(ascii: "z") }
  fileprivate var isUpperLetter: Bool { self >= UInt8(ascii: "A") && self <= UInt8(ascii: "Z") }
  fileprivate var isDigit: Bool { self >= UInt8(ascii: "0") && self <= UInt8(ascii: "9") }
  fileprivate var isWordByte: Bool { isLowerLetter || isUpperLetter || isDigit || self == UInt8(ascii: "_") }
}

import OmphalosValues

/// The four version numbers of a plugin's relation to the ABI.
public struct ABIDeclaration: Sendable, Hashable {
  public let major: UInt16
  /// The oldest host minor the plugin works with.
  public let minorRequired: UInt16
  /// The minor of the header it was built with.
  public let minorBuilt: UInt16
  /// The number of the draft; 0 for a frozen major version.
  public let draft: UInt16

  public init(major: UInt16, minorRequired: UInt16, minorBuilt: UInt16, draft: UInt16) {
    self.major = major
    self.minorRequired = minorRequired
    self.minorBuilt = minorBuilt
    self.draft = draft
  }
}

/// What a plugin or a capability says of hermetic runs.
public enum HermeticClaim: String, Sendable, Hashable, CaseIterable {
  case compatible, incompatible

  /// `enum omphalos_hermetic` of plugin.h.
  public var number: UInt32 { self == .compatible ? 1 : 2 }
}

/// What a capability does. A word that this host does not know is kept: such a capability is listed and not used.
public struct CapabilityKind: Sendable, Hashable, CustomStringConvertible {
  public let text: String

  public static let connector = CapabilityKind(known: "connector")
  public static let exporter = CapabilityKind(known: "exporter")
  public static let lineageSink = CapabilityKind(known: "lineage_sink")
  public static let known: [CapabilityKind] = [connector, exporter, lineageSink]

  private init(known: String) { text = known }

  /// A word of 1 to 64 lower-case letters, digits and `_`, beginning with a letter.
  public init(_ text: String) throws(ValueError) {
    let isWord = text.utf8.allSatisfy {
      ($0 >= UInt8(ascii: "a") && $0 <= UInt8(ascii: "z")) || ($0 >= UInt8(ascii: "0") && $0 <= UInt8(ascii: "9"))
        || $0 == UInt8(ascii: "_")
    }
    guard isWord, let first = text.utf8.first, first >= UInt8(ascii: "a"), text.utf8.count <= 64 else {
      throw ValueError(
        what: "capability kind", found: text,
        wanted: "one of \(CapabilityKind.known.map(\.text).joined(separator: ", "))")
    }
    self.text = text
  }

  /// `enum omphalos_kind` of plugin.h; nil for a kind that this host does not know.
  public var number: UInt32? {
    switch self {
    case .connector: 1
    case .exporter: 2
    case .lineageSink: 3
    default: nil
    }
  }

  public init?(number: UInt32) {
    guard let kind = CapabilityKind.known.first(where: { $0.number == number }) else { return nil }
    self = kind
  }

  public var description: String { text }
}

/// One capability as the declaration states it.
public struct CapabilityDeclaration: Sendable, Hashable {
  public let kind: CapabilityKind
  /// Unique in the plugin.
  public let name: CapabilityName
  /// The plugin's own number for this capability's configuration.
  public let interfaceVersion: UInt32
  /// A host that does not know the kind refuses the plugin.
  public let required: Bool
  public let hermetic: HermeticClaim

  /// `omphalos_capability.flags` of plugin.h.
  public var flags: UInt32 {
    (hermetic == .incompatible ? CapabilityFlags.notHermetic : 0) | (required ? CapabilityFlags.required : 0)
  }
}

/// The bits of plugin.h. Unknown bits 0 to 15 are ignored, unknown bits 16 to 31 refuse.
public enum CapabilityFlags {
  public static let notHermetic: UInt32 = 0x1
  public static let required: UInt32 = 0x1_0000
  public static let known = notHermetic | required
}

public enum PluginFlags {
  public static let concurrent: UInt32 = 0x1
  public static let known = concurrent
}

/// A member of the declaration that this host does not know: kept and shown, without effect.
public struct UnknownMember: Sendable, Hashable {
  /// For instance `capabilities[0].colour`.
  public let path: String
  public let value: JSONValue
}

/// What a plugin says of itself in its ELF notes. It exists only if all of it is well-formed.
public struct Declaration: Sendable, Hashable {
  public let abi: ABIDeclaration
  public let id: PluginID
  public let version: SemanticVersion
  public let vendor: String
  /// An SPDX license expression.
  public let license: String
  public let summary: String
  public let hermetic: HermeticClaim
  public let flags: UInt32
  /// In the order of the note; at least one.
  public let capabilities: [CapabilityDeclaration]
  /// JSON Schemas of the capabilities' configurations.
  public let schemas: [CapabilityName: JSONValue]
  public let unknownMembers: [UnknownMember]

  public var unknownKeys: [String] { unknownMembers.map(\.path) }

  /// Several instances of the plugin may be entered from different threads.
  public var isConcurrent: Bool { flags & PluginFlags.concurrent != 0 }

  public func capability(named name: CapabilityName) -> CapabilityDeclaration? {
    capabilities.first { $0.name == name }
  }
}

/// A declaration that cannot be accepted, with everything that is wrong with it.
public struct DeclarationError: Error, Diagnosable, Sendable, Hashable {
  /// At least one.
  public let reasons: [AdmissionReason]

  public init(reasons: [AdmissionReason]) { self.reasons = reasons }

  init(_ field: String, found: String, wanted: String, remedy: String = "") {
    self.init(
      reasons: [AdmissionReason(.badDeclaration, field: field, found: found, wanted: wanted, remedy: remedy)])
  }

  public var message: String { reasons.map(\.sentence).joined(separator: "\n") }
  public var description: String { message }
  public var exitCode: ExitCode { .badData }
}

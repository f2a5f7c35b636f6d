import ELFInspection

/// What a host offers to plugins.
public struct HostABI: Sendable, Hashable {
  public let major: UInt16
  public let minor: UInt16
  public let draft: UInt16
  public let machine: ELFMachine

  public init(major: UInt16 = 1, minor: UInt16 = 0, draft: UInt16 = 0, machine: ELFMachine = .host) {
    self.major = major
    self.minor = minor
    self.draft = draft
    self.machine = machine
  }

  /// The function every plugin exports; its name carries the major version.
  public var entrySymbol: String { "omphalos_plugin_v\(major)" }
}

extension ELFMachine {
  /// The machine this program was compiled for.
  public static var host: ELFMachine {
    #if arch(x86_64)
      .x86_64
    #elseif arch(arm64)
      .aarch64
    #else
      #error("omphalos runs on x86-64 and aarch64")
    #endif
  }
}

/// Whether a plugin may be mapped. A refused plugin never is.
public struct AdmissionDecision: Sendable, Hashable {
  public enum Outcome: String, Sendable { case admissible, refused }

  /// Every reason against the plugin, not only the first.
  public let reasons: [AdmissionReason]

  public init(reasons: [AdmissionReason]) { self.reasons = reasons }

  public var outcome: Outcome { reasons.isEmpty ? .admissible : .refused }

  public func adding(_ reason: AdmissionReason) -> AdmissionDecision { AdmissionDecision(reasons: reasons + [reason]) }
}

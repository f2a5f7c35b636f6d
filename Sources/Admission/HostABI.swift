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

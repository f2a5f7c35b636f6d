import COmphalos

/// The plugin interface that this host speaks.
public enum HostInterface {
  public static let abiMajor = UInt16(OMPHALOS_ABI_MAJOR)
  public static let abiMinor = UInt16(OMPHALOS_ABI_MINOR)
  public static let draft = UInt16(OMPHALOS_ABI_DRAFT)
  public static let entrySymbol = "omphalos_plugin_v1"
  /// The host program's own version, SemVer 2.0.
  public static let version = "0.1.0"
}

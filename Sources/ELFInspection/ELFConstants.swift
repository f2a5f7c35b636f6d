/// Numbers of the System V ABI and of GNU's and LLVM's extensions to it (gABI chapters 4 and 5, `elf.h`).
enum ELF {
  static let magic: [UInt8] = [0x7f, 0x45, 0x4c, 0x46]
  static let headerSize = 64
  static let programHeaderSize = 56
  static let dynamicEntrySize = 16
  static let symbolSize = 24
  static let relocationSize = 24
  static let noteHeaderSize = 12
  /// The smallest page of the machines that are supported.
  static let pageBytes: UInt64 = 4_096

  /// What user programs have at most on the machines that are supported.
  static let addressSpace: UInt64 = 1 << 48

  enum Segment {
    static let load: UInt32 = 1
    static let dynamic: UInt32 = 2
    static let note: UInt32 = 4
    static let headers: UInt32 = 6
    static let tls: UInt32 = 7
    static let stack: UInt32 = 0x6474_e551
    static let relro: UInt32 = 0x6474_e552
    static let properties: UInt32 = 0x6474_e553
    static let executable: UInt32 = 1
    static let writable: UInt32 = 2
  }

  enum Tag {
    static let needed: UInt64 = 1
    static let pltRelocationsSize: UInt64 = 2
    static let hash: UInt64 = 4
    static let stringTable: UInt64 = 5
    static let symbolTable: UInt64 = 6
    static let relocations: UInt64 = 7
    static let relocationsSize: UInt64 = 8
    static let relocationEntry: UInt64 = 9
    static let stringTableSize: UInt64 = 10
    static let symbolEntry: UInt64 = 11
    static let finalizer: UInt64 = 13
    static let soname: UInt64 = 14
    static let rpath: UInt64 = 15
    static let pltRelocationKind: UInt64 = 20
    static let textRelocations: UInt64 = 22
    static let pltRelocations: UInt64 = 23
    static let bindNow: UInt64 = 24
    static let initializerArray: UInt64 = 25
    static let finalizerArray: UInt64 = 26
    static let initializerArraySize: UInt64 = 27
    static let finalizerArraySize: UInt64 = 28
    static let runpath: UInt64 = 29
    static let flags: UInt64 = 30
    static let packedRelocationsSize: UInt64 = 35
    static let packedRelocations: UInt64 = 36
    static let packedRelocationEntry: UInt64 = 37
    static let auxiliary: UInt64 = 0x7fff_fffd
    static let filter: UInt64 = 0x7fff_ffff
    static let gnuHash: UInt64 = 0x6fff_fef5
    static let symbolVersions: UInt64 = 0x6fff_fff0
    static let flags1: UInt64 = 0x6fff_fffb
    static let versionDefinitions: UInt64 = 0x6fff_fffc
    static let versionDefinitionsCount: UInt64 = 0x6fff_fffd
    static let versionNeeds: UInt64 = 0x6fff_fffe
    static let versionNeedsCount: UInt64 = 0x6fff_ffff
  }

  enum Flag {
    /// VER_FLG_WEAK
    static let weakVersion: UInt16 = 0x2
    static let textRelocations: UInt64 = 0x4
    static let bindNow: UInt64 = 0x8
    static let staticTLS: UInt64 = 0x10
    /// DT_FLAGS_1
    static let now: UInt64 = 0x1
    static let noDelete: UInt64 = 0x8
    static let executable: UInt64 = 0x0800_0000
  }
}

/// What a file may hold before it is refused as absurd. Each is far above what real plugins have; together they bound
/// the time and the memory that one hostile file can cost.
public enum ELFLimits {
  /// glibc itself copies all program headers to the stack.
  public static let programHeaders = 1_024
  public static let dynamicEntries = 4_096
  public static let notes = 1_024
  /// Bytes of one PT_NOTE segment.
  public static let noteSegmentBytes = 16 << 20
  public static let symbols = 1_000_000
  /// Bytes of the dynamic string table.
  public static let stringTableBytes = 64 << 20
  /// Bytes of one name.
  public static let nameBytes = 64 << 10
  /// Bytes of all names together: names may share bytes of the string table, so its size does not bound them.
  public static let allNameBytes = 128 << 20
  public static let versions = 65_536
  /// Bytes of PT_TLS, which every thread has.
  public static let threadLocalBytes = 1 << 30
  public static let relocations = 16_000_000
}

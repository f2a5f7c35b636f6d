/// The processor an object is for (`e_machine`).
public struct ELFMachine: Sendable, Hashable, CustomStringConvertible {
  public let number: UInt16
  public init(number: UInt16) { self.number = number }

  public static let x86_64 = ELFMachine(number: 62)
  public static let aarch64 = ELFMachine(number: 183)

  public var description: String {
    switch number {
    case 3: "i386"
    case 21: "ppc64"
    case 22: "s390"
    case 40: "arm"
    case 62: "x86-64"
    case 183: "aarch64"
    case 243: "riscv"
    case 258: "loongarch"
    default: "machine \(number)"
    }
  }
}

/// One ELF note of a PT_NOTE segment.
public struct ELFNote: Sendable, Hashable {
  /// The name field without its NUL bytes, for instance "GNU".
  public let owner: String
  public let type: UInt32
  public let content: [UInt8]
  /// Where the note begins in the file, in bytes.
  public let offset: UInt64
  /// The note lies in memory that the program may write: what the file says is not what stays true.
  public let isWritable: Bool
  /// A relocation changes bytes of the note when the object is loaded: the file does not hold its real content.
  public internal(set) var isRelocated = false
}

/// An undefined symbol that must come from elsewhere when the object is loaded.
public struct ELFSymbol: Sendable, Hashable {
  public let name: String
  /// For instance "GLIBC_2.34"; nil when any version will do.
  public let version: String?
  /// The needed library that is to provide this version, for instance "libc.so.6".
  public let library: String?
  /// A weak symbol may stay undefined.
  public let isWeak: Bool
}

/// A version that a library has to define for the object to be loaded (Vernaux).
public struct ELFVersionNeed: Sendable, Hashable {
  /// "GLIBC_2.34"
  public let version: String
  /// "libc.so.6"
  public let library: String
  /// VER_FLG_WEAK: only weak symbols have it, and it may be missing.
  public let isWeak: Bool
}

/// A symbol that the object provides to others.
public struct ELFExport: Sendable, Hashable {
  public enum Kind: String, Sendable {
    case function, data
    case threadLocal = "thread-local"
    case indirectFunction = "indirect function"
    case other
  }
  public let name: String
  public let kind: Kind
  /// For instance "GLIBC_2.34"; nil where the object gives its symbols no versions, and for its base version.
  public let version: String?
  /// Its address lies in memory that is loaded to be executed.
  public let isInCode: Bool
  /// STB_GNU_UNIQUE: one for the whole process, RTLD_LOCAL or not.
  public let isUnique: Bool
}

/// How much of the object's pointers becomes read-only after loading.
public enum ELFRelro: String, Sendable, Hashable { case none, partial, full }

/// The facts of one shared object, read from its file and never by loading it.
public struct ELFObject: Sendable, Hashable {
  /// Bytes of the file.
  public let size: Int
  public let machine: ELFMachine
  /// Of all PT_NOTE segments, in the order of the program headers.
  public let notes: [ELFNote]
  public let soname: String?
  /// DT_NEEDED, DT_FILTER and DT_AUXILIARY, in order.
  public let needed: [String]
  public let rpath: String?
  public let runpath: String?
  public let hasTextRelocations: Bool
  /// PT_GNU_STACK asks for it, or is missing on a machine where that means yes.
  ///
  /// On x86-64 it means yes: glibc begins with its default for the machine, which is executable, and makes the stacks of the
  /// whole process executable while it loads the object (seen with 2.36; 2.41 refuses to load it instead). The kernel
  /// looks at the program alone, never at a library.
  public let hasExecutableStack: Bool
  /// There is a PT_GNU_STACK.
  public let hasStackHeader: Bool
  /// The program headers of segments that are loaded to be written and executed, by their index.
  public let writableCodeSegments: [Int]
  public let relro: ELFRelro
  public let bindNow: Bool
  /// DF_STATIC_TLS: the object takes part of the loader's small reserve of thread-local memory.
  public let hasStaticTLS: Bool
  /// Bytes of PT_TLS.
  public let tlsBytes: UInt64
  /// DF_1_NODELETE
  public let isNeverUnloaded: Bool
  /// Entries of DT_INIT_ARRAY: functions that run while the object is loaded, before any other is called. The C
  /// runtime's start files bring one.
  public let initializers: Int
  public let hasFinalizers: Bool
  /// STT_GNU_IFUNC definitions: their resolvers run while the object is loaded, even if loading then fails.
  public let indirectFunctions: Int
  public let imports: [ELFSymbol]
  public let exports: [ELFExport]
  public let neededVersions: [ELFVersionNeed]
  /// Nil where the object has no versions at all; then any is taken for there.
  public let definedVersions: [String]?

  /// The GNU build id in hexadecimal, of the first note of that kind.
  public var buildID: String? {
    let note = notes.first { $0.owner == "GNU" && $0.type == 3 && !$0.content.isEmpty }
    return note?.content.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  /// STB_GNU_UNIQUE definitions: shared with every other object of the process that has the same name.
  public var uniqueSymbols: [ELFExport] { exports.filter(\.isUnique) }

  public func export(named name: String) -> ELFExport? { exports.first { $0.name == name } }
}

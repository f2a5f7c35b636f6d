import ELFInspection
import OmphalosValues

/// Libraries that belong to a language rather than to a plugin. Every program has them, and they import from the C library
/// whatever the language may want; what a plugin wants of them shows in the plugin's own imports, whose names
/// `FindingTable` has. So they are not followed.
///
/// Not among them, though they belong to languages: libgfortran, libgo, libstd of Rust, Foundation and
/// FoundationNetworking of Swift. They start processes or open connections under names of their own, and are followed as
/// any library.
public enum LanguageRuntime: String, CaseIterable, Sendable {
  case c = "C"
  case cxx = "C++"
  case swift = "Swift"

  public var sonames: [String] {
    switch self {
    case .c:
      [
        "libc.so.6", "libm.so.6", "libmvec.so.1", "libpthread.so.0", "libdl.so.2", "librt.so.1", "libresolv.so.2",
        "libanl.so.1", "libutil.so.1", "ld-linux-x86-64.so.2", "ld-linux-aarch64.so.1", "libgcc_s.so.1",
        "libatomic.so.1", "libgomp.so.1", "libquadmath.so.0",
      ]
    case .cxx: ["libstdc++.so.6", "libc++.so.1", "libc++abi.so.1", "libunwind.so.1"]
    case .swift:
      [
        "libswiftCore.so", "libswift_Concurrency.so", "libswift_StringProcessing.so", "libswift_RegexParser.so",
        "libswift_Builtin_float.so", "libswift_Differentiation.so", "libswift_Volatile.so", "libswiftDispatch.so",
        "libswiftDistributed.so", "libswiftGlibc.so", "libswiftObservation.so", "libswiftRegexBuilder.so",
        "libswiftSwiftOnoneSupport.so", "libswiftSynchronization.so", "libdispatch.so", "libBlocksRuntime.so",
        "libFoundationEssentials.so", "libFoundationInternationalization.so", "lib_FoundationICU.so",
      ]
    }
  }

  /// The runtime that a library of the system is part of. Anyone can name a file so: one that lies outside the system's
  /// own folders is taken for part of a runtime as far as the reviewed list of its imports goes (`symbols`), and what it
  /// imports beyond that is told.
  static func providing(_ name: String) -> LanguageRuntime? {
    allCases.first { $0.names.contains(UTF8String(name)) }
  }

  private var names: Set<UTF8String> {
    switch self {
    case .c: Self.cNames
    case .cxx: Self.cxxNames
    case .swift: Self.swiftNames
    }
  }

  private static let cNames = Set(LanguageRuntime.c.sonames.map { UTF8String($0) })
  private static let cxxNames = Set(LanguageRuntime.cxx.sonames.map { UTF8String($0) })
  private static let swiftNames = Set(LanguageRuntime.swift.sonames.map { UTF8String($0) })

  /// Only the administrator puts files there.
  public static let systemFolders = ["/lib/", "/lib64/", "/usr/lib/", "/usr/lib64/", "/usr/local/lib/", "/usr/local/lib64/"]

  static func isSystemPath(_ path: String) -> Bool {
    systemFolders.contains { path.utf8.starts(with: $0.utf8) }
      && !path.utf8.split(separator: UInt8(ascii: "/")).contains { $0.elementsEqual("..".utf8) }
  }
}

/// A language runtime that is linked into an object, recognised by what it makes every such object import.
///
/// What a linked-in runtime imports by itself says nothing of the plugin, and would be a finding of every plugin in that
/// language: Swift's crash handler imports `execvpe`. So exactly the symbols of a reviewed list, measured on plugins that
/// do nothing, are told as the runtime's.
///
/// A liar can imitate it: an object that imports all of `signature` passes for one that carries the runtime. It gains that
/// the symbols of the list are told as the runtime's and not as its own, and nothing else: `connect`, `socket`, `fork` or
/// `posix_spawn` stay its own. With `clone` and `execvpe` from Swift's list it can start a program. It could do that
/// unseen anyway, by the instruction for system calls.
public struct LinkedRuntime: Sendable {
  public let name: String
  /// Imports that every object with this runtime has, and hardly any other has together.
  public let signature: [String]
  /// With one of them the object has its runtime from there, and what it imports is its own.
  public let notNeeding: String?
  /// What the runtime imports by itself, of the names in `FindingTable`.
  public let symbols: [String]

  /// Measured with `-static-stdlib` of Swift 6.3, linked by gold, lld and the GNU linker, with and without --gc-sections: a
  /// function that adds two numbers, one that uses concurrency and regular expressions, and one that uses
  /// FoundationEssentials, which brings libdispatch.
  public static let swift = LinkedRuntime(
    name: "Swift",
    signature: [
      // The crash handler, in every program: it starts swift-backtrace.
      "clone", "execvpe", "socketpair", "waitpid", "dup2", "sigaltstack", "__progname", "environ", "getenv", "dlopen", "syscall",
      // Metadata and threads.
      "dladdr", "dlsym", "malloc_usable_size", "getauxval", "__cxa_demangle",
    ],
    notNeeding: "libswiftCore.so",
    symbols: [
      "clone", "execvpe", "socketpair", "dlopen", "dlsym", "environ", "getenv", "syscall",
      // With concurrency: libdispatch and the clocks for its time-outs.
      "clock_gettime", "gettimeofday", "getsockopt", "syslog", "vsyslog",
      // environ by its other names, where the GNU linker puts them all.
      "__environ", "_environ",
      // With FoundationEssentials, whether Date, ProcessInfo or FileManager are used or not.
      "secure_getenv", "time", "uname", "gethostname", "getpwnam_r", "getpwuid_r", "getgrnam_r", "getgrgid_r",
    ])

  /// Measured with rustc 1.95, with panic=unwind and panic=abort, linked by lld and the GNU linker. (gold keeps the imports of
  /// what it threw away: with it every plugin in Rust imports `connect`.) What a plugin's use brings stays its own: `getrandom` by a
  /// HashMap, `clock_gettime` by Instant, `fork` by Command, `connect` by TcpStream.
  public static let rust = LinkedRuntime(
    name: "Rust",
    signature: [
      // The personality function, which C++ has in a library, and the walk of the stack for a panic.
      "_Unwind_GetDataRelBase", "_Unwind_GetTextRelBase", "_Unwind_GetLanguageSpecificData", "_Unwind_GetRegionStart",
      "_Unwind_GetIPInfo", "_Unwind_SetGR", "_Unwind_SetIP", "_Unwind_Backtrace", "dl_iterate_phdr",
      // Locks wait by futex; RUST_BACKTRACE is read.
      "syscall", "getenv", "gettid", "statx", "realpath",
    ],
    notNeeding: nil,
    // dlsym: newer functions of the C library, as soon as there are threads.
    symbols: ["syscall", "getenv", "dlsym"])

  public static let all = [swift, rust]

  /// The runtimes that are linked into an object.
  static func within(_ object: ELFObject) -> [LinkedRuntime] {
    let imports = Set(object.imports.map { UTF8String($0.name) })
    return all.filter { runtime in
      runtime.signature.allSatisfy { imports.contains(UTF8String($0)) }
        && !object.needed.contains { name in runtime.notNeeding.map { haveEqualBytes($0, name) } ?? false }
    }
  }

  func owns(_ symbol: String) -> Bool { symbols.contains { haveEqualBytes($0, symbol) } }
}

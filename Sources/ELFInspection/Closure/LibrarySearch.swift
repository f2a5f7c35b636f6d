import LinuxCalls
import OmphalosValues

/// Finds the file for a needed library's name as glibc's loader would for an object loaded from a sealed memory file,
/// without executing anything. Source: ld.so(8) and what glibc 2.36 was seen to do.
///
/// `$ORIGIN` of such an object is a directory of /proc in which no library lies, so those places are passed over; of a
/// library that was found it is the directory that it was found in. The worker has no LD_LIBRARY_PATH.
struct LibrarySearch: Sendable {
  private let cache: LoaderCache
  private let levels: [String]
  private let defaults: [String]

  init(machine: ELFMachine) {
    let bytes = try? File.open("/etc/ld.so.cache").readAll(limit: 64 << 20)
    cache = LoaderCache(bytes ?? [])
    levels = machine == .x86_64 ? Self.processorLevels() : []
    let triplet = machine == .x86_64 ? "x86_64-linux-gnu" : "aarch64-linux-gnu"
    defaults = ["/lib/\(triplet)", "/usr/lib/\(triplet)", "/lib64", "/usr/lib64", "/lib", "/usr/lib"]
  }

  /// An object that asks for libraries.
  struct Requester {
    let object: ELFObject
    /// The directory that it was found in, `$ORIGIN`; nil for what is loaded from a memory file.
    let origin: String?
  }

  /// Offers the files that may answer to `look`, the likeliest first, until it takes one: the loader takes the first that
  /// is for this machine.
  ///
  /// - Parameter chain: who asks, who had it loaded, and so on up to the plugin. DT_RPATH of all of them counts, unless the
  ///   first has DT_RUNPATH, which counts for itself alone.
  func first<Found>(_ name: String, neededBy chain: [Requester], _ look: (String) -> Found?) -> Found? {
    guard let first = chain.first else { return nil }
    let own =
      first.object.runpath != nil
      ? directories(in: first.object.runpath, of: first)
      // Where an object has both, DT_RPATH is ignored.
      : chain.filter { $0.object.runpath == nil }.flatMap { directories(in: $0.object.rpath, of: $0) }
    for directory in own {
      for path in inDirectory(directory, name) { if let found = look(path) { return found } }
    }
    for path in cache.paths(of: name, levels: levels) { if let found = look(path) { return found } }
    for directory in defaults {
      for path in inDirectory(directory, name) { if let found = look(path) { return found } }
    }
    return nil
  }

  /// Absolute directories; `$LIB` and `$PLATFORM`, which hardly anyone uses, are passed over.
  private func directories(in list: String?, of requester: Requester) -> [String] {
    (list ?? "").split(separator: ":").compactMap { entry in
      var path = String(entry)
      if let origin = requester.origin {
        for token in ["${ORIGIN}", "$ORIGIN"] { path = path.replacing(token, with: origin) }
      }
      return path.hasPrefix("/") && !path.contains("$") ? path : nil
    }
  }

  /// Subdirectories for a better processor come before the directory itself.
  private func inDirectory(_ directory: String, _ name: String) -> [String] {
    levels.map { "\(directory)/glibc-hwcaps/\($0)/\(name)" } + ["\(directory)/\(name)"]
  }

  /// The best first. Source: the x86-64 psABI's micro-architecture levels, by the flags that Linux reports.
  private static func processorLevels() -> [String] {
    guard let bytes = try? File.open("/proc/cpuinfo").read(at: 0, count: 16 << 10) else { return [] }
    let text = String(decoding: bytes, as: UTF8.self)
    guard let line = text.split(separator: "\n").first(where: { $0.hasPrefix("flags") }) else { return [] }
    let flags = Set(line.split(separator: " "))
    let second: Set<Substring> = ["cx16", "lahf_lm", "popcnt", "sse4_1", "sse4_2", "ssse3"]
    let third: Set<Substring> = ["avx", "avx2", "bmi1", "bmi2", "f16c", "fma", "abm", "movbe", "xsave"]
    let fourth: Set<Substring> = ["avx512f", "avx512bw", "avx512cd", "avx512dq", "avx512vl"]
    guard second.isSubset(of: flags) else { return [] }
    guard third.isSubset(of: flags) else { return ["x86-64-v2"] }
    return (fourth.isSubset(of: flags) ? ["x86-64-v4"] : []) + ["x86-64-v3", "x86-64-v2"]
  }
}

import ELFInspection
import OmphalosValues

/// A file in the folder of a plugin, as far as its bytes were looked at.
public struct OwnFile: Sendable {
  /// Beginning with the folder: "acme.d/data/table.bin".
  public let path: String
  /// In bytes.
  public let byteCount: UInt64
  /// The facts of a library, nil for any other file.
  public let object: ELFObject?

  public init(path: String, byteCount: UInt64, object: ELFObject?) {
    self.path = path
    self.byteCount = byteCount
    self.object = object
  }

  public enum Kind: String, Sendable { case library, resource }

  public var kind: Kind { Self.kind(of: path) }

  /// By its name alone: under a library's name there is nothing but a library, and a library under no other.
  public static func kind(of path: String) -> Kind { isLibraryName(path) ? .library : .resource }

  /// Libraries lie directly in the folder and are named as libraries are: `libfoo.so`, `libfoo.so.1`.
  public static func isLibraryName(_ path: String) -> Bool {
    let parts = path.split(separator: "/", omittingEmptySubsequences: false)
    guard parts.count == 2 else { return false }
    return parts[1].hasSuffix(".so") || parts[1].contains(".so.")
  }
}

/// What a plugin brings along in its folder `NAME.d/` beside `NAME.so`: libraries of its own, which are loaded before
/// it, and resources, which it opens through the host. All of it is part of the plugin.
public struct OwnFiles: Sendable {
  /// Sorted by the bytes of their paths.
  public let files: [OwnFile]
  /// What each needs comes before it.
  public let libraries: [OwnLibrary]
  /// Against the libraries; empty where all can be loaded.
  public let reasons: [AdmissionReason]

  public static let none = OwnFiles([], of: nil)

  /// - Parameter plugin: what needs the libraries; nil where there is none to ask.
  public init(_ files: [OwnFile], of plugin: ELFObject?, machine: ELFMachine = .host) {
    self.files = files.sorted { bytesPrecede($0.path, $1.path) }
    let libraries = self.files.compactMap { file in
      file.object.map { OwnLibrary(path: file.path, object: $0) }
    }
    let order = LoadOrder(libraries)
    self.libraries = order.sorted
    let needed = ((plugin?.needed ?? []) + libraries.flatMap(\.object.needed)).map { UTF8String($0) }
    reasons =
      libraries.flatMap { Self.reasons(against: $0, among: libraries, needed: needed, machine) } + order.reasons
  }

  private static func reasons(
    against library: OwnLibrary, among all: [OwnLibrary], needed: [UTF8String], _ machine: ELFMachine
  ) -> [AdmissionReason] {
    func reason(_ found: String, wanted: String, remedy: String) -> AdmissionReason {
      AdmissionReason(.ownLibrary, field: "the library \(library.path)", found: found, wanted: wanted, remedy: remedy)
    }
    guard library.object.machine == machine else {
      return [
        reason(
          "for \(library.object.machine)", wanted: "one for this host, which is \(machine)",
          remedy: "build it for \(machine)")
      ]
    }
    guard let soname = library.object.soname, !soname.isEmpty else {
      return [
        reason(
          "without a SONAME", wanted: "the name by which it is needed",
          remedy: "link it again with -Wl,-soname,\(fileName(of: library.path)): the loader finds it by that name alone")
      ]
    }
    if let other = all.first(where: { $0.path != library.path && $0.object.soname == soname }) {
      return [
        reason(
          "of SONAME \(soname), which \(other.path) has as well", wanted: "one library for each name",
          remedy: "remove one of the two")
      ]
    }
    guard needed.contains(UTF8String(soname)) else {
      let names = Array(Set(needed)).sorted().map(\.string).joined(separator: ", ")
      return [
        reason(
          "of SONAME \(soname), which nothing in the plugin needs",
          wanted: "one of the needed names: \(names.isEmpty ? "there are none" : names)",
          remedy: "link it with the SONAME that is needed, or remove the file")
      ]
    }
    return []
  }
}

/// The order in which libraries can be loaded one by one.
private struct LoadOrder {
  private(set) var sorted: [OwnLibrary] = []
  private(set) var reasons: [AdmissionReason] = []

  init(_ libraries: [OwnLibrary]) {
    var waiting = libraries
    while !waiting.isEmpty {
      let names = Set(waiting.compactMap { $0.object.soname.map { UTF8String($0) } })
      let ready = waiting.filter { library in
        library.object.needed.allSatisfy { name in
          UTF8String(name) == library.object.soname.map { UTF8String($0) } || !names.contains(UTF8String(name))
        }
      }
      guard !ready.isEmpty else {
        reasons = [Self.cycle(waiting)]
        return
      }
      sorted += ready
      waiting.removeAll { library in ready.contains { $0.path == library.path } }
    }
  }

  private static func cycle(_ libraries: [OwnLibrary]) -> AdmissionReason {
    AdmissionReason(
      .ownLibrary, field: "the order of loading \(libraries.map(\.path).joined(separator: ", "))",
      found: "a circle: each of them needs another one first", wanted: "libraries that can be loaded one after the other",
      remedy: "link those that need each other into one library")
  }
}

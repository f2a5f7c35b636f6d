import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

/// The folder `NAME.d/` beside a plugin's `NAME.so`, opened: its files, and what is wrong with them as files.
struct PluginFolder {
  struct Entry {
    /// Beginning with the folder: "acme.d/libfoo.so".
    let path: String
    let file: File
  }

  /// One folder is a part of one plugin, not a store of data: what holds more should pack it.
  static let largestCount = 1024
  static let greatestDepth = 8

  private(set) var entries: [Entry] = []
  private(set) var refusals: [Refusal] = []
  private let ownership: Ownership
  private let largest: UInt64
  private var byteCount: UInt64 = 0

  /// Nil where there is no such folder.
  ///
  /// - Parameters:
  ///   - plugin: the name of the plugin's file in `directory`.
  ///   - largest: the most bytes that all files may have together.
  init?(of plugin: String, in directory: File, ownership: Ownership, largest: UInt64) {
    self.ownership = ownership
    self.largest = largest
    let name = Self.name(for: plugin)
    guard let status = try? directory.status(of: name) else { return nil }
    guard status.kind == .directory else {
      refuse(
        name, "a \(status.kind.rawValue)", wanted: "a directory of the plugin's own files",
        remedy: status.kind == .symbolicLink
          ? "put the directory itself there: a link may lead elsewhere after the decision" : "remove it")
      return
    }
    do throws(SystemCallError) {
      try read(directory.openBeneath(name, [.directory, .noFollow], mode: 0), path: name, depth: 0)
    } catch {
      refuse(name, "not readable (\(error.errno))", wanted: "a directory that may be read", remedy: "check its mode")
    }
  }

  /// "acme.d" for "acme.so".
  static func name(for plugin: String) -> String {
    (plugin.hasSuffix(".so") ? String(plugin.dropLast(3)) : plugin) + ".d"
  }

  private mutating func refuse(_ path: String, _ found: String, wanted: String, remedy: String) {
    refusals.append(.part(path: path, found: found, wanted: wanted, remedy: remedy))
  }

  private mutating func read(_ directory: File, path: String, depth: Int) throws(SystemCallError) {
    if let problem = ownership.problem(of: try directory.status()) {
      refuse(path, problem.found, wanted: problem.wanted, remedy: problem.remedy)
    }
    for entry in try directory.entries() {
      let shown = "\(path)/\(String(decoding: entry.bytes, as: UTF8.self))"
      do throws(ValueError) {
        _ = try ArtifactPath(utf8: Array("\(path)/".utf8) + entry.bytes)
      } catch {
        refuse(shown, "not a well-formed name: \(error.message)", wanted: "a name that can be recorded", remedy: "rename it")
        continue
      }
      try read(entry.name ?? shown, in: directory, path: shown, depth: depth)
    }
  }

  private mutating func read(
    _ name: String, in directory: File, path: String, depth: Int
  ) throws(SystemCallError) {
    switch try directory.status(of: name).kind {
    case .directory where depth < Self.greatestDepth:
      try read(directory.openBeneath(name, [.directory, .noFollow], mode: 0), path: path, depth: depth + 1)
    case .directory:
      refuse(
        path, "more than \(Self.greatestDepth) folders deep", wanted: "a flatter tree", remedy: "move it up")
    case .regular: try add(directory.openBeneath(name, [.read, .noFollow, .nonBlocking], mode: 0), path: path)
    case .symbolicLink:
      refuse(
        path, "a symbolic link", wanted: "the file itself: a link may lead elsewhere after the decision",
        remedy: "put the file there, a library under its SONAME")
    case let kind: refuse(path, "a \(kind.rawValue)", wanted: "a regular file", remedy: "remove it")
    }
  }

  private mutating func add(_ file: File, path: String) throws(SystemCallError) {
    let status = try file.status()
    // What was a file a moment ago may be something else now; the open file counts.
    guard status.kind == .regular else {
      return refuse(path, "a \(status.kind.rawValue)", wanted: "a regular file", remedy: "remove it")
    }
    if let problem = ownership.problem(of: status) {
      refuse(path, problem.found, wanted: problem.wanted, remedy: problem.remedy)
    }
    if entries.count == Self.largestCount {
      if !refusals.contains(where: { $0.facts.field == "the number of files in the plugin's folder" }) {
        refuse(
          "the number of files in the plugin's folder", "more than \(Self.largestCount)",
          wanted: "at most \(Self.largestCount)", remedy: "pack the resources into fewer files")
      }
      return
    }
    byteCount &+= status.size
    guard byteCount <= largest else {
      return refuse(
        path, "the file with which the plugin has more than \(largest) bytes",
        wanted: "at most \(largest) for all its files together (limits.plugin_bytes)",
        remedy: "raise the limit in the pipeline if the folder is what it should be")
    }
    entries.append(Entry(path: path, file: file))
  }
}

import LinuxCalls
import OmphalosValues
import Synchronization

/// The system's libraries as they were read: each file once for all plugins of a run. Safe from any thread.
public final class LibraryCatalog: Sendable {
  private let search: LibrarySearch
  private let machine: ELFMachine
  private let state = Mutex(State())

  /// A file that is a library for this machine, held open: what was read is what is hashed.
  struct Library: Sendable {
    let file: File
    let object: ELFObject
  }

  private struct State {
    var libraries: [UTF8String: Library?] = [:]
    var tables: [UTF8String: SymbolTable] = [:]
    var pins: [UTF8String: LibraryPin] = [:]
    /// What is missing among system libraries alone, by the paths of those libraries.
    var problems: [[UTF8String]: [ClosureProblem]] = [:]
  }

  public init(machine: ELFMachine) {
    self.machine = machine
    search = LibrarySearch(machine: machine)
  }

  /// - Parameter own: the libraries in the folder of the plugin.
  public func closure(of object: ELFObject, own: [OwnLibrary] = []) -> LibraryClosure {
    LibraryClosure(of: object, own: own, catalog: self)
  }

  /// The first candidate that is an object for this machine: as the loader, others are passed over.
  func library(_ name: String, neededBy chain: [LibrarySearch.Requester]) -> (path: String, object: ELFObject)? {
    search.first(name, neededBy: chain) { path in library(at: path).map { (path, $0.object) } }
  }

  private func library(at path: String) -> Library? {
    let key = UTF8String(path)
    if let known = state.withLock({ $0.libraries[key] }) { return known }
    var library: Library?
    if let file = try? File.open(path, [.read, .nonBlocking]), (try? file.status().kind) == .regular,
      let object = try? ELFInspector.inspect(file), object.machine == machine
    {
      library = Library(file: file, object: object)
    }
    state.withLock { $0.libraries[key] = .some(library) }
    return library
  }

  /// The file of a library of the system with its digest; nil for a library of a plugin's own.
  ///
  /// - Throws: `SystemCallError` if it cannot be read any more.
  public func pin(_ library: ResolvedLibrary) throws(SystemCallError) -> LibraryPin? {
    guard !library.isOwn, let known = self.library(at: library.path) else { return nil }
    let key = UTF8String(library.path)
    if let pin = state.withLock({ $0.pins[key] }) { return pin }
    let pin = try LibraryPin(known.file, path: library.path)
    state.withLock { $0.pins[key] = pin }
    return pin
  }

  func symbols(of library: ResolvedLibrary) -> SymbolTable {
    // A plugin's own library is no file of the system, and its path says nothing outside the plugin.
    if library.isOwn { return SymbolTable(library.object) }
    let key = UTF8String(library.path)
    if let known = state.withLock({ $0.tables[key] }) { return known }
    let table = SymbolTable(library.object)
    state.withLock { $0.tables[key] = table }
    return table
  }

  /// What the libraries of the system lack among themselves; worked out once for each set of them.
  func systemProblems(_ libraries: [ResolvedLibrary], _ find: () -> [ClosureProblem]) -> [ClosureProblem] {
    let key = libraries.map { UTF8String($0.path) }
    if let known = state.withLock({ $0.problems[key] }) { return known }
    let problems = find()
    state.withLock { $0.problems[key] = problems }
    return problems
  }
}

/// A library of the system as it was decided on: which file, and which bytes.
public struct LibraryPin: Sendable, Hashable {
  /// Without symbolic links.
  public let path: String
  public let device: UInt64
  public let inode: UInt64
  public let digest: SHA256Digest
  public let byteCount: UInt64

  public init(path: String, device: UInt64, inode: UInt64, digest: SHA256Digest, byteCount: UInt64) {
    self.path = path
    self.device = device
    self.inode = inode
    self.digest = digest
    self.byteCount = byteCount
  }

  init(_ file: File, path: String) throws(SystemCallError) {
    let status = try file.status()
    let (digest, byteCount) = try file.digest()
    self.init(
      path: try Path.resolved(path), device: status.device, inode: status.inode, digest: digest, byteCount: byteCount)
  }
}

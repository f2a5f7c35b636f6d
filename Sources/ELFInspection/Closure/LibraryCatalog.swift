import LinuxCalls
import OmphalosValues
import Synchronization

/// The system's libraries as they were read: each file once for all plugins of a run. Safe from any thread.
public final class LibraryCatalog: Sendable {
  private let search: LibrarySearch
  private let machine: ELFMachine
  private let state = Mutex(State())

  private struct State {
    var objects: [UTF8String: ELFObject?] = [:]
    var tables: [UTF8String: SymbolTable] = [:]
  }

  public init(machine: ELFMachine) {
    self.machine = machine
    search = LibrarySearch(machine: machine)
  }

  public func closure(of object: ELFObject) -> LibraryClosure { LibraryClosure(of: object, catalog: self) }

  /// The first candidate that is an object for this machine: as the loader, others are passed over.
  func library(_ name: String, neededBy object: ELFObject) -> (path: String, object: ELFObject)? {
    for path in search.candidates(for: name, neededBy: object) {
      if let found = self.object(at: path), found.machine == machine { return (path, found) }
    }
    return nil
  }

  private func object(at path: String) -> ELFObject? {
    let key = UTF8String(path)
    if let known = state.withLock({ $0.objects[key] }) { return known }
    var object: ELFObject?
    if let file = try? File.open(path, [.read, .nonBlocking]), (try? file.status().kind) == .regular {
      object = try? ELFInspector.inspect(file)
    }
    state.withLock { $0.objects[key] = .some(object) }
    return object
  }

  func symbols(of library: ResolvedLibrary) -> SymbolTable {
    let key = UTF8String(library.path)
    if let known = state.withLock({ $0.tables[key] }) { return known }
    let table = SymbolTable(library.object)
    state.withLock { $0.tables[key] = table }
    return table
  }
}

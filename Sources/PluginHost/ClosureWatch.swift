import ELFInspection
import LinuxCalls
import OmphalosValues

/// A library that was found on paper: what loading is expected to map.
public struct PredictedLibrary: Sendable, Hashable {
  /// Without symbolic links.
  public let path: String
  public let inode: UInt64

  public init(path: String, inode: UInt64) {
    self.path = path
    self.inode = inode
  }

  /// Nil where the file is gone since it was read.
  public init?(_ library: ResolvedLibrary) {
    guard let path = try? Path.resolved(library.path), let status = try? File.open(path).status() else { return nil }
    self.init(path: path, inode: status.inode)
  }
}

/// Compares what the dynamic linker mapped with what was predicted. Lives in the worker.
public struct ClosureWatch: Sendable {
  private let before: [String: UInt64]
  private let predicted: [String: UInt64]

  /// Made before the first plugin is loaded.
  public init(predicted: [PredictedLibrary]) {
    before = MemoryMapping.mappedInodes()
    self.predicted = Dictionary(predicted.map { ($0.path, $0.inode) }) { first, _ in first }
  }

  /// Sentences about files that are mapped now and were neither mapped before nor predicted.
  public func surprises() -> [String] {
    MemoryMapping.mappedInodes().sorted { bytesPrecede($0.key, $1.key) }.compactMap { path, inode in
      // Sealed plugins are compared one by one; shared memory and deleted files are no libraries of the system.
      if path.hasPrefix("/memfd:") || before[path] == inode || predicted[path] == inode { return nil }
      guard path.contains(".so") else { return nil }
      if predicted[path] != nil || before[path] != nil {
        return "\(path) was replaced between the decision and loading"
      }
      return "\(path) was mapped, and nothing that was decided on needs it"
    }
  }
}

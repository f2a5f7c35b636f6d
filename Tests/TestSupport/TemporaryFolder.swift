import Foundation

/// A folder of its own for one test, removed when the last reference goes or on `close`.
public final class TemporaryFolder: Sendable {
  public let path: String

  public init() throws {
    let parent = FileManager.default.temporaryDirectory
    let url = parent.appendingPathComponent("omphalos-test-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: url, withIntermediateDirectories: false)
    path = url.path
  }

  deinit { close() }

  /// Removes the folder with all that is in it, read-only folders too.
  public func close() {
    if let all = FileManager.default.enumerator(atPath: path) {
      for case let name as String in all {
        let full = self.file(name)
        let type = try? FileManager.default.attributesOfItem(atPath: full)[.type] as? FileAttributeType
        if type == .typeDirectory {
          try? FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: full)
        }
      }
    }
    try? FileManager.default.removeItem(atPath: path)
  }

  /// The path of `name` in this folder.
  public func file(_ name: String) -> String { path + "/" + name }

  /// Writes a file, with the folders on its way, and returns its path.
  @discardableResult
  public func write(_ name: String, _ bytes: [UInt8]) throws -> String {
    let full = file(name)
    let parent = (full as NSString).deletingLastPathComponent
    try FileManager.default.createDirectory(atPath: parent, withIntermediateDirectories: true)
    try Data(bytes).write(to: URL(fileURLWithPath: full))
    return full
  }

  @discardableResult
  public func write(_ name: String, _ text: String) throws -> String { try write(name, Array(text.utf8)) }

  public func read(_ name: String) throws -> [UInt8] {
    [UInt8](try Data(contentsOf: URL(fileURLWithPath: file(name))))
  }
}

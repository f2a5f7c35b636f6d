/// Bytes that can be read anywhere: a file, a sealed memory file, or an array in a test.
public protocol ByteSource {
  var byteCount: Int { get }

  /// Exactly `count` bytes from `offset` on.
  ///
  /// - Throws: if there are not that many, and if reading fails.
  func bytes(at offset: Int, count: Int) throws -> [UInt8]

  /// What the bytes are called in messages.
  var name: String { get }
}

/// Bytes held in memory.
public struct MemoryBytes: ByteSource, Sendable {
  public let contents: [UInt8]
  public let name: String

  public init(_ contents: [UInt8], name: String) {
    self.contents = contents
    self.name = name
  }

  public var byteCount: Int { contents.count }

  public func bytes(at offset: Int, count: Int) throws -> [UInt8] {
    guard offset >= 0, count >= 0, offset <= contents.count, count <= contents.count - offset else {
      throw ByteRangeError(name: name, offset: offset, count: count, byteCount: contents.count)
    }
    return Array(contents[offset..<offset + count])
  }
}

/// A range that lies outside the bytes it was asked of.
public struct ByteRangeError: Diagnosable, Sendable, Hashable {
  public let name: String
  public let offset: Int
  public let count: Int
  public let byteCount: Int

  public init(name: String, offset: Int, count: Int, byteCount: Int) {
    self.name = name
    self.offset = offset
    self.count = count
    self.byteCount = byteCount
  }

  public var exitCode: ExitCode { .badData }

  public var message: String {
    "\(name) has \(byteCount) bytes; \(count) bytes from offset \(offset) on were wanted: it may be cut short."
  }
}

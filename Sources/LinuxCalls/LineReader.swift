import CLinux
import Glibc

/// The lines of a file one after the other, with memory for one piece of the file and one line.
///
/// Not for several threads at once.
public final class LineReader {
  /// Longer lines are not read: whoever made such a file wants memory of us.
  public let longestLine: Int
  private let file: File
  private var buffer: [UInt8] = []
  private var position = 0
  /// Of the first byte that is not in the buffer yet.
  private var offset: UInt64 = 0

  public init(_ file: File, longestLine: Int) {
    self.file = file
    self.longestLine = longestLine
  }

  /// What the next line is.
  public enum Line: Sendable, Hashable {
    /// Without its line feed.
    case line([UInt8])
    /// A line of more bytes than are read. The reader stands behind it.
    case tooLong
    /// The file ends here; so many bytes before its end have no line feed. May be asked again: the file may have grown.
    case end(remainder: Int)

    public var isLine: Bool { if case .line = self { true } else { false } }
  }

  public func next() throws(SystemCallError) -> Line {
    var searched = position
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n"), from: searched) {
        defer { position = end + 1 }
        return end - position > longestLine ? .tooLong : .line(Array(buffer[position..<end]))
      }
      if buffer.count - position > longestLine { return try skip() }
      searched = buffer.count - dropConsumed()
      guard try fill() else { return .end(remainder: buffer.count - position) }
    }
  }

  /// Goes behind the line feed of a line that is too long.
  private func skip() throws(SystemCallError) -> Line {
    while true {
      if let end = buffer.firstIndex(of: UInt8(ascii: "\n"), from: position) {
        position = end + 1
        return .tooLong
      }
      position = buffer.count
      _ = dropConsumed()
      guard try fill() else { return .tooLong }
    }
  }

  /// - Returns: by how much all positions in the buffer became less.
  private func dropConsumed() -> Int {
    let consumed = position
    buffer.removeFirst(consumed)
    position = 0
    return consumed
  }

  private func fill() throws(SystemCallError) -> Bool {
    let piece = try file.read(at: offset, count: File.pieceBytes)
    buffer += piece
    offset += UInt64(piece.count)
    return !piece.isEmpty
  }
}

extension [UInt8] {
  /// Where `byte` stands at `start` or behind it. `memchr(3)`.
  public func firstIndex(of byte: UInt8, from start: Int) -> Int? {
    guard start < count else { return nil }
    return unsafe withUnsafeBytes { bytes in
      // The area begins and ends inside the array.
      guard let base = bytes.baseAddress, let found = unsafe memchr(base + start, Int32(byte), bytes.count - start)
      else { return nil }
      return unsafe UnsafeRawPointer(found) - base
    }
  }

  /// Where `text` stands for the first time. `memmem(3)`.
  public func firstIndex(ofText text: [UInt8]) -> Int? {
    let found = unsafe withUnsafeBytes { bytes in
      unsafe text.withUnsafeBytes { text in
        unsafe clinux_find_text(bytes.baseAddress, bytes.count, text.baseAddress, text.count)
      }
    }
    return found < 0 ? nil : found
  }
}

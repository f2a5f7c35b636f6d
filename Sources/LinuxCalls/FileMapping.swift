import CLinux

/// The bytes of a file in memory, read-only. Unmapped with the last reference.
///
/// What somebody writes into the file shows; where somebody cuts the file, reading beyond its new end is a bus error.
public final class FileMapping: Sendable {
  public let address: UInt
  /// In bytes.
  public let count: Int

  /// Maps the first `count` bytes of `file`, which it must have. `mmap(2)`.
  public init(_ file: File, count: Int) throws(SystemCallError) {
    // No mapping is empty: one byte more than asked is mapped of an empty file, and never touched.
    let address = try check("mmap", file.name) { clinux_map_file(file.descriptor, max(count, 1)) }
    self.address = UInt(bitPattern: address)
    self.count = count
  }

  deinit { clinux_unmap(Int(bitPattern: address), max(count, 1)) }
}

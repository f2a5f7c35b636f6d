import CLinux
import Glibc

/// The bytes of a file in memory, read-only. Unmapped with the last reference.
///
/// What somebody writes into the file shows; where somebody cuts the file, reading beyond its new end is a bus error.
public final class FileMapping: Sendable {
  public let address: UInt
  /// In bytes.
  public let count: Int

  /// What the kernel knows of: whole pages, the wanted bytes among them.
  private let pages: (address: Int, count: Int)

  /// Maps `count` bytes of `file` from `offset` on, which it must have. `mmap(2)`.
  public init(_ file: File, at offset: UInt64 = 0, count: Int) throws(SystemCallError) {
    // The kernel maps from a page's start on. No mapping is empty: one byte more than asked is mapped of an empty file, and
    // never touched.
    let lead = Int(offset % UInt64(getpagesize()))
    let size = lead + max(count, 1)
    let start = try check("mmap", file.name) { clinux_map_file(file.descriptor, size, Int64(offset) - Int64(lead)) }
    pages = (Int(start), size)
    address = UInt(bitPattern: start) + UInt(lead)
    self.count = count
  }

  deinit { clinux_unmap(pages.address, pages.count) }
}

import CLinux

/// What `fstat(2)` says of a file.
public struct FileStatus: Sendable, Hashable {
  public enum Kind: String, Sendable {
    case regular = "regular file"
    case directory = "directory"
    case symbolicLink = "symbolic link"
    case fifo = "fifo"
    case socket = "socket"
    case characterDevice = "character device"
    case blockDevice = "block device"
    case unknown = "file of unknown kind"
  }

  public let kind: Kind
  /// Permission bits, 0o7777.
  public let permissions: UInt32
  public let owner: UInt32
  public let group: UInt32
  public let device: UInt64
  public let inode: UInt64
  public let links: UInt64
  /// In bytes.
  public let size: UInt64
  /// Nanoseconds since the epoch.
  public let modified: Int64
  public let changed: Int64

  init(_ raw: clinux_status) {
    kind =
      switch raw.mode & 0o170000 {
      case 0o100000: .regular
      case 0o040000: .directory
      case 0o120000: .symbolicLink
      case 0o010000: .fifo
      case 0o140000: .socket
      case 0o020000: .characterDevice
      case 0o060000: .blockDevice
      default: .unknown
      }
    permissions = raw.mode & 0o7777
    owner = raw.owner
    group = raw.group
    device = raw.device
    inode = raw.inode
    links = raw.links
    size = raw.size
    modified = raw.modified_seconds &* 1_000_000_000 &+ Int64(raw.modified_nanoseconds)
    changed = raw.changed_seconds &* 1_000_000_000 &+ Int64(raw.changed_nanoseconds)
  }

  /// Group or others may write, which lets them replace what we decide on.
  public var othersMayWrite: Bool { permissions & 0o022 != 0 }

  /// The same file, whatever is in it.
  public func isSameFile(as other: FileStatus) -> Bool { device == other.device && inode == other.inode }

  /// The same file with the same content as far as the file system tells.
  public func isUnchanged(from other: FileStatus) -> Bool {
    isSameFile(as: other) && size == other.size && modified == other.modified
      && changed == other.changed
  }
}

import CLinux
import SystemPackage

/// A file in memory whose bytes nobody can change any more: all four seals are set and were read back.
public struct SealedMemory: Sendable {
  public let file: File

  /// Copies `source` from its start into a new memfd and seals it. The original is not needed afterwards.
  ///
  /// - Parameters:
  ///   - name: shown in /proc/PID/maps as `/memfd:NAME`; cut to 249 bytes.
  ///   - limit: the most bytes to copy; a larger source is an error (`EFBIG`).
  ///   - least: the descriptor is at least this number, apart from those that plugins may close.
  public static func copy(
    of source: File, name: String, limit: UInt64, descriptorAbove least: Int32
  ) throws(SystemCallError) -> SealedMemory {
    let memory = try create(name: name).duplicate(above: least)
    try memory.append(source, limit: limit)
    try seal(memory)
    return SealedMemory(file: memory)
  }

  /// A sealed memfd that holds `bytes`.
  public static func holding(_ bytes: [UInt8], name: String) throws(SystemCallError) -> SealedMemory {
    let memory = try create(name: name)
    try memory.write(bytes)
    try seal(memory)
    return SealedMemory(file: memory)
  }

  /// Takes over a descriptor that another process sealed; throws `EPERM` unless all four seals are set.
  public static func adopting(descriptor: Int32, name: String) throws(SystemCallError) -> SealedMemory {
    let file = File(owning: descriptor, name: name)
    try requireSeals(file)
    return SealedMemory(file: file)
  }

  /// True for a file that was not made to be sealed: on a disk, or in shared memory without a right to add seals.
  public static func cannotBeSealed(_ descriptor: Int32) -> Bool {
    let seals = clinux_seals(descriptor)
    return seals < 0 || seals == clinux_no_more_seals
  }

  /// Whether the system lets the bytes of such a file be executed; some security modules forbid it.
  public static func mayBeExecuted(_ file: File) -> Bool { clinux_may_execute(file.descriptor) == 0 }

  private static func create(name: String) throws(SystemCallError) -> File {
    let cut = String(decoding: Array(name.utf8.prefix(249)), as: UTF8.self)
    try checkPath(cut, "memfd_create")
    let fd = try check("memfd_create", "memory for \(cut)") { unsafe clinux_memfd(cut) }
    return File(owning: fd, name: cut)
  }

  private static func seal(_ memory: File) throws(SystemCallError) {
    try check("fcntl(F_ADD_SEALS)", memory.name) { clinux_seal(memory.descriptor) }
    try requireSeals(memory)
  }

  private static func requireSeals(_ memory: File) throws(SystemCallError) {
    let seals = try check("fcntl(F_GET_SEALS)", memory.name) { clinux_seals(memory.descriptor) }
    guard seals & clinux_all_seals == clinux_all_seals else {
      throw SystemCallError(
        call: "fcntl(F_GET_SEALS)", subject: "\(memory.name) is not sealed", errno: .notPermitted)
    }
  }
}

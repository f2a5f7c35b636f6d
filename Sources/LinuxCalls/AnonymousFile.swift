import CLinux
import SystemPackage

/// A file without a name, for what this program hands to another process of its own.
public enum AnonymousFile {
  /// A memory file, or where the system has none an unnamed file in shared memory or among the temporary files.
  public static func create(name: String) throws(SystemCallError) -> File {
    try checkPath(name, "memfd_create")
    do throws(SystemCallError) {
      return File(owning: try check("memfd_create", name) { unsafe clinux_memfd_plain(name) }, name: name)
    } catch {
      for place in ["/dev/shm", "/tmp"] {
        if let directory = try? File.open(place, .directory), let file = try? directory.openUnnamed(mode: 0o600) {
          return file
        }
      }
      throw error
    }
  }
}

import CLinux
import Glibc

/// What kind of system this is.
public enum SystemFacts {
  /// "6.1.0-18-amd64". `uname(2)`.
  public static var kernelRelease: String {
    var name = utsname()
    guard unsafe uname(&name) == 0 else { return "unknown" }
    return unsafe withUnsafeBytes(of: &name.release) {
      unsafe String(decoding: $0.prefix { $0 != 0 }, as: UTF8.self)
    }
  }

  /// "2.36".
  public static var glibcVersion: String { unsafe String(cString: clinux_glibc_version()) }

  /// The soft limit of open descriptors.
  public static var descriptorLimit: Int64 { Processes.raiseDescriptorLimit(to: 0) }
}

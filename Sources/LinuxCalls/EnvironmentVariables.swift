import Glibc

/// The environment of this process. `environ(7)`.
public enum EnvironmentVariables {
  /// Names and values; bytes that are not UTF-8 are replaced.
  public static var all: [String: String] {
    var variables: [String: String] = [:]
    var next = unsafe environ
    while let entry = unsafe next.pointee {
      let text = unsafe String(cString: entry)
      if let equals = text.firstIndex(of: "=") {
        variables[String(text[..<equals])] = String(text[text.index(after: equals)...])
      }
      unsafe next += 1
    }
    return variables
  }
}

import Glibc

/// The environment of this process. `environ(7)`.
public enum EnvironmentVariables {
  /// Where temporary files go: TMPDIR if it is an absolute path, else /tmp.
  public static func temporaryPlace(in variables: [String: String]) -> String {
    variables["TMPDIR"].flatMap { $0.hasPrefix("/") ? $0 : nil } ?? "/tmp"
  }

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

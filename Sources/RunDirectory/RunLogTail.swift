import LinuxCalls
import OmphalosValues
import RunRecord

/// The last lines of a run's log, `logs/run.jsonl`.
public enum RunLogTail {
  public struct Line: Sendable, Hashable {
    public let time: String
    /// "supervisor", "plugin", "stdout", "stderr".
    public let source: String
    public let plugin: String?
    public let level: String
    public let text: String
  }

  /// How much of the end is read: a line may be as long as a plugin likes.
  private static let window = 256 << 10

  /// At most `count` lines; what is no line of the log is left out. Empty where there is no log.
  public static func lines(of run: String, count: Int) -> [Line] {
    guard let directory = try? File.open(run, .directory),
      let file = try? directory.openBeneath(RunLayout.log.text, [.read, .noFollow, .nonBlocking], mode: 0),
      let status = try? file.status(), status.kind == .regular,
      let bytes = try? file.read(
        at: status.size > UInt64(window) ? status.size - UInt64(window) : 0, count: window)
    else { return [] }
    return bytes.split(separator: UInt8(ascii: "\n")).suffix(count).compactMap { line in
      guard let value = try? JSONValue.parse(Array(line)), let text = value["text"]?.stringValue else { return nil }
      return Line(
        time: value["time"]?.stringValue ?? "", source: value["source"]?.stringValue ?? "",
        plugin: value["plugin"]?.stringValue, level: value["level"]?.stringValue ?? "", text: text)
    }
  }
}

import LinuxCalls
import OmphalosValues
import Pipeline
import RunRecord

/// `logs/run.jsonl`: what plugins printed and logged and what the supervisor saw, one JSON object a line, with real
/// times. A control file: it is not part of what makes two runs equal.
final class RunLog {
  /// A plugin that floods its output must not fill the disk.
  private static let limit = 64 << 20
  private let file: File
  private let mask: SecretMask
  private var written = 0
  private var dropped = 0

  /// - Parameter mask: for whatever is written.
  init(in directory: File, mask: SecretMask = .none) throws(SystemCallError) {
    self.mask = mask
    file = try directory.openBeneath(RunLayout.log.text, .createNew)
  }

  func add(source: String, plugin: String? = nil, level: String = "info", _ text: String) {
    var line: JSONObject = [
      "time": .string(Timestamp(secondsSince1970: WallClock.now() / 1_000_000_000).description),
      "source": .string(source), "level": .string(level), "text": .string(mask.masked(text)),
    ]
    if let plugin { line["plugin"] = .string(plugin) }
    let bytes = JSONValue.object(line).canonicalBytes + [UInt8(ascii: "\n")]
    // The supervisor's own lines are few, and the last of them says why a run failed.
    guard source == "supervisor" || written + bytes.count <= Self.limit else {
      dropped += 1
      return
    }
    // A log that cannot be written is no reason to fail; what matters of a full disk comes from the store.
    if (try? file.write(bytes)) != nil { written += bytes.count }
  }

  /// A line that a plugin printed; bytes that are not UTF-8 are replaced.
  func add(source: String, line: [UInt8]) { add(source: source, String(decoding: line, as: UTF8.self)) }

  /// The last line, where lines had to be dropped.
  func finish() {
    guard dropped > 0 else { return }
    let count = dropped
    dropped = 0
    add(source: "supervisor", level: "warning", "\(count) lines were dropped after \(Self.limit) bytes.")
  }
}

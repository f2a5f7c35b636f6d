import LinuxCalls
import OmphalosValues
import RunRecord

/// `state.json` of a partial run: what it is doing, or why it stopped. A finalized run has none.
struct RunState {
  static let fileName = "state.json"
  private static let nextFileName = ".state.json.next"

  let runID: RunID
  let pipeline: String
  let pid: Int32
  let startedAt: Timestamp

  var running: JSONObject {
    [
      "state": "running", "run_id": .string(runID.text), "pipeline": .string(pipeline), "pid": .integer(Int64(pid)),
      "started_at": .string(startedAt.description),
    ]
  }

  func failed(_ reason: String, exitCode: ExitCode) -> JSONObject {
    var state = running
    state["state"] = "failed"
    state["reason"] = .string(reason)
    state["exit_code"] = .integer(Int64(exitCode.rawValue))
    return state
  }

  /// Replaces the file in one step. On a full disk, where a second file has no room, writes over the first.
  static func write(_ state: JSONObject, in directory: File) throws(SystemCallError) {
    let bytes = JSONValue.object(state).prettyBytes
    do {
      try? directory.removeFile(nextFileName)
      let file = try directory.openBeneath(nextFileName, .createNew, mode: 0o644)
      try file.write(bytes)
      try directory.rename(nextFileName, replacing: fileName)
    } catch {
      try? directory.removeFile(nextFileName)
      // Where there is no first file either, the reason is the full disk, not its absence.
      guard error.isOutOfSpace, (try? directory.status(of: fileName)) != nil else { throw error }
      let file = try directory.openBeneath(fileName, [.readWrite, .noFollow], mode: 0)
      try file.write(bytes)
      try file.truncate(to: bytes.count)
    }
  }
}

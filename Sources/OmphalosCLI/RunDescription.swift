import OmphalosValues
import RunDirectory

extension RunEntry {
  /// One line of `runs list`, with a second one for a reason.
  var line: String {
    let head = "\(Self.column(state.name, 9))  \(printable(name))"
    let facts = [time?.description, pipeline.map { printable($0) }].compactMap { $0 }
    let first = facts.isEmpty ? head : "\(head)  \(facts.joined(separator: "  "))"
    return detail.map { "\(first)\n           \(printable($0))" } ?? first
  }

  /// What there is to say about how it stands; nil for a finalized run that is recorded.
  var detail: String? {
    switch state {
    case .finalized: unrecorded
    case .running(let pid): pid.map { "process \($0) is making it" } ?? "a process that cannot be seen from here is making it"
    case .failed(let reason, let code): code.map { "exit code \($0): \(Self.oneLine(reason))" } ?? Self.oneLine(reason)
    case .killed: killed
    case .unsettled: "less than a minute old, and neither being made nor ended; look again"
    case .unusable(let reason): reason
    }
  }

  /// Nil for a run of which the ledger says that it is there, and where nothing is known.
  private var unrecorded: String? {
    switch record {
    case .unknown: nil
    case .none: "not in the ledger; record it with: omphalos runs adopt \(path)"
    case .entry(let entry) where entry.kind == .removed:
      "removed at \(entry.time), as the ledger says, and still there; finish that with: omphalos runs rm \(path)"
    case .entry: nil
    }
  }

  private var killed: String {
    var text = lastPID.map { "process \($0), which made it, is gone and left no reason" } ?? "it has no lock and no reason"
    if let lastSeen { text += "; last line of its log at \(lastSeen)" }
    return text
  }

  private static func oneLine(_ text: String) -> String {
    text.split(separator: "\n", maxSplits: 1, omittingEmptySubsequences: false).first.map(String.init) ?? text
  }

  private static func column(_ text: String, _ width: Int) -> String {
    text + String(repeating: " ", count: max(0, width - text.count))
  }

  var json: JSONValue {
    var object: JSONObject = [
      "name": .string(name), "path": .string(path), "run_id": .string(runID.text), "state": .string(state.name),
    ]
    if let time { object["time"] = .string(time.description) }
    if let pipeline { object["pipeline"] = .string(pipeline) }
    if state == .finalized {
      switch record {
      case .unknown: (object["recorded"], object["entry"]) = (.null, .null)
      case .none: (object["recorded"], object["entry"]) = (false, .null)
      case .entry(let entry): (object["recorded"], object["entry"]) = (.bool(entry.kind != .removed), entry.json)
      }
    }
    switch state {
    case .running(let pid): object["pid"] = pid.map { .integer(Int64($0)) } ?? .null
    case .failed(let reason, let code):
      object["reason"] = .string(reason)
      object["exit_code"] = code.map { .integer($0) } ?? .null
    case .killed:
      if let lastPID { object["last_pid"] = .integer(Int64(lastPID)) }
      if let lastSeen { object["last_seen"] = .string(lastSeen.description) }
    case .unusable(let reason): object["reason"] = .string(reason)
    case .finalized, .unsettled: break
    }
    return .object(object)
  }
}

/// What `runs show` prints.
struct RunDescription {
  private static let shownLines = 10
  private static let shownArtifacts = 20

  private let entry: RunEntry
  /// Of a finalized run.
  private let run: FinalizedRun?
  private let manifestDigest: SHA256Digest?
  private let log: [RunLogTail.Line]

  init(_ entry: RunEntry) throws {
    self.entry = entry
    run = entry.state == .finalized ? try FinalizedRun.open(entry.path) : nil
    manifestDigest = entry.state == .finalized ? try RunAdoption.manifestDigest(of: entry.path) : nil
    log = entry.state == .finalized ? [] : RunLogTail.lines(of: entry.path, count: Self.shownLines)
  }

  var text: String { run.map(finalizedText) ?? partialText }

  private func finalizedText(_ run: FinalizedRun) -> String {
    let manifest = run.manifest
    var lines = [
      "Finalized \(entry.runID)", "  directory     \(entry.path)",
      "  created at    \(manifest.createdAt) (a function of the payload)",
    ]
    if let time = entry.time { lines.append("  finalized at  \(time)") }
    if let pipeline = entry.pipeline { lines.append("  pipeline      \(pipeline)") }
    lines.append("  payload root  \(manifest.payloadRoot.hex)")
    lines.append("  ledger        \(entry.detail ?? recorded)")
    for input in manifest.inputs {
      lines.append("  input         \(input.name)  \(input.rowCount.map { "\($0) rows  " } ?? "")\(input.fingerprint.hex.prefix(16))…")
    }
    for (id, digest) in plugins(run) { lines.append("  plugin        \(id)  sha256 \(digest.prefix(16))…") }
    for file in manifest.files.prefix(Self.shownArtifacts) { lines.append("  artifact      \(file.path)  \(file.bytes) bytes") }
    if manifest.files.count > Self.shownArtifacts {
      lines.append("  …             and \(manifest.files.count - Self.shownArtifacts) more")
    }
    for relaxation in manifest.relaxations { lines.append("  relaxation    \(relaxation)") }
    lines.append("Check it with: omphalos verify \(entry.path)")
    return lines.joined(separator: "\n")
  }

  private var recorded: String {
    guard case .entry(let record) = entry.record else { return "cannot be read: see omphalos verify --all \(entry.root)" }
    let isThatRun = record.subject.manifest == manifestDigest
    return "entry \(record.sequence), \(record.kind.rawValue) at \(record.time)"
      + (isThatRun ? "" : "; it has another manifest: see omphalos verify --all \(entry.root)")
  }

  private func plugins(_ run: FinalizedRun) -> [(id: String, digest: String)] {
    let plugins = run.manifest.config["identity"]?["plugins"]?.objectValue?.sortedMembers ?? []
    return plugins.map { ($0.key, $0.value.stringValue ?? "") }
  }

  private var partialText: String {
    var lines = ["\(entry.state.name.prefix(1).uppercased())\(entry.state.name.dropFirst()) \(entry.runID)"]
    lines.append("  directory     \(entry.path)")
    if let pipeline = entry.pipeline { lines.append("  pipeline      \(pipeline)") }
    if let time = entry.time { lines.append("  begun at      \(time)") }
    if case .failed(let reason, let code) = entry.state {
      if let code { lines.append("  exit code     \(code)") }
      lines.append("  reason        " + reason.split(separator: "\n").joined(separator: "\n                "))
    } else if let detail = entry.detail {
      lines.append("  state         \(detail)")
    }
    for line in log {
      lines.append("  log           \(line.time) \(line.source)\(line.plugin.map { " \($0)" } ?? "") \(line.level): \(line.text)")
    }
    if entry.isDead { lines.append("Remove it, and all dead ones beside it, with: omphalos runs clean --root \(entry.root)") }
    return lines.joined(separator: "\n")
  }

  var json: JSONValue {
    var object = entry.json.objectValue ?? [:]
    if let run {
      object["created_at"] = .string(run.manifest.createdAt.description)
      object["payload_root"] = .string(run.manifest.payloadRoot.hex)
      object["inputs"] = .array(
        run.manifest.inputs.map {
          [
            "name": .string($0.name), "fingerprint": .string($0.fingerprint.hex),
            "rows": $0.rowCount.map { .integer(Int64(clamping: $0)) } ?? .null,
          ]
        })
      object["plugins"] = .array(plugins(run).map { ["id": .string($0.id), "sha256": .string($0.digest)] })
      object["artifacts"] = .array(
        run.manifest.files.map {
          ["path": .string($0.path.text), "bytes": .integer(Int64(clamping: $0.bytes)), "sha256": .string($0.sha256.hex)]
        })
      object["relaxations"] = .array(run.manifest.relaxations.map(JSONValue.string))
    } else {
      object["log"] = .array(
        log.map {
          [
            "time": .string($0.time), "source": .string($0.source), "plugin": $0.plugin.map { .string($0) } ?? .null,
            "level": .string($0.level), "text": .string($0.text),
          ]
        })
    }
    return .object(object)
  }
}

import Foundation
import TestSupport

/// What must be true of a run root whatever happened to a run in it. Every check adds a sentence to `problems`.
struct Aftermath {
  private let rig: Rig
  private let maker: RigMaker
  private(set) var problems: [String] = []
  /// Names of partial runs that are too young to tell.
  private(set) var unsettled: Set<String> = []
  /// The ledger as it was before.
  private let ledger: Data

  /// Before the run.
  init(_ rig: Rig, _ maker: RigMaker) {
    self.rig = rig
    self.maker = maker
    ledger = Self.ledger(of: rig)
  }

  private static func ledger(of rig: Rig) -> Data {
    FileManager.default.contents(atPath: rig.root + "/ledger.jsonl") ?? Data()
  }

  private mutating func expect(_ condition: Bool, _ problem: String) {
    if !condition { problems.append(problem) }
  }

  /// - Parameter status: the exit code of the run; nil where its supervisor was killed, which leaves it no time to say
  ///   what was wrong.
  mutating func check(status: Int32?, before: Snapshot, lingering: [String] = []) throws {
    expect(lingering.isEmpty, "processes were left: \(lingering)")
    problems += Snapshot(of: rig, runID: maker.runID).differences(from: before)
    let left = rig.temporaryFiles().filter { $0.hasPrefix("omphalos-") }
    expect(left.count <= (status == nil ? 1 : 0), "temporary files were left: \(left)")
    let runs = try listed()
    try checkFinalized(runs[maker.runID], status)
    checkPartials(runs, status)
  }

  private func partials() -> Set<String> { rig.names().filter { $0.hasPrefix(".\(maker.runID).") } }

  /// The other run of the root is compared byte by byte already.
  private mutating func checkFinalized(_ entry: [String: Any]?, _ status: Int32?) throws {
    let now = Self.ledger(of: rig)
    expect(now.starts(with: ledger), "the ledger lost what was in it")
    let names = rig.names().filter { $0.hasPrefix("run-") && $0 != maker.otherRunID }
    if status == 0 { expect(names == [maker.runID], "exit code 0 and finalized are \(names)") }
    guard let name = names.first else { return expect(now == ledger, "the ledger has a run that is not there") }
    expect(names == [maker.runID], "runs \(names) that nobody asked for")
    let verified = try rig.tool(["verify", "runs/\(name)"])
    expect(verified.status == 0, "\(name) does not verify: \(verified.stdout)\(verified.stderr)")
    // A line that was not written to its end is no entry.
    let isRecorded = now.count > ledger.count && now.last == UInt8(ascii: "\n")
    expect(entry?["recorded"] as? Bool == isRecorded, "recorded is \(isRecorded), listed is \(entry ?? [:])")
    if status == 0 { expect(isRecorded, "exit code 0, and the run is not in the ledger") }
    let all = try rig.tool(["verify", "--all", "runs"])
    expect(all.status == (isRecorded ? 0 : 2), "verify --all ended with \(all.status): \(all.stdout)\(all.stderr)")
    if !isRecorded { expect(all.stdout.contains("unrecorded"), "verify --all said \(all.stdout)") }
  }

  private func json(_ arguments: [String]) throws -> [String: Any] {
    let result = try rig.tool(arguments + ["--root", "runs", "--format", "json"])
    guard result.status == 0, let object = try? JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any]
    else { throw Faults.CannotArrange(description: "\(arguments) ended with \(result.status): \(result.stderr)") }
    return object
  }

  private func listed() throws -> [String: [String: Any]] {
    let runs = try json(["runs", "list"])["runs"] as? [[String: Any]] ?? []
    return Dictionary(runs.map { ($0["name"] as? String ?? "", $0) }, uniquingKeysWith: { first, _ in first })
  }

  private mutating func checkPartials(_ runs: [String: [String: Any]], _ status: Int32?) {
    let expected = partials().union(rig.names().filter { $0.hasPrefix("run-") })
    expect(Set(runs.keys) == expected, "listed are \(runs.keys.sorted()), there are \(expected.sorted())")
    expect(partials().count <= 1, "more than one partial run: \(partials())")
    if status == 0 { expect(partials().isEmpty, "exit code 0, and there is a partial run") }
    for name in partials() { checkState(name, runs[name] ?? [:], status) }
  }

  private mutating func checkState(_ name: String, _ entry: [String: Any], _ status: Int32?) {
    let state = entry["state"] as? String ?? "nothing"
    let folder = rig.root + "/" + name
    let has = { (file: String) in access("\(folder)/\(file)", F_OK) == 0 }
    switch state {
    case "unsettled":
      expect(status == nil, "the supervisor ended and left a run without lock and state")
      expect(!has(".lock") && !has("state.json"), "\(name) has a lock or a state and is listed as unsettled")
      unsettled.insert(name)
    case "killed":
      // Which entries say when they were last written to is the listing's own test.
      expect(status == nil, "the supervisor ended with \(status ?? 0), and the run is listed as killed")
    case "failed":
      expect(status != nil, "the supervisor was killed, and the run is listed as failed: \(entry)")
      expect((entry["reason"] as? String ?? "").utf8.count > 20, "a failed run without a reason: \(entry)")
      expect(entry["exit_code"] as? Int == status.map(Int.init), "exit code \(status ?? 0), recorded is \(entry)")
    default: problems.append("\(name) is listed as \(state), and nobody makes it")
    }
  }

  /// `runs clean` removes what it lists and nothing else.
  mutating func clean(before: Snapshot) throws {
    let names = rig.names()
    let dead = partials().subtracting(unsettled)
    let planned = Self.names(try json(["runs", "clean", "--dry-run"]), "removed")
    expect(planned == dead, "clean would remove \(planned.sorted()), dead are \(dead.sorted())")
    expect(rig.names() == names, "a dry run removed something")
    let done = try json(["runs", "clean"])
    expect(Self.names(done, "removed") == planned, "clean removed other runs than it had listed")
    expect(Self.names(done, "kept") == unsettled, "clean kept \(Self.names(done, "kept").sorted())")
    expect(rig.names() == names.subtracting(planned), "clean left \(rig.names().sorted())")
    problems += Snapshot(of: rig, runID: maker.runID).differences(from: before)
  }

  private static func names(_ object: [String: Any], _ key: String) -> Set<String> {
    Set((object[key] as? [[String: Any]] ?? []).compactMap { $0["name"] as? String })
  }

  /// The next run in the same root goes through, and clears away what a killed one left among temporary files.
  mutating func runAgain(before: Snapshot) throws {
    let wasThere = rig.names().contains(maker.runID)
    let result = try rig.run()
    expect(result.status == 0, "the next run ended with \(result.status): \(result.stderr)")
    expect(result.stdout.hasPrefix(wasThere ? "Reproduced" : "Finalized"), "the next run said \(result.stdout.prefix(60))")
    expect(rig.names().contains(maker.runID) && partials() == unsettled, "after the next run: \(rig.names().sorted())")
    let left = rig.temporaryFiles().filter { $0.hasPrefix("omphalos-") }
    expect(left.isEmpty, "the next run left temporary files: \(left)")
    try checkFinalized(try listed()[maker.runID], result.status)
    problems += Snapshot(of: rig, runID: maker.runID).differences(from: before)
  }

  /// What was too young to tell is dead once it is older.
  mutating func settle() throws {
    let runs = try listed()
    for name in unsettled {
      let state = runs[name]?["state"] as? String ?? "nothing"
      expect(state == "killed", "\(name) is listed as \(state) a minute later")
    }
    let removed = Self.names(try json(["runs", "clean"]), "removed")
    expect(removed == unsettled, "a minute later clean removed \(removed.sorted()), not \(unsettled.sorted())")
    expect(partials().isEmpty, "a minute later there is still \(partials().sorted())")
  }
}

import Foundation
import TestSupport
import Testing

@Suite("A disk that fails at any call", .enabled(if: Faults.areWanted, Faults.reason))
struct ErrorTests {
  /// What the host says, or a plugin with the words that the host gave it for the status.
  private static let words: [Int32: [String]] = [
    ENOSPC: ["the disk is full"], EDQUOT: ["a quota of the file system is used up", "the disk is full"],
    EIO: ["the disk, or the way to it, is broken", "the disk or the kernel reported an error"],
  ]

  @Test("ENOSPC, EIO or EDQUOT from any call that changes the run root ends in exit code 5 with file and cause, or is harmless")
  func anywhere() throws {
    let maker = try RigMaker()
    let tool = try StrikingTool(in: maker.pipeline.folder)
    let rig = try maker.make("recorded")
    let recording = try tool.record(rig)
    if recording.result.status == StrikingTool.isNotPossible { try Test.cancel("processes cannot be traced here") }
    let points = try #require(PointChoice(recording.calls)).failures([ENOSPC, EIO, EDQUOT], in: rig)
    let outcomes = Faults.onTwoThreads(points) { index, point in fail(point, tool, maker, index) }
    for (point, outcome) in zip(points, outcomes) where !outcome.problems.isEmpty {
      Issue.record("\(point.description):\n\(outcome.problems.joined(separator: "\n"))")
    }
    let table = StrikeTable(outcomes.compactMap(\.struck))
    print(table.text)
    #expect(table.reached >= 150)
    #expect(table.kinds >= 10)
  }

  private func fail(_ point: Point, _ tool: StrikingTool, _ maker: RigMaker, _ index: Int) -> (struck: Struck?, problems: [String]) {
    do {
      let rig = try maker.make("failed-\(index)")
      defer { rig.remove() }
      let before = Snapshot(of: rig, runID: maker.runID)
      var aftermath = Aftermath(rig, maker)
      let struck = try tool.strike(point, rig)
      guard struck.wasHit else { return (struck, []) }
      try aftermath.check(status: struck.result.status, before: before, lingering: struck.lingering)
      try aftermath.clean(before: before)
      // What the next run does depends on what was left, which was checked; a sample is enough.
      if index % 4 == 0 { try aftermath.runAgain(before: before) }
      return (struck, aftermath.problems + complaints(struck))
    } catch {
      return (nil, ["\(error)"])
    }
  }

  /// What is wrong with the way in which the run told of the failure.
  private func complaints(_ struck: Struck) -> [String] {
    guard struck.result.status != 0, case .fail(let error) = struck.point.action else { return [] }
    let text = struck.result.stderr
    var complaints: [String] = []
    if struck.result.status != 5 { complaints.append("exit code \(struck.result.status)") }
    let words = Self.words[error] ?? []
    if !words.contains(where: { text.lowercased().contains($0) }) { complaints.append("the cause is not told in plain words") }
    if !text.contains(/(runs|exports|lineage|warehouse|reports|logs)\//) && !text.contains("\"runs\"") {
      complaints.append("no file is named")
    }
    return complaints.isEmpty ? [] : complaints + [text]
  }

  @Test("a run whose last flush fails is whole, stays untouched and is told as what it is, for root too", arguments: [true, false])
  func lastFlush(asRoot: Bool) throws {
    if asRoot, getuid() != 0 { try Test.cancel("only root can be root") }
    let maker = try RigMaker()
    let tool = try StrikingTool(in: maker.pipeline.folder)
    let recorded = try maker.make("recorded")
    let recording = try tool.record(recorded)
    if recording.result.status == StrikingTool.isNotPossible { try Test.cancel("processes cannot be traced here") }
    let call = try #require(recording.calls.first { $0.name == "fsync" && $0.path == recorded.root })
    let rig = try maker.make("failed", asRoot: asRoot)
    let struck = try tool.strike(Point(call: call, isAfter: false, action: .fail(EIO)), rig)
    #expect(struck.wasHit && struck.result.status == 5)
    #expect(struck.result.stderr.contains("is whole, but its name could not be flushed to the disk"), "\(struck.result.stderr)")
    #expect(!struck.result.stderr.contains("was not finalized"))
    let verified = try rig.tool(["verify", "runs/\(maker.runID)"])
    #expect(verified.status == 0, "\(verified.stdout)")
  }
}

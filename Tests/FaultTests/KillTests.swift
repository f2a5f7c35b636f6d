import Foundation
import TestSupport
import Testing

@Suite("SIGKILL at any call", .enabled(if: Faults.areWanted, Faults.reason))
struct KillTests {
  private struct Outcome: Sendable {
    let struck: Struck?
    let problems: [String]
    /// The rig is kept where something in it has to grow older.
    let unsettled: (rig: Rig, aftermath: Aftermath)?
  }

  @Test("SIGKILL at any call, to supervisor, worker or both, leaves a whole run or a listed partial one, and harms nothing else")
  func anywhere() throws {
    let maker = try RigMaker()
    let tool = try StrikingTool(in: maker.pipeline.folder)
    let recording = try tool.record(try maker.make("recorded"))
    if recording.result.status == StrikingTool.isNotPossible { try Test.cancel("processes cannot be traced here") }
    #expect(recording.result.status == 0, "\(recording.result.stderr)")
    let points = try #require(PointChoice(recording.calls)).kills(inWindow: 110, anywhere: 110)
    let outcomes = Faults.onTwoThreads(points) { index, point in strike(point, tool, maker, index) }
    for (point, outcome) in zip(points, outcomes) where !outcome.problems.isEmpty {
      Issue.record("\(point.description):\n\(outcome.problems.joined(separator: "\n"))")
    }
    try settle(outcomes.compactMap(\.unsettled))

    let table = StrikeTable(outcomes.compactMap(\.struck))
    print(table.text)
    #expect(table.reached >= 200)
    #expect(table.kinds >= 30)
    #expect(table.betweenLinkAndRename >= 20)
    #expect([[Role.supervisor], [.worker], [.supervisor, .worker]].allSatisfy { table.reached(.kill($0)) >= 20 })
  }

  private func strike(_ point: Point, _ tool: StrikingTool, _ maker: RigMaker, _ index: Int) -> Outcome {
    do {
      let rig = try maker.make("killed-\(index)")
      let before = Snapshot(of: rig, runID: maker.runID)
      var aftermath = Aftermath(rig, maker)
      let struck = try tool.strike(point, rig)
      guard struck.wasHit else {
        rig.remove()
        return Outcome(struck: struck, problems: [], unsettled: nil)
      }
      let survives = struck.result.status != 128 + SIGKILL
      try aftermath.check(
        status: survives ? struck.result.status : nil, before: before, lingering: struck.lingering)
      try aftermath.clean(before: before)
      try aftermath.runAgain(before: before)
      var problems = aftermath.problems
      // Of a worker that was killed its call is told, or that none had begun.
      if survives, ![0, 4].contains(struck.result.status) {
        problems.append("exit code \(struck.result.status): \(struck.result.stderr)")
      }
      if aftermath.unsettled.isEmpty { rig.remove() }
      return Outcome(
        struck: struck, problems: problems, unsettled: aftermath.unsettled.isEmpty ? nil : (rig, aftermath))
    } catch {
      return Outcome(struck: nil, problems: ["\(error)"], unsettled: nil)
    }
  }

  /// The longest time for which a run counts as too young to tell, and a little more.
  private static let settling: UInt32 = 62

  private func settle(_ kept: [(rig: Rig, aftermath: Aftermath)]) throws {
    // A run that loses lock and state as the last thing before its name is one of those.
    #expect(!kept.isEmpty)
    sleep(Self.settling)
    for (rig, earlier) in kept {
      var aftermath = earlier
      let count = aftermath.problems.count
      try aftermath.settle()
      #expect(aftermath.problems.dropFirst(count).isEmpty, "\(aftermath.problems)")
      rig.remove()
    }
  }
}

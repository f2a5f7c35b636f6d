import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

@Suite struct RunComparisonTests {
  /// Makes the run once, then again after `change`, and compares.
  private func compare(
    tampering: String = "true", _ change: (inout SampleRun) -> Void
  ) throws -> RunComparison {
    var sample = try SampleRun()
    let path = try sample.finalize()
    try makeWritable(path)
    #expect(try Shell.run(["sh", "-c", tampering], directory: path).status == 0)
    change(&sample)
    let second = try sample.makePartial()
    let record = try sample.record(second)
    guard case .alreadyThere(let existing) = try second.finalize(record) else {
      Issue.record("a second run took the place of the first")
      return .different([])
    }
    return try RunComparison.compare(record.manifest, withRunAt: existing)
  }

  @Test("the same run made again is reproduced")
  func reproduced() throws {
    guard case .reproduced = try compare({ _ in }) else {
      Issue.record("not reproduced")
      return
    }
  }

  @Test("each path that differs is listed: changed, new and gone")
  func different() throws {
    let found = try compare { $0.artifacts = ["exports/a.csv": "other", "exports/new.csv": ""] }
    guard case .different(let differences) = found else {
      Issue.record("\(found)")
      return
    }
    // The lineage names the artifacts, so it differs too.
    let wanted = ["exports/a.csv", "exports/deep/b.csv", "exports/new.csv", "lineage/lineage.jsonl"]
    #expect(differences.map(\.subject) == wanted)
    #expect(differences[1].description.contains("not there now"))
  }

  @Test("with a damaged run nothing is reproduced")
  func damaged() throws {
    guard case .existingIsDamaged(let report) = try compare(tampering: "rm exports/a.csv", { _ in }) else {
      Issue.record("a damaged run passed")
      return
    }
    #expect(report.problems.map(\.path) == ["exports/a.csv"])
  }
}

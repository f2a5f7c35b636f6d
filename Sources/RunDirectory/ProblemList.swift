import OmphalosValues

/// Problems with the files of a run: all of them counted, and those kept that come first in byte order of path. A
/// manifest of a million files that are all missing must not cost more than the manifest.
struct ProblemList {
  static let kept = 10_000

  private(set) var count = 0
  private var problems: [VerifyReport.Problem] = []

  mutating func add(_ kind: VerifyReport.Problem.Kind, _ path: String, _ message: @autoclosure () -> String) {
    count += 1
    // Most of a great many come behind those that are kept, and cost no sentence.
    if let limit, !bytesPrecede(path, limit) { return }
    problems.append(VerifyReport.Problem(kind, path, message()))
    if problems.count >= 2 * Self.kept { cut() }
  }

  /// In byte order of path.
  var first: [VerifyReport.Problem] { Array(sorted.prefix(Self.kept)) }

  /// The greatest path that is kept, once there are as many as are kept.
  private var limit: String?

  private var sorted: [VerifyReport.Problem] { problems.sorted { bytesPrecede($0.path, $1.path) } }

  private mutating func cut() {
    problems = first
    limit = problems.last?.path
  }
}

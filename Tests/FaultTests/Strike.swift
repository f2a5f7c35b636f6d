import Foundation
import TestSupport

/// A process of a run.
enum Role: String, Sendable {
  case supervisor = "s"
  case worker = "w"
  /// Whoever is below the worker.
  case descendant = "d"
}

/// A system call of a run, as a recording has it.
struct Call: Sendable {
  let role: Role
  let number: Int
  let name: String
  /// The how many-th of this role and number.
  let nth: Int
  /// What its descriptor leads to.
  let path: String
  /// Its place among all calls of the recording.
  let index: Int
}

/// What is done at a call.
struct Point: Sendable {
  enum Action: Sendable, Hashable {
    case kill([Role])
    case fail(Int32)
  }

  let call: Call
  let isAfter: Bool
  let action: Action

  var arguments: [String] {
    let text =
      switch action {
      case .kill(let roles): "kill:" + roles.map(\.rawValue).joined()
      case .fail(let error): "fail:\(error)"
      }
    return [call.role.rawValue, "\(call.number)", "\(call.nth)", isAfter ? "after" : "before", text]
  }

  /// "killing the worker before its 3rd linkat"
  var description: String {
    let what =
      switch action {
      case .kill(let roles): "SIGKILL to \(roles.map { "\($0)" }.joined(separator: " and "))"
      case .fail(let error): String(cString: strerror(error))
      }
    return "\(what) \(isAfter ? "after" : "at") \(call.name) no. \(call.nth) of the \(call.role) [\(call.path)]"
  }
}

/// What became of a strike.
struct Struck: Sendable {
  let point: Point
  let result: Shell.Result
  /// False where this run had fewer calls of that kind: calls that wait are not the same in number each time.
  var wasHit = false
  /// Names given to artifacts before the strike.
  var links = 0
  var isBeforeRename = true
  /// Processes that were still there long after.
  var lingering: [String] = []

  var isBetweenLinkAndRename: Bool { wasHit && links > 0 && isBeforeRename }
}

/// `Tests/Fixtures/strike.c`, built.
struct StrikingTool: Sendable {
  /// Where processes cannot be traced.
  static let isNotPossible: Int32 = 77
  private let program: String
  private let calls: SystemCalls

  init(in folder: TemporaryFolder) throws {
    program = folder.file("strike")
    calls = try SystemCalls()
    let source = Compiler.root + "/Tests/Fixtures/strike.c"
    let built = try Shell.run(Compiler.c + ["-O1", "-Wall", "-Wextra", "-o", program, source])
    guard built.status == 0 else { throw Compiler.Failure(description: built.stderr) }
  }

  /// Runs the pipeline of a rig to its end, and tells the calls that this took.
  func record(_ rig: Rig) throws -> (result: Shell.Result, calls: [Call]) {
    let log = rig.path + ".record"
    let result = try rig.run(prefix: [program, log, "omphalos", "record"])
    guard result.status == 0 else { return (result, []) }
    let lines = try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n")
    let calls = lines.enumerated().compactMap { index, line -> Call? in
      let parts = line.split(separator: " ", maxSplits: 3, omittingEmptySubsequences: false).map(String.init)
      guard parts.count == 4, let role = Role(rawValue: parts[0]), let number = Int(parts[1]), let nth = Int(parts[2])
      else { return nil }
      return Call(role: role, number: number, name: self.calls.name(number), nth: nth, path: parts[3], index: index)
    }
    return (result, calls)
  }

  /// Runs the pipeline of a rig and strikes.
  func strike(_ point: Point, _ rig: Rig) throws -> Struck {
    let log = rig.path + ".struck"
    let result = try rig.run(prefix: [program, log, "omphalos"] + point.arguments)
    var struck = Struck(point: point, result: result)
    for line in try String(contentsOfFile: log, encoding: .utf8).split(separator: "\n") {
      let words = line.split(separator: " ", omittingEmptySubsequences: false)
      if words[0] == "lingered" { struck.lingering.append(String(line)) }
      guard words[0] == "hit", words.count > 6 else { continue }
      struck.wasHit = true
      struck.links = Int(words[5]) ?? 0
      struck.isBeforeRename = words[6] == "0"
    }
    return struck
  }
}

/// What was struck, counted.
struct StrikeTable {
  private let hit: [Struck]
  private let all: [Struck]

  init(_ all: [Struck]) {
    self.all = all
    hit = all.filter(\.wasHit)
  }

  var reached: Int { hit.count }
  /// Distinct system calls.
  var kinds: Int { Set(hit.map(\.point.call.name)).count }
  var betweenLinkAndRename: Int { hit.count { $0.isBetweenLinkAndRename } }

  func reached(_ action: Point.Action) -> Int { hit.count { $0.point.action == action } }

  var text: String {
    var lines = [
      "points chosen                          \(all.count)", "points reached                         \(reached)",
      "distinct system calls                  \(kinds)",
      "between the first link and the rename  \(betweenLinkAndRename)", "",
      Self.row("call", ["supervisor", "worker", "before", "after", "exit 0", "exit 4", "exit 5", "killed"]),
    ]
    for name in Set(hit.map(\.point.call.name)).sorted() {
      let here = hit.filter { $0.point.call.name == name }
      let statuses: [Int32] = [0, 4, 5, 137]
      let counts =
        [Role.supervisor, .worker].map { role in here.count { $0.point.call.role == role } }
        + [false, true].map { isAfter in here.count { $0.point.isAfter == isAfter } }
        + statuses.map { status in here.count { $0.result.status == status } }
      lines.append(Self.row(name, counts.map { $0 == 0 ? "" : "\($0)" }))
    }
    return lines.joined(separator: "\n")
  }

  private static func row(_ name: String, _ cells: [String]) -> String {
    let head = name + String(repeating: " ", count: max(1, 18 - name.count))
    return head + cells.map { String(repeating: " ", count: max(1, 12 - $0.count)) + $0 }.joined()
  }
}

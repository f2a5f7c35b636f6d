import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import RunDirectory

/// A run root with a ledger of runs that need not be there.
struct LedgerRoot {
  let folder: TemporaryFolder
  var path: String { folder.path }
  var ledger: RunLedger { RunLedger(root: path) }
  var file: String { folder.file(RunLedger.fileName) }

  init() throws { folder = try TemporaryFolder() }

  static func subject(_ number: Int, manifest: String = "manifest") -> LedgerEntry.Subject {
    let digits = String(number, radix: 16)
    let id = "run-\(String(repeating: "0", count: 8 - digits.count))\(digits)-0000"
    return LedgerEntry.Subject(
      runID: try! RunID(id), manifest: SHA256Digest(hashing: "\(manifest) \(number)"),
      payloadRoot: SHA256Digest(hashing: "payload \(number)"))
  }

  func append(_ numbers: ClosedRange<Int>) throws {
    for number in numbers { _ = try ledger.append(.finalized, Self.subject(number)) }
  }

  func text() throws -> String { String(decoding: try folder.read(RunLedger.fileName), as: UTF8.self) }

  func lines() throws -> [String] { try text().split(separator: "\n").map(String.init) }

  func report(anchor: SHA256Digest? = nil) throws -> LedgerReport {
    try LedgerReport.read(try #require(try ledger.openForReading()), anchor: anchor)
  }
}

@Suite("The ledger of a run root")
struct LedgerTests {
  private let root: LedgerRoot

  init() throws { root = try LedgerRoot() }

  @Test("each line is canonical JSON with the digest of the line before, as Python and sha256sum see it")
  func chain() throws {
    try root.append(1...3)
    let python = """
      import hashlib, json, sys
      previous = "0" * 64
      for number, line in enumerate(open(sys.argv[1], "rb").read().split(b"\\n")[:-1], 1):
          entry = json.loads(line)
          assert json.dumps(entry, sort_keys=True, separators=(",", ":"), ensure_ascii=False).encode() == line
          assert set(entry) == {"schema_version", "sequence", "previous", "at", "kind", "run_id", "manifest_sha256", "payload_root"}
          assert (entry["sequence"], entry["previous"], entry["kind"]) == (number, previous, "finalized")
          previous = hashlib.sha256(line).hexdigest()
      print(number, previous)
      """
    let result = try Shell.run(["python3", "-c", python, root.file])
    let report = try root.report()
    #expect(result.stdout == "3 \(report.head.hex)\n", "\(result.stderr)")
    #expect(report.problemCount == 0 && report.lineCount == 3 && report.runs.count == 3)
    #expect(try File.open(root.file).status().permissions == 0o644)
  }

  @Test("what a killed process left of an entry is cut off by the next one, and told", arguments: [1, 100, 358])
  func torn(_ length: Int) throws {
    try root.append(1...2)
    let whole = try root.text()
    let entry = try #require(try root.lines().last)
    try root.folder.write(RunLedger.fileName, whole + entry.prefix(length))
    let torn = try root.report()
    #expect(torn.problems.map(\.line) == [3])
    #expect(torn.problems[0].message.hasPrefix("has \(counted(length, "byte")) and no end"))
    let appended = try root.ledger.append(.finalized, LedgerRoot.subject(3))
    #expect(appended.cutBytes == length && appended.entry.sequence == 3)
    #expect(try root.text().hasPrefix(whole))
    #expect(try root.report().problemCount == 0)
    let sentence = try #require(RunLedger.Recording.appended(appended).sentences.first)
    #expect(sentence.contains("\(counted(length, "byte")) were cut off before entry 3"))
  }

  @Test("a file that holds nothing but the start of the first entry is begun anew")
  func tornFirst() throws {
    try root.folder.write(RunLedger.fileName, "{\"at\"")
    #expect(try root.ledger.append(.finalized, LedgerRoot.subject(1)).entry.sequence == 1)
    #expect(try root.report().problemCount == 0)
  }

  @Test(
    "to an end that is no chain nothing is appended, and the message says what is wrong and what to do",
    arguments: [
      ("echo x >> ledger.jsonl", "its last line is no JSON: column 1: found 'x', wanted a JSON value"),
      ("echo >> ledger.jsonl", "its last line is no JSON"),
      ("echo '{}' >> ledger.jsonl", "its last line has no text \"schema_version\""),
      ("tail -1 ledger.jsonl >> ledger.jsonl", "its last line has the sequence number 3, wanted 4"),
      ("sed -i 2d ledger.jsonl", "its last line has the sequence number 3, wanted 2"),
      ("sed -i '2s/finalized/adopted/' ledger.jsonl", "its last line is chained to a line with SHA-256 "),
      ("sed -i '1,2d' ledger.jsonl", "its last line has the sequence number 3, wanted 1"),
      ("sed -i '3s/,/, /' ledger.jsonl", "its last line is not in the canonical form of an entry"),
      ("sed -i '3s/}$/,\"z\":1}/' ledger.jsonl", "its last line is not in the canonical form of an entry"),
      ("sed -i '3s/finalized/forgotten/' ledger.jsonl", "its last line has the kind \"forgotten\", which is unknown"),
      ("sed -i '3s/\"1.0\"/\"2.0\"/' ledger.jsonl", "its last line has the schema version \"2.0\", wanted \"1.0\""),
      ("sed -i '3s/run-0/RUN-0/' ledger.jsonl", "its last line is no entry: \"RUN-00000003-0000\" is not a valid run id"),
      ("head -c 5000 /dev/zero >> ledger.jsonl", "its last line has no end and 5000 bytes or more"),
      ("(head -c 50000 /dev/zero; echo) >> ledger.jsonl", "its last line is too long for an entry"),
    ])
  func broken(_ script: String, _ wanted: String) throws {
    try root.append(1...3)
    #expect(try Shell.run(["bash", "-ec", script], directory: root.path).status == 0)
    let before = try root.text()
    let error = try #require(throws: LedgerError.self) { _ = try root.ledger.append(.finalized, LedgerRoot.subject(4)) }
    #expect(error.message.contains(wanted), "\(error.message)")
    #expect(error.message.contains("omphalos verify --all \(root.path)") && error.message.contains("omphalos runs adopt"))
    #expect(error.exitCode == .storeFailed)
    #expect(try root.text() == before)
    #expect(try root.report().problemCount > 0)
  }

  @Test(
    "each broken link is named with its line",
    arguments: [
      ("sed -i '2s/finalized/adopted/' ledger.jsonl", [3]), ("sed -i 2d ledger.jsonl", [2, 2, 3]),
      ("sed -i '2{h;d};3{G}' ledger.jsonl", [2, 2, 3, 3, 4]), ("sed -i 1d ledger.jsonl", [1, 1, 2, 3]),
      ("sed -i '3s/.*/rubbish/' ledger.jsonl", [3, 4]), ("sed -i '4d' ledger.jsonl", []),
      ("sed -i '2s/.*/&\\n&/' ledger.jsonl", [3, 3, 4, 5]),
      ("python3 -c 'print(\"x\" * 5000)' >> ledger.jsonl", [5]),
    ])
  func links(_ script: String, _ wanted: [Int]) throws {
    try root.append(1...4)
    #expect(try Shell.run(["bash", "-ec", script], directory: root.path).status == 0)
    #expect(try root.report().problems.map(\.line) == wanted)
  }

  @Test("a head that was kept is found where it stands; after the ledger was cut or written anew it is not")
  func anchor() throws {
    try root.append(1...2)
    let head = try root.report().head
    try root.append(3...5)
    #expect(try root.report(anchor: head).anchor == .found(line: 2, linesAfter: 3))
    #expect(try root.report(anchor: try root.report().head).anchor == .found(line: 5, linesAfter: 0))
    #expect(try root.report(anchor: LedgerEntry.origin).anchor == .found(line: 0, linesAfter: 5))
    try root.folder.write(RunLedger.fileName, "")
    try root.append(2...6)
    #expect(try root.report().problemCount == 0)
    #expect(try root.report(anchor: head).anchor == .notFound)
  }

  @Test("a link, a directory, a fifo in its place are refused by their kind, and nothing is followed or waited for")
  func kinds() throws {
    for (script, kind) in [
      ("ln -s /dev/full ledger.jsonl", "symbolic link"), ("ln -s nowhere ledger.jsonl", "symbolic link"),
      ("mkdir ledger.jsonl", "directory"), ("mkfifo ledger.jsonl", "fifo"),
    ] {
      let root = try LedgerRoot()
      #expect(try Shell.run(["bash", "-ec", script], directory: root.path).status == 0)
      for body in [{ _ = try root.ledger.append(.finalized, LedgerRoot.subject(1)) }, { _ = try root.ledger.latest(of: []) }] {
        let error = try #require(throws: LedgerError.self) { try body() }
        #expect(error.message.contains("it is a \(kind), wanted a regular file"), "\(error.message)")
      }
      #expect(try File.open(root.path, .directory).status(of: "ledger.jsonl").kind != .regular)
    }
  }

  @Test("of a root that is not there, or is a file, the cause is told")
  func noRoot() throws {
    let file = try root.folder.write("file", "x")
    for (path, cause) in [(root.folder.file("none"), "No such file or directory"), (file, "Not a directory")] {
      let error = try #require(throws: LedgerError.self) {
        _ = try RunLedger(root: path).append(.finalized, LedgerRoot.subject(1))
      }
      #expect(error.message.contains(cause), "\(error.message)")
    }
  }

  @Test("an entry that the disk does not take whole is not there at all")
  func fullDisk() throws {
    try root.append(1...2)
    let before = try root.text()
    // A limit on the size of files is a full disk that one process can have for itself.
    let script = "ulimit -f 1; exec '\(CommandLineTool.path)' runs adopt \"$@\""
    var sample = try SampleRun()
    sample.artifacts = ["exports/a": "1"]
    let run = try sample.finalize()
    #expect(try Shell.run(["cp", root.file, sample.folder.file("runs/ledger.jsonl")]).status == 0)
    let result = try Shell.run(["bash", "-c", "trap '' XFSZ; \(script)", "bash", run])
    #expect(result.status == 5, "\(result.stderr)")
    #expect(result.stderr.contains("did not take an entry: a limit on the size of files is reached"), "\(result.stderr)")
    #expect(String(decoding: try sample.folder.read("runs/ledger.jsonl"), as: UTF8.self) == before)
  }

  @Test("of many runs the last entries are found, among twenty thousand lines of others, with memory for those only")
  func latest() throws {
    try root.append(1...1)
    var lines = try root.text()
    let entry = try LedgerEntry(line: Array(try root.lines()[0].utf8))
    var previous = try root.report().head
    for number in 2...20_000 {
      let next = LedgerEntry(
        sequence: Int64(number), previous: previous, time: entry.time, kind: number % 7 == 0 ? .removed : .finalized,
        subject: LedgerRoot.subject(number % 1000))
      lines += String(decoding: next.line, as: UTF8.self) + "\n"
      previous = SHA256Digest(hashing: next.line)
    }
    try root.folder.write(RunLedger.fileName, lines)
    let ids = [3, 777, 5000].map { LedgerRoot.subject($0).runID }
    let found = try root.ledger.latest(of: ids)
    #expect(found.mapValues(\.sequence) == [UTF8String(ids[0].text): 19_003, UTF8String(ids[1].text): 19_777])
    #expect(try root.ledger.append(.finalized, LedgerRoot.subject(1)).entry.sequence == 20_001)
    #expect(try root.report().problemCount == 0)
  }

  @Test("whatever bytes of a ledger are changed, cut or put in: the chain, or the head that was kept, gives it away")
  func anyBytes() throws {
    try root.append(1...4)
    let original = try root.folder.read(RunLedger.fileName)
    let head = try root.report().head
    var random = SystemRandomNumberGenerator()
    for _ in 0..<300 {
      var bytes = original
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<5, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(Array("0a\n{}\",: \0".utf8).randomElement(using: &random) ?? 0, at: place)
      case 3: bytes.removeLast(place)
      default:
        // Two lines in each other's place, or one twice.
        var lines = bytes.split(separator: UInt8(ascii: "\n"))
        lines[Int.random(in: 0..<4, using: &random)] = lines[Int.random(in: 0..<4, using: &random)]
        bytes = Array(lines.joined(separator: [UInt8(ascii: "\n")])) + [UInt8(ascii: "\n")]
      }
      guard bytes != original else { continue }
      try root.folder.write(RunLedger.fileName, bytes)
      let report = try root.report(anchor: head)
      #expect(report.problemCount > 0 || report.anchor == .notFound, "\(String(decoding: bytes, as: UTF8.self))")
    }
  }
}

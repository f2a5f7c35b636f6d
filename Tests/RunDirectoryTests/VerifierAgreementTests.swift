import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

@Suite struct VerifierAgreementTests {
  private static let folder: String =
    #filePath.split(separator: "/").dropLast(2).map { "/" + $0 }.joined() + "/Verifier"

  /// Prints for each directory given whether it is whole, and if not, whether only the form of the manifest is off,
  /// which the host's verifier does not look at.
  private static let script = """
    import sys
    sys.dont_write_bytecode = True
    sys.path.insert(0, sys.argv[1])
    import verify_run
    for run in sys.argv[2:]:
        lines = verify_run.verify(run)
        form = all(line.startswith('run_manifest.json: keys are not sorted') for line in lines)
        print('whole' if not lines else 'form' if form else 'problems', ' | '.join(lines).replace('\\n', ' '))
    """

  @Test("both verifiers come to the same verdict on manifests with bytes changed, cut or put in")
  func randomChanges() throws {
    let sample = try SampleRun()
    let path = try sample.finalize()
    try makeWritable(path)
    let original = try sample.folder.read("runs/\(sample.identity.runID.text)/run_manifest.json")
    var random = SystemRandomNumberGenerator()
    var copies: [String] = []
    for number in 0..<150 {
      let copy = "copy\(number)"
      let bytes = changed(original, &random)
      #expect(try Shell.run(["cp", "-r", path, sample.folder.file(copy)]).status == 0)
      try sample.folder.write("\(copy)/run_manifest.json", bytes)
      copies.append(copy)
    }
    let python = try Shell.run(["python3", "-c", Self.script, Self.folder] + copies.map { sample.folder.file($0) })
    #expect(python.stderr == "")
    let verdicts = python.stdout.split(separator: "\n")
    try #require(verdicts.count == copies.count)
    for (copy, verdict) in zip(copies, verdicts) {
      let report = try Verification.verify(sample.folder.file(copy))
      let text = String(decoding: try sample.folder.read("\(copy)/run_manifest.json"), as: UTF8.self)
      #expect(report.isWhole == !verdict.hasPrefix("problems"), "\(report.text)\nPython: \(verdict)\n\(text)")
    }
  }

  /// One or two small changes, mostly of the kind that leaves the text JSON.
  private func changed(_ original: [UInt8], _ random: inout SystemRandomNumberGenerator) -> [UInt8] {
    var bytes = original
    for _ in 0..<Int.random(in: 1...2, using: &random) {
      let place = Int.random(in: 0..<bytes.count, using: &random)
      switch Int.random(in: 0..<6, using: &random) {
      case 0: bytes[place] = UInt8.random(in: 0...255, using: &random)
      case 1: bytes.remove(at: place)
      case 2: bytes.insert(UInt8(ascii: " "), at: place)
      case 3: bytes.removeLast(Int.random(in: 0..<3, using: &random))
      default:
        // A letter or digit becomes another: the most likely to go unnoticed.
        if let next = bytes[place...].firstIndex(where: { $0 >= 0x30 && $0 <= 0x39 || $0 >= 0x61 && $0 <= 0x7a }) {
          bytes[next] = Array("0123456789abcdef").randomElement(using: &random)?.asciiValue ?? 0x30
        }
      }
    }
    return bytes
  }
}

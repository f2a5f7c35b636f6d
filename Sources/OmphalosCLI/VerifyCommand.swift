import ArgumentParser
import OmphalosValues
import RunDirectory

/// `omphalos verify`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a finalized run directory against its manifest, or all runs of a directory.",
    discussion: """
      Every digest and the payload root are computed again from the files. Missing, changed and extra files are named, \
      and the exit code is 2 if there is any. Verifying shows integrity and consistency, not who made the run: for that, \
      sign run_manifest.json.

      With --all the runs in a directory are checked, and its ledger: whether its lines are a chain, and whether each run \
      is there, recorded, and the one that was recorded. The head that is printed is the digest of the last line. Keep it \
      elsewhere: given with --head another time, it shows that nothing before it was changed.
      """)

  @Argument(help: ArgumentHelp("The run directory; with --all the directory in which the runs are.", valueName: "run"))
  var directory: String

  @Flag(help: "Check all runs in the directory and their ledger.")
  var all = false

  @Option(help: ArgumentHelp("With --all: the head of the ledger as it was printed once.", valueName: "sha256"))
  var head: String?

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  @Flag(name: .shortAndLong, help: "Print nothing where all is whole.")
  var quiet = false

  func validate() throws {
    guard let head else { return }
    guard all else { throw ValidationError("--head is the head of a ledger: it goes with --all.") }
    guard SHA256Digest(hex: head) != nil else {
      throw ValidationError("--head: found \(quotedForMessage(head)), wanted 64 lower-case hexadecimal digits.")
    }
  }

  func run() throws {
    try Terminal.reporting {
      if all {
        let report = try progressing("verifying runs") { progress in
          try RootVerification.verify(root: directory, head: head.flatMap { SHA256Digest(hex: $0) }) { done, total in
            progress.show(done, total)
          }
        }
        try show(report.text, report.json, report.exitCode)
      } else {
        let report = try progressing("verifying") { progress in
          try Verification.verify(directory) { files, total, bytes in progress.show(files, total, bytes: bytes) }
        }
        try show(report.text, report.json, report.exitCode)
      }
    }
  }

  private func progressing<Report>(_ what: String, _ body: (SharedProgress) throws -> Report) rethrows -> Report {
    let progress = SharedProgress(what, isShown: Terminal.errorsAreTerminal && !quiet)
    defer { progress.clear() }
    return try body(progress)
  }

  /// Neither form is made unless it is printed: of a great run both are long.
  private func show(
    _ text: @autoclosure () -> String, _ json: @autoclosure () -> JSONValue, _ code: OmphalosValues.ExitCode
  ) throws {
    if !quiet || code != .done {
      switch format {
      case .text: try Terminal.result(Terminal.printableLines(text()))
      case .json: try Terminal.result(json())
      }
    }
    if code != .done { throw ArgumentParser.ExitCode(code.rawValue) }
  }
}

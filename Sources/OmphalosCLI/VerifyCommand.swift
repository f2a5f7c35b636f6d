import ArgumentParser
import RunDirectory

/// `omphalos verify`
struct VerifyCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "verify", abstract: "Check a finalized run directory against its manifest.",
    discussion: """
      Every digest and the payload root are computed again from the files. Missing, changed and extra files are named, \
      and the exit code is 2 if there is any. Verifying shows integrity and consistency, not who made the run: for that, \
      sign run_manifest.json.
      """)

  @Argument(help: ArgumentHelp("The run directory.", valueName: "run"))
  var directory: String

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  @Flag(name: .shortAndLong, help: "Print nothing where the run is whole.")
  var quiet = false

  func run() throws {
    try Terminal.reporting {
      let report = try Verification.verify(directory)
      if !(quiet && report.isWhole) {
        switch format {
        case .text: try Terminal.result(Terminal.printableLines(report.text))
        case .json: try Terminal.result(report.json)
        }
      }
      if !report.isWhole { throw ArgumentParser.ExitCode(report.exitCode.rawValue) }
    }
  }
}

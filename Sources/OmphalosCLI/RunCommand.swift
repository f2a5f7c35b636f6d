import ArgumentParser
import OmphalosValues
import Supervisor

/// `omphalos run`
struct RunCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "run", abstract: "Run a pipeline and leave a finalized run directory.",
    discussion: """
      The run directory is built beside its final place under a name that begins with a dot, and renamed once it is \
      whole. A run that fails keeps that directory for a look.
      """)

  @Argument(help: "The pipeline file (YAML).")
  var pipeline: String

  @OptionGroup var terms: RunTermsOptions

  @Flag(
    help: """
      Refuse plugins that declare that they need network, clock, randomness or environment of their own, or that import \
      functions of the network or that start processes.
      """)
  var hermetic = false

  @Option(help: ArgumentHelp("Where run directories are made; default: run.output_root of the pipeline.", valueName: "directory"))
  var outputRoot: String?

  @Flag(help: "Where this run exists already, leave it at that; else it is made again and compared.")
  var noRerun = false

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  @Flag(name: .shortAndLong, help: "Print the path of the run directory and nothing else.")
  var quiet = false

  func run() throws {
    try Terminal.reporting {
      let request = RunRequest(
        pipeline: pipeline, terms: try terms.terms(hermetic: hermetic), outputRoot: outputRoot, makesAgain: !noRerun)
      let progress = ProgressLine(isShown: Terminal.errorsAreTerminal && !quiet)
      let observer = RunObserver(
        note: { text in
          progress.clear()
          Terminal.message(Terminal.printableLines(text))
        }, progress: progress.show)
      do {
        let outcome = try RunSession(request, observer: observer).run()
        progress.clear()
        try show(outcome)
      } catch {
        progress.clear()
        throw FailedRun(error)
      }
    }
  }

  private func show(_ outcome: RunOutcome) throws {
    switch (format, quiet) {
    case (.json, _): try Terminal.result(RunResult(outcome).json)
    case (.text, true): try Terminal.result(outcome.path)
    case (.text, false): try Terminal.result(RunResult(outcome).text)
    }
  }
}

/// A failed run with the way on: where its parts are.
private struct FailedRun: Diagnosable {
  let message: String
  let exitCode: OmphalosValues.ExitCode

  init(_ error: any Error) {
    let known = error as? any Diagnosable
    exitCode = known?.exitCode ?? .bug
    var text = "\(error)"
    if let failure = error as? RunFailure {
      text = failure.message
      if let partial = failure.partial {
        text += "\nThe run was not finalized. What was made so far, with its log, is in \(partial)"
      }
    }
    message = known == nil ? "this is a bug in omphalos: \(text)" : text
  }
}

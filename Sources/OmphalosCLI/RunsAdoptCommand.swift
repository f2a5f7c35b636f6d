import ArgumentParser
import OmphalosValues
import RunDirectory

/// `omphalos runs adopt`
struct RunsAdopt: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "adopt", abstract: "Verify finalized runs that the ledger does not have, and record them in it.",
    discussion: """
      The ledger is ledger.jsonl in the directory in which the run lies. A run has no entry there if the program was killed \
      before it could write one, if the run was copied from elsewhere, or if it is older than the ledger. A run that is not \
      whole, or that the ledger has with another manifest, is not recorded: the exit code is 2.
      """)

  @Argument(help: ArgumentHelp("The run directories.", valueName: "run"))
  var directories: [String]

  func run() throws {
    try Terminal.reporting {
      var isComplete = true
      for directory in directories {
        let outcome = try RunAdoption.adopt(run: directory)
        guard let recording = outcome.recording else {
          isComplete = false
          Terminal.message(Terminal.printableLines(outcome.verification.text))
          continue
        }
        for sentence in recording.sentences { Terminal.message(sentence) }
        try Terminal.result(line(recording, directory))
      }
      if !isComplete { throw ArgumentParser.ExitCode(OmphalosValues.ExitCode.checkFailed.rawValue) }
    }
  }

  private func line(_ recording: RunLedger.Recording, _ directory: String) -> String {
    let entry = recording.entry
    return switch recording {
    case .appended(let appended): "adopted   \(printable(directory)): entry \(entry.sequence), head \(appended.head.hex)"
    case .standing: "recorded  \(printable(directory)): entry \(entry.sequence) (\(entry.kind.rawValue) at \(entry.time))"
    }
  }
}

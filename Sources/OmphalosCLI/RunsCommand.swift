import ArgumentParser
import OmphalosValues
import RunDirectory

/// `omphalos runs`
struct RunsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "runs", abstract: "Look at the runs in a directory, and remove them.",
    subcommands: [RunsList.self, RunsShow.self, RunsClean.self, RunsAdopt.self, RunsRemove.self])
}

/// Where the runs are.
struct RunRootOptions: ParsableArguments {
  @Option(help: ArgumentHelp("The directory in which the runs are: run.output_root of the pipeline.", valueName: "directory"))
  var root = "runs"
}

/// `omphalos runs list`
struct RunsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List finalized runs, and partial ones with what became of them.",
    discussion: """
      finalized: a whole run; it is told of one that the ledger does not have. running: a process makes it. failed: it \
      ended with the reason that is shown. killed: whoever made it is gone and left no reason. unsettled: too young to \
      tell. unusable: it has a run's name and is none.
      """)

  @OptionGroup var root: RunRootOptions

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let listing = try RunListing.read(root: root.root)
      if let problem = listing.ledgerProblem { Terminal.message("omphalos: \(Terminal.printableLines(problem.message))") }
      switch format {
      case .text: try Terminal.result(text(listing))
      case .json:
        try Terminal.result([
          "root": .string(listing.root), "runs": .array(listing.entries.map(\.json)),
          "others": .integer(Int64(listing.otherCount)),
        ])
      }
    }
  }

  private func text(_ listing: RunListing) -> String {
    if listing.entries.isEmpty { return "There are no runs in \(quotedForMessage(listing.root))." }
    return listing.entries.map(\.line).joined(separator: "\n")
  }
}

/// `omphalos runs show`
struct RunsShow: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "show", abstract: "Show one run: what it is of, or why it ended.",
    discussion: "Nothing is checked against the files: that is `omphalos verify`.")

  @Argument(help: ArgumentHelp("The run directory, or its name in the root.", valueName: "run"))
  var directory: String

  @OptionGroup var root: RunRootOptions

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let description = try RunDescription(RunListing.find(directory, root: root.root))
      switch format {
      case .text: try Terminal.result(Terminal.printableLines(description.text))
      case .json: try Terminal.result(description.json)
      }
    }
  }
}

/// `omphalos runs clean`
struct RunsClean: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "clean", abstract: "Remove the partial runs that failed or were killed.",
    discussion: "A run that is being made is never touched, and neither is a finalized one: for that there is `runs rm`.")

  @OptionGroup var root: RunRootOptions

  @Flag(help: "Only say what would be removed.")
  var dryRun = false

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let outcome = try RunCleaning.clean(root: root.root, isTrial: dryRun)
      switch format {
      case .text: try Terminal.result(text(outcome))
      case .json:
        try Terminal.result([
          "dry_run": .bool(dryRun), "removed": .array(outcome.removed.map(\.json)), "kept": .array(outcome.kept.map(\.json)),
        ])
      }
      for failure in outcome.failures { Terminal.message("omphalos: \(Terminal.printableLines(failure.error.message))") }
      if let first = outcome.failures.first { throw ArgumentParser.ExitCode(first.error.exitCode.rawValue) }
    }
  }

  private func text(_ outcome: RunCleaning.Outcome) -> String {
    var lines = outcome.removed.map { "\(dryRun ? "would remove" : "removed     ")  \(printable($0.path))" }
    lines += outcome.kept.map { "kept          \(printable($0.path)): \($0.state.name)" }
    return lines.isEmpty ? "There is nothing to remove in \(quotedForMessage(root.root))." : lines.joined(separator: "\n")
  }
}

/// `omphalos runs rm`
struct RunsRemove: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "rm", abstract: "Remove finalized runs.",
    discussion: """
      They are read-only; their owner may remove them all the same. What is no finalized run is refused. The ledger of the \
      runs says first that the run is removed; where it cannot be written, nothing is removed.
      """)

  @Argument(help: ArgumentHelp("The run directories.", valueName: "run"))
  var directories: [String]

  func run() throws {
    try Terminal.reporting {
      for directory in directories {
        let (entry, recording) = try RunCleaning.remove(run: directory)
        for sentence in recording.sentences { Terminal.message(sentence) }
        try Terminal.result("removed  \(printable(entry.path))")
      }
    }
  }
}

import Admission
import ArgumentParser
import OmphalosValues
import Pipeline

/// What `omphalos schema` can print.
enum SchemaSubject: String, ExpressibleByArgument, CaseIterable {
  case pipeline, policy, lock

  var json: JSONValue {
    switch self {
    case .pipeline: PipelineSchema.json
    case .policy: PolicySchema.json
    case .lock: LockSchema.json
    }
  }
}

/// `omphalos schema`
struct SchemaCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "schema", abstract: "Print the JSON Schema of a file that people write, for editors.",
    discussion: """
      JSON Schema 2020-12. Editors that know it complete keys, show what they mean, and mark mistakes while you write. \
      It does not know what refers to what, and which plugins there are: see omphalos plan.
      """)

  @Argument(help: "Which file.")
  var subject: SchemaSubject

  func run() throws {
    try Terminal.reporting { try Terminal.result(subject.json) }
  }
}

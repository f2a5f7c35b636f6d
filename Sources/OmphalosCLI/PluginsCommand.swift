import Admission
import ArgumentParser
import ELFInspection
import OmphalosValues
import PluginHost

/// `omphalos plugins`
struct PluginsCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugins", abstract: "Look at the plugins of directories, lock them, add to them.",
    subcommands: [PluginsList.self, PluginsLock.self, PluginsAdd.self])
}

/// `omphalos plugins list`
struct PluginsList: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "list", abstract: "List every plugin file, whether it would be admitted, and why not.",
    discussion: "Nothing is loaded: decisions are made on the bytes of the files.")

  @OptionGroup var look: DecisionOptions

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let discovery = Discovery(look.plugins.searchPath, under: try look.admission())
      switch format {
      case .text:
        // Where a directory could not be looked into, nobody knows that there are none.
        if !discovery.candidates.isEmpty || discovery.problems.isEmpty { try Terminal.result(text(discovery)) }
      case .json: try Terminal.result(json(discovery))
      }
      for problem in discovery.problems { Terminal.message("omphalos: \(problem.message)") }
      if let problem = discovery.problems.first(where: { $0.directory.isExplicit }) {
        throw ArgumentParser.ExitCode(problem.exitCode.rawValue)
      }
    }
  }

  private func text(_ discovery: Discovery) -> String {
    if discovery.candidates.isEmpty { return "No plugin files (*.so) were found." }
    return discovery.candidates.map(lines).joined(separator: "\n")
  }

  private func lines(_ candidate: PluginCandidate) -> String {
    let decision = candidate.isAdmissible ? "admissible" : "refused   "
    var identity = ""
    if let declaration = candidate.declaration {
      let capabilities = declaration.capabilities.map { "\($0.kind) \($0.name)" }.joined(separator: ", ")
      identity = "  \(declaration.id) \(declaration.version)  (\(capabilities))"
    }
    var lines = ["\(decision)  \(printable(candidate.path))\(identity)"]
    if let target = candidate.target { lines.append("            a link to \(printable(target))") }
    if !candidate.own.files.isEmpty { lines.append("            with \(ownFiles(candidate))") }
    lines += candidate.refusals.map { "            - \($0.sentence)." }
    return lines.joined(separator: "\n")
  }

  /// "2 libraries and 1 resource in its folder"
  private func ownFiles(_ candidate: PluginCandidate) -> String {
    let libraries = candidate.own.libraries.count
    let resources = candidate.own.files.count - libraries
    let parts = [
      libraries == 0 ? nil : counted(libraries, "library", plural: "libraries"),
      resources == 0 ? nil : counted(resources, "resource"),
    ]
    return parts.compactMap { $0 }.joined(separator: " and ") + " in its folder"
  }

  private func json(_ discovery: Discovery) -> JSONValue {
    [
      "hermetic": .bool(look.hermetic),
      "plugins": .array(discovery.candidates.map(json)),
      "problems": .array(
        discovery.problems.map {
          ["directory": .string($0.directory.path), "message": .string($0.message)]
        }),
    ]
  }

  private func json(_ candidate: PluginCandidate) -> JSONValue {
    var object: JSONObject = [
      "file": .string(candidate.name), "path": .string(candidate.path),
      "decision": .string(candidate.isAdmissible ? "admissible" : "refused"),
      "reasons": .array(candidate.refusals.map(\.json)),
    ]
    if let target = candidate.target { object["target"] = .string(target) }
    if let digest = try? candidate.file?.digest().digest { object["sha256"] = .string(digest.hex) }
    if !candidate.own.files.isEmpty {
      if let digest = candidate.contentsDigest { object["contents_sha256"] = .string(digest.hex) }
      object["own_files"] = .array(
        candidate.own.files.map {
          ["path": .string($0.path), "kind": .string($0.kind.rawValue),
            "bytes": .integer(Int64(clamping: $0.byteCount))]
        })
    }
    if let declaration = candidate.declaration {
      object["id"] = .string(declaration.id.text)
      object["version"] = .string(declaration.version.description)
      object["vendor"] = .string(declaration.vendor)
      object["hermetic"] = .string(declaration.hermetic.rawValue)
      object["capabilities"] = .array(
        declaration.capabilities.map {
          [
            "kind": .string($0.kind.text), "name": .string($0.name.text),
            "interface_version": .integer(Int64($0.interfaceVersion)),
          ]
        })
    }
    return .object(object)
  }
}

import ArgumentParser
import Admission
import DeclarationSource
import ELFInspection
import LinuxCalls
import OmphalosValues
import PluginHost

/// `omphalos plugin`
struct PluginCommand: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "plugin", abstract: "Look at one plugin, or write its declaration.",
    subcommands: [PluginInspect.self, PluginDeclare.self])
}

/// `omphalos plugin inspect`
struct PluginInspect: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "inspect", abstract: "Show what a plugin is and declares, without executing or mapping it.")

  @Argument(help: "The plugin's file.")
  var file: String

  @Option(help: "How the result is written.")
  var format = OutputFormat.text

  func run() throws {
    try Terminal.reporting {
      let opened = try PluginFileAccess.open(file)
      let examined = try ExaminedPlugin(opened, path: file)
      let plugin = examined.plugin
      let report = examined.report
      switch format {
      case .text:
        try Terminal.result(report.text(color: Terminal.usesColor(environment: CallerEnvironment.variables)))
      case .json: try Terminal.result(report.json)
      }
      // What could be read was shown; a file for another machine, or without a declaration, is no plugin here.
      let machine = plugin.object.machine
      guard machine == .host else {
        throw InspectionFailure(
          file: file, reason: "it is for \(machine), and this host is \(ELFMachine.host): build it for \(ELFMachine.host)")
      }
      switch plugin.declaration {
      case .success?: return
      case .failure(let error)?: throw InspectionFailure(file: file, reason: error.message)
      case nil:
        throw InspectionFailure(
          file: file, reason: "it carries no declaration note (owner omphalOS, type 1), so it is no omphalos plugin")
      }
    }
  }
}

/// A file that is a shared object and no plugin.
struct InspectionFailure: Diagnosable {
  let file: String
  let reason: String
  var message: String { "\(file): \(reason)" }
  var exitCode: OmphalosValues.ExitCode { .badData }
}

/// Opens a file that a user named.
enum PluginFileAccess {
  static func open(_ path: String) throws -> File {
    do throws(SystemCallError) {
      return try File.openRegular(path).file
    } catch {
      let reason =
        switch error.errno {
        case .tooManySymbolicLinkLevels: "it is a link that leads to itself"
        default: error.whyNotOpened ?? "\(error.errno)"
        }
      throw InspectionFailure(file: path, reason: reason)
    }
  }
}

/// `omphalos plugin declare`
struct PluginDeclare: ParsableCommand {
  static let configuration = CommandConfiguration(
    commandName: "declare", abstract: "Write a plugin's note and descriptor from plugin.json.",
    discussion: "The source goes to standard output. A C header is included in exactly one file of the plugin.")

  enum Language: String, ExpressibleByArgument, CaseIterable {
    case c, swift, rust
  }

  @Argument(help: "The declaration, a JSON file.")
  var file: String

  @Option(help: "The language to write.")
  var lang: Language

  func run() throws {
    try Terminal.reporting {
      let bytes = try PluginFileAccess.open(file).readAll(limit: 2 << 20)
      let source = try DeclarationSource(json: bytes, file: file)
      switch lang {
      case .c: try Terminal.result(source.c())
      case .swift: try Terminal.result(source.swift())
      case .rust: try Terminal.result(source.rust())
      }
    }
  }
}

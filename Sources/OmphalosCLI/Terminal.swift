import ArgumentParser
import Glibc
import LinuxCalls
import OmphalosValues

/// Where results and messages go: results to standard output, everything else to standard error.
enum Terminal {
  private static let output = File(borrowing: 1, name: "standard output")
  private static let errors = File(borrowing: 2, name: "standard error")

  static var errorsAreTerminal: Bool { isatty(2) == 1 }
  static var outputIsTerminal: Bool { isatty(1) == 1 }

  /// Colour is for terminals whose user did not say no. Source: no-color.org.
  static func usesColor(environment: [String: String]) -> Bool {
    outputIsTerminal && (environment["NO_COLOR"] ?? "").isEmpty && environment["TERM"] != "dumb"
  }

  /// - Throws: if standard output cannot take it, unless whoever read it has gone.
  static func result(_ text: String) throws { try result(bytes: lines(text)) }

  static func result(_ json: JSONValue) throws { try result(bytes: json.prettyBytes) }

  private static func result(bytes: [UInt8]) throws {
    do throws(SystemCallError) {
      try output.write(bytes)
    } catch {
      if error.errno != .brokenPipe { throw error }
    }
  }

  static func message(_ text: String) { try? errors.write(lines(text)) }

  /// Overwrites the line on which the cursor stands; for terminals only.
  static func status(_ text: String) { try? errors.write(Array("\r\u{1b}[2K\(text)".utf8)) }

  private static func lines(_ text: String) -> [UInt8] { Array((text.hasSuffix("\n") ? text : text + "\n").utf8) }

  /// Runs a command's body; an error becomes its sentence on standard error and its exit code.
  static func reporting(_ body: () throws -> Void) throws {
    do {
      try body()
    } catch let code as ArgumentParser.ExitCode {
      throw code
    } catch let error as any Diagnosable {
      // `description` has the place in the file, where there is one.
      message("omphalos: \(printableLines("\(error)"))")
      throw ArgumentParser.ExitCode(error.exitCode.rawValue)
    } catch {
      message("omphalos: this is a bug in omphalos: \(printableLines("\(error)"))")
      throw ArgumentParser.ExitCode(OmphalosValues.ExitCode.bug.rawValue)
    }
  }

  /// Text from files and plugins, made safe for a terminal; its lines stay lines.
  static func printableLines(_ text: String) -> String {
    text.split(separator: "\n", omittingEmptySubsequences: false).map { printable(String($0)) }
      .joined(separator: "\n")
  }
}

/// How results are written.
enum OutputFormat: String, ExpressibleByArgument, CaseIterable {
  case text, json
}

/// The caller's environment.
enum CallerEnvironment {
  static var variables: [String: String] { EnvironmentVariables.all }
}

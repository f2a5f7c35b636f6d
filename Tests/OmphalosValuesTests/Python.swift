import Foundation
import Testing

/// Python as a judge of bytes. Tests that ask it are skipped where it is missing.
enum Python {
  static let executable: String? = {
    let folders = (ProcessInfo.processInfo.environment["PATH"] ?? "/usr/bin").split(separator: ":")
    return folders.map { "\($0)/python3" }.first { FileManager.default.isExecutableFile(atPath: $0) }
  }()

  static var isPresent: Bool { executable != nil }

  /// Runs a script and returns what it prints.
  static func output(of script: String) throws -> [UInt8] {
    let executable = try #require(executable)
    let process = Process()
    process.executableURL = URL(fileURLWithPath: executable)
    process.arguments = ["-I", "-c", script]
    process.environment = ["PYTHONIOENCODING": "utf-8"]
    let pipe = Pipe()
    process.standardOutput = pipe
    try process.run()
    let output = try pipe.fileHandleForReading.readToEnd() ?? Data()
    process.waitUntilExit()
    try #require(process.terminationStatus == 0)
    return Array(output)
  }
}

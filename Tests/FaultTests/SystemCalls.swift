import TestSupport

/// Names and numbers of system calls, as the C library's header has them.
struct SystemCalls: Sendable {
  private let names: [Int: String]

  init() throws {
    let result = try Shell.run(Compiler.c + ["-E", "-dM", "-x", "c", "-include", "sys/syscall.h", "/dev/null"])
    guard result.status == 0 else { throw Compiler.Failure(description: result.stderr) }
    let pairs = result.stdout.split(separator: "\n").compactMap { line -> (Int, String)? in
      guard let match = line.firstMatch(of: /^#define __NR_(\w+) (\d+)$/), let number = Int(match.2) else { return nil }
      return (number, String(match.1))
    }
    names = Dictionary(pairs, uniquingKeysWith: { first, _ in first })
  }

  func name(_ number: Int) -> String { names[number] ?? "call \(number)" }
}

import CFuzzer
import Glibc

/// The parser that this process feeds, from the environment: libFuzzer keeps the arguments, and starts the program
/// again with them when it minimizes a crash.
enum Chosen {
  static let target: FuzzTarget = {
    let names = FuzzTarget.allCases.map(\.rawValue).joined(separator: ", ")
    guard let word = getenv("FUZZ_TARGET") else {
      print("fuzz: set FUZZ_TARGET to one of \(names)")
      exit(64)
    }
    guard let target = FuzzTarget(rawValue: String(cString: word)) else {
      print("fuzz: there is no target \(String(cString: word)), only \(names)")
      exit(64)
    }
    return target
  }()
}

_ = Chosen.target
var count = CommandLine.argc
var arguments: UnsafeMutablePointer<UnsafeMutablePointer<CChar>?>? = CommandLine.unsafeArgv
exit(
  LLVMFuzzerRunDriver(&count, &arguments) { data, count in
    Chosen.target.run(Array(UnsafeBufferPointer(start: data, count: count)))
    return 0
  })

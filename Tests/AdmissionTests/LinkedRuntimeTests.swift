import Admission
import ELFInspection
import OmphalosValues
import TestSupport
import Testing

/// Objects with a language runtime in them, built by the compilers that are here: the reviewed lists are what these really make.
@Suite("Language runtimes that are linked in")
struct LinkedRuntimeTests {
  private func findings(_ command: [String], _ name: String, _ source: String) throws -> [Finding] {
    let folder = try TemporaryFolder()
    let input = try folder.write(name, source)
    let result = try Shell.run(command + ["-o", folder.file("acme.so"), input])
    try #require(result.status == 0, "\(result.stderr)\(result.stdout)")
    let plugin = try InspectedPlugin.inspect(MemoryBytes(try folder.read("acme.so"), name: "acme.so"))
    let closure = LibraryCatalog(machine: .host).closure(of: plugin.object)
    return Finding.all(of: plugin, own: .none, closure: closure)
  }

  private func own(_ findings: [Finding]) -> [String] {
    findings.filter { $0.distance.word != "runtime" }.map(\.subject)
  }

  private func runtime(_ findings: [Finding]) -> Set<String> {
    Set(findings.filter { $0.distance.word == "runtime" }.map(\.subject))
  }

  private static let swiftc = [
    "swiftc", "-swift-version", "6", "-parse-as-library", "-module-name", "Acme", "-O", "-wmo", "-static-stdlib", "-emit-library",
  ]

  private func swift(_ source: String) throws -> [Finding] { try findings(Self.swiftc, "acme.swift", source) }

  private static let plainSwift = "@c(omphalos_plugin_v1) public func entry(_ x: UInt32) -> UInt32 { x &+ 1 }\n"

  @Test("nothing of a plugin in Swift is its own, whichever of Swift's libraries it brings along",
    .enabled(if: Shell.find("swiftc") != nil, "swiftc is not in PATH"))
  func swiftLibraries() throws {
    let plain = try swift(Self.plainSwift)
    #expect(own(plain) == [])
    #expect(runtime(plain) == Set(LinkedRuntime.swift.symbols.prefix(8)))
    let concurrent = try swift(
      """
      import Synchronization
      let seen = Mutex<[String: Int]>([:])
      @c(omphalos_plugin_v1) public func entry(_ x: UInt32) -> UInt32 {
        seen.withLock { $0["a\\(x)"] = 1 }
        _ = Task.detached { 1 }
        return UInt32("a12".firstMatch(of: /a(\\d+)/)?.1.count ?? 0)
      }

      """)
    #expect(own(concurrent) == [])
    let essentials = try swift(
      "import FoundationEssentials\n"
        + "@c(omphalos_plugin_v1) public func entry(_ x: UInt32) -> UInt32 { UInt32(Data([1]).count) }\n")
    #expect(own(essentials) == [])
    // Every exemption is needed by one of them.
    let all = runtime(plain).union(runtime(concurrent)).union(runtime(essentials))
    #expect(all.union(["__environ", "_environ"]) == Set(LinkedRuntime.swift.symbols))
  }

  @Test("Swift's runtime is recognised whatever linker was used, and whether it threw unused code away or not",
    .enabled(if: Shell.find("swiftc") != nil, "swiftc is not in PATH"), arguments: ["gold", "lld", "bfd"], [true, false])
  func linkers(_ linker: String, _ collects: Bool) throws {
    guard Shell.find("ld.\(linker)") != nil else { try Test.cancel("ld.\(linker) is not in PATH") }
    let flags = ["-use-ld=\(linker)"] + (collects ? ["-Xlinker", "--gc-sections"] : [])
    let found = try findings(Self.swiftc + flags, "acme.swift", Self.plainSwift)
    #expect(own(found) == [])
    #expect(runtime(found).contains("execvpe"))
  }

  @Test("what a plugin in Swift calls beyond its runtime is its own",
    .enabled(if: Shell.find("swiftc") != nil, "swiftc is not in PATH"))
  func swiftOwn() throws {
    let found = try swift(
      """
      import Glibc
      @c(omphalos_plugin_v1) public func entry(_ x: UInt32) -> UInt32 {
        var pid: pid_t = 0
        var arguments: [UnsafeMutablePointer<CChar>?] = [nil]
        return UInt32(bitPattern: socket(AF_INET, 1, 0) + posix_spawn(&pid, "/bin/true", nil, nil, &arguments, nil) + rand())
      }

      """)
    #expect(own(found) == ["socket", "posix_spawn", "rand"])
  }

  private static let rustIsThere = Shell.find("rustc") != nil && Shell.find("ld.lld") != nil

  private func rust(_ body: String, panic: String = "unwind") throws -> [Finding] {
    let command = [
      "rustc", "--edition", "2021", "-O", "--crate-type", "cdylib", "-C", "panic=\(panic)", "-C", "linker=\(Compiler.c[0])",
      "-C", "link-arg=-fuse-ld=lld",
    ]
    let source = "#[no_mangle] pub extern \"C\" fn omphalos_plugin_v1(x: u32) -> u32 { \(body) }\n"
    return try findings(command, "acme.rs", source)
  }

  @Test("of a plugin in Rust exactly what its author asked for is its own, and no more than the list is the runtime's",
    .enabled(if: rustIsThere, "rustc or lld is not in PATH"),
    arguments: [
      ("format!(\"{:?}\", vec![x; 3]).len() as u32", [], ["getenv", "syscall"]),
      ("std::thread::spawn(move || x).join().unwrap_or(0)", [], ["getenv", "dlsym", "syscall"]),
      (
        "let mut map = std::collections::HashMap::new(); map.insert(x, x); map.len() as u32", ["getrandom"],
        ["getenv", "syscall"]
      ),
      ("std::time::Instant::now().elapsed().as_secs() as u32 + x", ["clock_gettime"], ["getenv", "syscall"]),
    ] as [(String, [String], Set<String>)])
  func rustOwn(_ body: String, _ wanted: [String], _ hidden: Set<String>) throws {
    for panic in ["unwind", "abort"] {
      let found = try rust(body, panic: panic)
      #expect(own(found) == wanted, "\(panic)")
      #expect(runtime(found) == hidden, "\(panic)")
    }
  }

  @Test("a connection and a command in Rust are the plugin's own",
    .enabled(if: rustIsThere, "rustc or lld is not in PATH"))
  func rustReaches() throws {
    let connects = own(try rust("std::net::TcpStream::connect(\"127.0.0.1:1\").is_ok() as u32 + x"))
    #expect(connects.contains("connect") && connects.contains("socket") && connects.contains("getaddrinfo"), "\(connects)")
    let starts = own(try rust("std::process::Command::new(\"true\").status().is_ok() as u32 + x"))
    #expect(starts.contains("fork") && starts.contains("posix_spawnp"), "\(starts)")
  }
}

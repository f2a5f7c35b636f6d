import Foundation
import TestSupport
import Testing

@Suite("What weakens the process")
struct HardeningTests {
  struct Weakness: Sendable, CustomTestStringConvertible {
    let testDescription: String
    var defines: [String: String] = [:]
    var flags: [String] = []
    /// A part of the refusal.
    let told: String
    let relaxation: String
    /// Of the record.
    let recorded: String
  }

  static let weaknesses = [
    Weakness(
      testDescription: "an executable stack", flags: ["-Wl,-z,execstack"],
      told: "the stack of fixture.so is executable, wanted a PT_GNU_STACK header without the executable flag; link it with "
        + "-Wl,-z,noexecstack",
      relaxation: "executable-stack", recorded: "ask for an executable stack were admitted"),
    Weakness(
      testDescription: "text relocations",
      defines: [
        "GLOBALS":
          #"__asm__(".text\n.globl spot\nspot: .quad spot\n.previous\n"); extern char spot[]; __attribute__((used)) static void *go(void) { return spot; }"#
      ], flags: ["-Wl,-z,notext"],
      told: "the code of fixture.so is changed by relocations while it is loaded (DT_TEXTREL), wanted position-independent code",
      relaxation: "text-relocations", recorded: "Plugins with text relocations"),
    Weakness(
      testDescription: "a relative RUNPATH", flags: ["-Wl,-rpath,lib"],
      told: "entry 1 of the RUNPATH of fixture.so is \"lib\", relative to the working directory, wanted an absolute folder, or "
        + "one that begins with $ORIGIN",
      relaxation: "library-path", recorded: "relative or empty RPATH or RUNPATH entry"),
    Weakness(
      testDescription: "an empty entry in an RPATH", flags: ["-Wl,--disable-new-dtags", "-Wl,-rpath,/opt/x::/opt/y"],
      told: "entry 2 of the RPATH of fixture.so is empty, which is the working directory", relaxation: "library-path",
      recorded: "relative or empty RPATH or RUNPATH entry"),
  ]

  private func fixture(_ weakness: Weakness) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(weakness.defines, flags: weakness.flags)
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  @Test("is refused by default, naming the file, the switch, and how to build it better", arguments: weaknesses)
  func refused(_ weakness: Weakness) throws {
    let pipeline = try fixture(weakness)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3 && outcome.partials.isEmpty)
    #expect(outcome.stderr.contains(weakness.told), "\(outcome.stderr)")
    #expect(
      outcome.stderr.contains("--relax \(weakness.relaxation) accepts it, and the record will show it"), "\(outcome.stderr)")
  }

  @Test("is accepted by its switch, which the record and verify show", arguments: weaknesses)
  func relaxed(_ weakness: Weakness) throws {
    let pipeline = try fixture(weakness)
    let outcome = try pipeline.run(["--relax", weakness.relaxation])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let relaxations = try pipeline.recordedPlugins(outcome)["relaxations"] as? [String]
    #expect(relaxations?.count == 1 && relaxations?[0].contains(weakness.recorded) == true)
    let run = try #require(outcome.finalized.first)
    let verify = try pipeline.command(["verify", "runs/\(run)"])
    #expect(verify.status == 0 && verify.stdout.contains("Relaxed for this run: ") && verify.stdout.contains(weakness.recorded))
  }

  @Test("is not accepted by the switch of something else")
  func otherSwitch() throws {
    let pipeline = try fixture(Self.weaknesses[0])
    #expect(try pipeline.run(["--relax", "library-path", "--relax", "text-relocations"]).status == 3)
    let unknown = try pipeline.run(["--relax", "everything"])
    #expect(unknown.status == 64 && unknown.stderr.contains("executable-stack"), "\(unknown.stderr)")
  }

  @Test("and lies in a library of the plugin's folder counts as well")
  func ownLibrary() throws {
    let pipeline = try PipelineFolder()
    let library = try pipeline.addLibrary(
      "libown.so", soname: "libown-example.so", source: "int own(void) { return 1; }", flags: ["-Wl,-z,execstack"])
    try pipeline.addFixture(flags: ["-Wl,--no-as-needed", library])
    try pipeline.writeFixturePipeline()
    let outcome = try pipeline.run()
    #expect(outcome.status == 3 && outcome.stderr.contains("the stack of fixture.d/libown.so is executable"), "\(outcome.stderr)")
  }

  @Test("files and directories that others may write are accepted by their switch only")
  func writableByOthers() throws {
    let pipeline = try fixture(Weakness(testDescription: "", told: "", relaxation: "", recorded: ""))
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: pipeline.plugins)
    try FileManager.default.setAttributes([.posixPermissions: 0o666], ofItemAtPath: pipeline.plugins + "/fixture.so")
    #expect(try pipeline.run().status == 3)
    let outcome = try pipeline.run(["--relax", "writable-by-others"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let relaxations = try pipeline.recordedPlugins(outcome)["relaxations"] as? [String]
    #expect(relaxations?.first?.hasPrefix("Plugin files and directories that other users may write") == true)
  }

  @Test("an entry symbol in a library that the plugin needs is accepted by its switch only")
  func foreignEntry() throws {
    let pipeline = try PipelineFolder()
    let core = try pipeline.addFixture(name: "libcore-example.so", flags: ["-Wl,-soname,libcore-example.so"])
    let folder = pipeline.folder.file("system")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: false)
    try FileManager.default.moveItem(atPath: core, toPath: folder + "/libcore-example.so")
    // Its own entry has another name.
    try pipeline.addFixture(
      ["omphalos_plugin_v1": "hidden_entry"], flags: [
        "-fvisibility=hidden", "-Wl,--no-as-needed", folder + "/libcore-example.so", "-Wl,-rpath,\(folder)",
        "-Wl,--exclude-libs,ALL",
      ])
    try pipeline.writeFixturePipeline()
    let refused = try pipeline.run()
    #expect(refused.status == 3 && refused.stderr.contains("the entry symbol omphalos_plugin_v1 is not exported"), "\(refused.stderr)")
    #expect(refused.stderr.contains("or accept it with --relax foreign-entry"))
    let outcome = try pipeline.run(["--relax", "foreign-entry"])
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }
}

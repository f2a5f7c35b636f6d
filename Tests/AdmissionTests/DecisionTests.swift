import Admission
import ELFInspection
import OmphalosValues
import TestSupport
import Testing

/// Builds and inspects a plugin from C source.
func inspected(c source: String, flags: [String] = [], change: (inout [UInt8]) -> Void = { _ in }) throws
  -> InspectedPlugin
{
  let compiler = try Compiler()
  _ = try compiler.sharedObject(c: source, name: "acme.so", flags: flags)
  var bytes = try compiler.folder.read("acme.so")
  change(&bytes)
  return try InspectedPlugin.inspect(MemoryBytes(bytes, name: "acme.so"))
}

@Suite("The decision about a plugin")
struct DecisionTests {
  private func decide(
    _ source: ExamplePluginSource, hermetic: Bool = false, host: HostABI = HostABI(), used: [String] = []
  ) throws -> AdmissionDecision {
    Admission.decide(
      try inspected(c: source.text), under: AdmissionTerms(hermetic: hermetic, host: host),
      usedCapabilities: try used.map { try CapabilityName($0) })
  }

  @Test("a plugin written with OMPHALOS_DECLARE is admissible, in a hermetic run too")
  func admissible() throws {
    let decision = try decide(ExamplePluginSource(), hermetic: true, used: ["hello"])
    #expect(decision.outcome == .admissible)
    #expect(decision.reasons == [])
  }

  @Test("another major version is refused, and its other numbers are not compared")
  func major() throws {
    let decision = try decide(ExamplePluginSource(), host: HostABI(major: 2, minor: 0, draft: 0))
    #expect(decision.outcome == .refused)
    #expect(decision.reasons.map(\.code) == [.entrySymbol, .abiMajor])
    #expect(
      decision.reasons[1].sentence == "abi.major is 1, wanted 2; use a plugin that was built for ABI 2")
  }

  @Test("a plugin that needs a newer minor version is refused, one that was merely built with it is not")
  func minor() throws {
    func plugin(required: Int, built: Int) throws -> InspectedPlugin {
      var note = goodNote
      note["abi"] = [
        "major": 1, "minor_required": .integer(Int64(required)), "minor_built": .integer(Int64(built)), "draft": hostDraft,
      ]
      return try inspected(
        c: noteSource("n", type: 1, bytes: JSONValue.object(note).canonicalBytes)
          + "void *omphalos_plugin_v1(void) { return 0; }")
    }
    let needing = Admission.decide(try plugin(required: 3, built: 3))
    #expect(
      needing.reasons.map(\.sentence) == [
        "abi.minor_required is 3, wanted at most 0; use a host of ABI 1.3 or newer"
      ])
    #expect(Admission.decide(try plugin(required: 0, built: 7)).outcome == .admissible)
  }

  @Test("another draft is refused with the way out")
  func draft() throws {
    let decision = try decide(ExamplePluginSource(), host: HostABI(draft: 12))
    #expect(
      decision.reasons.map(\.sentence) == [
        "abi.draft is \(HostABI().draft), wanted 12; build the plugin again with the header of this host"
      ])
  }

  @Test("a plugin for another machine is refused by name")
  func machine() throws {
    let other = HostABI().machine == .x86_64 ? ELFMachine.aarch64 : .x86_64
    let plugin = try inspected(c: ExamplePluginSource().text) {
      $0[18] = UInt8(other.number)
      $0[19] = 0
    }
    let decision = Admission.decide(plugin)
    #expect(
      decision.reasons.map(\.sentence) == [
        "the file is for \(other), wanted one for this host, which is \(HostABI().machine); "
          + "build the plugin for \(HostABI().machine)"
      ])
  }

  @Test("a plugin without the entry function is refused: missing, hidden, data, or another library's")
  func entry() throws {
    var source = ExamplePluginSource()
    source.entry = "acme_plugin"
    #expect(try decide(source).reasons.map(\.found) == ["not exported"])
    source.more = "__attribute__((visibility(\"hidden\"))) int omphalos_plugin_v1_(void);"
    let data = ExamplePluginSource().text.replacing(
      "const omphalos_plugin *omphalos_plugin_v1(", with: "const omphalos_plugin *other("
    )
    .replacing(
      "#include <omphalos/plugin.h>",
      with: "#define omphalos_plugin_v1 declared_only\n#include <omphalos/plugin.h>\n#undef omphalos_plugin_v1")
    let plugin = try inspected(c: data + "int omphalos_plugin_v1 = 1;")
    #expect(
      Admission.decide(plugin).reasons.map(\.found) == [
        "an exported symbol that is no function (data)"
      ])
    let foreign = try inspected(
      c: data + "extern int omphalos_plugin_v1(void); int use(void) { return omphalos_plugin_v1(); }")
    #expect(Admission.decide(foreign).reasons.map(\.found) == ["taken from another library"])
  }

  @Test("a hermetic run refuses a plugin that says it is not, and a used capability that says so")
  func hermetic() throws {
    var source = ExamplePluginSource()
    source.hermetic = "incompatible"
    #expect(try decide(source, hermetic: false).outcome == .admissible)
    #expect(
      try decide(source, hermetic: true).reasons.map(\.sentence) == [
        "hermetic is \"incompatible\", wanted \"compatible\" in a hermetic run; "
          + "run without --hermetic, or use another plugin"
      ])
    source.hermetic = "compatible"
    source.capabilities = """
      [{"kind":"exporter","name":"pure","interface_version":1},\
      {"kind":"exporter","name":"net","interface_version":1,"hermetic":"incompatible"}]
      """
    #expect(try decide(source, hermetic: true, used: ["pure"]).outcome == .admissible)
    #expect(try decide(source, hermetic: true, used: ["pure", "net"]).reasons.map(\.code) == [.hermeticCapability])
    #expect(try decide(source, hermetic: false, used: ["net"]).outcome == .admissible)
  }

  @Test("a used capability that is not declared, or of an unknown kind, is refused by name")
  func used() throws {
    var source = ExamplePluginSource()
    source.capabilities = #"[{"kind":"teleporter","name":"beam","interface_version":1}]"#
    #expect(try decide(source).outcome == .admissible)
    #expect(try decide(source, used: ["beam"]).reasons.map(\.code) == [.unknownKind])
    let unknown = try decide(source, used: ["beem"])
    #expect(
      unknown.reasons.map(\.sentence) == ["capability beem is not declared, wanted one of beam; did you mean beam?"])
  }

  @Test("every reason is listed, not only the first")
  func everyReason() throws {
    var source = ExamplePluginSource()
    source.entry = "acme_plugin"
    source.hermetic = "incompatible"
    let decision = try decide(source, hermetic: true, host: HostABI(draft: 12), used: ["nothing"])
    #expect(decision.reasons.map(\.code) == [.entrySymbol, .draft, .unknownCapability, .hermeticPlugin])
  }

  @Test("a file without a note, with two, with a writable one and with a stray one are each refused in their own words")
  func notes() throws {
    let entry = "void *omphalos_plugin_v1(void) { return 0; }"
    let good = JSONValue.object(goodNote).canonicalBytes
    func sentences(_ source: String) throws -> [String] {
      Admission.decide(try inspected(c: source + entry)).reasons.map(\.sentence)
    }
    #expect(
      try sentences("") == [
        "the declaration note is missing, wanted an ELF note of owner omphalOS and type 1 in a PT_NOTE segment; "
          + "write it with `omphalos plugin declare`; the object that holds it must be linked in"
      ])
    let one = noteSource("one", type: 1, bytes: good)
    #expect(try sentences(one) == [])
    let two = try sentences(one + noteSource("two", type: 1, bytes: good))
    #expect(two.count == 1 && two[0].hasPrefix("the declaration note is there 2 times (at offsets "))
    let schemas =
      noteSource("s1", type: 2, bytes: Array("{}".utf8)) + noteSource("s2", type: 2, bytes: Array("{}".utf8))
    #expect(try sentences(one + schemas).first?.hasPrefix("the schemas note is there 2 times") == true)
    let writable = try sentences(one.replacing("static const struct", with: "static struct"))
    #expect(
      writable.count == 1 && writable[0].hasSuffix("is in writable memory, wanted read-only memory; make it a constant")
    )
    let stray = try sentences(noteSource("s", type: 2, bytes: Array("{}".utf8)))
    #expect(
      stray.count == 1 && stray[0].hasPrefix("the declaration note is missing, although there is a note of type 2"))
    let garbage = try sentences(noteSource("g", type: 1, bytes: [0xff, 0xfe]))
    #expect(garbage.count == 1 && garbage[0].hasPrefix("the declaration note is not UTF-8"))
  }

  @Test("two files with one id are named together")
  func duplicateID() throws {
    let reason = AdmissionReason.duplicateID(try PluginID("com.example.acme"), files: ["a.so", "b.so"])
    #expect(
      reason.sentence
        == "id is com.example.acme in a.so, b.so, wanted one file with this id; remove all but one of the files, "
          + "or name one by its digest in a policy or a lock")
    #expect(AdmissionDecision(reasons: []).adding([reason]).outcome == .refused)
  }
}

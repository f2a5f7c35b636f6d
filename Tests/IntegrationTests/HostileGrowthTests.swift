import Foundation
import TestSupport
import Testing

/// Plugins of another time: compiled with headers that are longer or shorter than the host's, in both directions.
@Suite("Hostile corpus: growth of the interface")
struct HostileGrowthTests {
  static let growing = [
    "omphalos_plugin", "omphalos_connector", "omphalos_exporter", "omphalos_lineage_sink", "omphalos_host",
    "omphalos_call", "omphalos_store", "omphalos_dataset", "omphalos_artifact_options",
  ]

  @Test("a plugin built with longer structs is admitted, and what this host does not know is ignored", arguments: longer)
  func newer(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a plugin built with a struct shorter than 1.0's is refused with the field and both sizes", arguments: shorter)
  func older(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("versions decide by what a plugin needs, not by what it was built with", arguments: versions)
  func version(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("unknown flags of bits 0 to 15 are ignored, of bits 16 to 31 they refuse", arguments: flags)
  func flag(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a kind that this host does not know is listed and unused")
  func unknownKind() throws {
    let example = HostileCase(
      "a kind of tomorrow", .declared(["capabilities": HostileNote.capabilities(kind: "teleporter")], ["KIND": "77"]),
      .admitted)
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
    let pipeline = try PipelineFolder()
    try pipeline.folder.write("plugins/hostile.so", HostileWorkshop.image(example.file).bytes)
    let list = try CommandLineTool.run(["plugins", "list", "--plugins", "plugins"], directory: pipeline.path)
    #expect(
      list.stdout == "admissible  plugins/hostile.so  com.example.hostile 1.0.0  (connector source, exporter product, "
        + "teleporter sink)\n")
  }

  @Test("a plugin built with longer tables of the host sees that the new members are absent, and the old ones there")
  func hostTables() throws {
    // The exporter says with its own code what it found wrong; 0 is nothing.
    let known = [
      "(call, omphalos_call, input_open)", "(call->host, omphalos_host, log)", "(call->store, omphalos_store, close)",
      "(inputs[0], omphalos_dataset, stream)",
    ]
    let unknown = [
      "call, omphalos_call", "call->host, omphalos_host", "call->store, omphalos_store", "inputs[0], omphalos_dataset",
    ].flatMap { ["(\($0), added)", "(\($0), added_number)"] }
    let checks = known.enumerated().map { "if (!OMPHALOS_HAS\($1)) return \(10 + $0);" }
      + unknown.enumerated().map { "if (OMPHALOS_HAS\($1)) return \(20 + $0);" }
    let example = HostileCase(
      "OMPHALOS_HAS", .declared(
        ["abi": HostileNote.abi(built: 1)],
        ["MINOR_BUILT": "1", "ON_RUN": checks.joined(separator: " ")], header: .longer(Self.growing)), .admitted)
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("the same plugin, asked for a member that is there, says so: the question can be answered either way")
  func hostTablesControl() throws {
    let file = HostileFile.declared(
      [:], ["ON_RUN": "if (OMPHALOS_HAS(call, omphalos_call, input_open)) return OMPHALOS_E_UNSUPPORTED;"])
    let differences = try HostileTrial.differences(
      HostileCase("OMPHALOS_HAS", file, .ended(
        "com.example.hostile/product (exports[0]): run failed: This host or plugin does not provide what was asked for. "
          + "[E_UNSUPPORTED]")))
    #expect(differences == [])
  }

  // MARK: Longer and shorter structs

  private static let builtLater = HostileNote.abi(built: 1)

  /// Each struct alone, and all of them; the new members hold what no host could follow.
  static let longer: [HostileCase] = (growing.map { [$0] } + [growing]).map { structs in
    let more = ".added = (void *)0x10, .added_number = ~0ull"
    var defines = ["MINOR_BUILT": "1"]
    if structs.contains("omphalos_plugin") { defines["PLUGIN_MEMBERS"] = more }
    if structs.contains("omphalos_connector") { defines["CONNECTOR_MEMBERS"] = ".open = source_open, \(more)" }
    if structs.contains("omphalos_exporter") { defines["EXPORTER_MEMBERS"] = ".run = product_run, \(more)" }
    if structs.contains("omphalos_lineage_sink") {
      defines["SINK_MEMBERS"] = ".open = sink_open, .emit = sink_emit, .close = sink_close, \(more)"
    }
    return HostileCase(
      structs.count == 1 ? "longer \(structs[0])" : "all structs longer",
      .declared(["abi": builtLater], defines, header: .longer(structs)), .admitted)
  }

  private static func short(
    _ name: String, without member: String, _ defines: [String: String], _ field: String, _ sizes: (Int, Int)
  ) -> HostileCase {
    HostileCase(
      "\(name) without \(member)", .declared([:], defines, header: .shorter(name, without: member)),
      HostileDescriptorTests.field("\(field).struct_size", "\(sizes.0)", "at least \(sizes.1) and at most 65536"))
  }

  static let shorter: [HostileCase] = [
    short("omphalos_plugin", without: "shutdown", [:], "omphalos_plugin", (88, 96)),
    short("omphalos_capability", without: "vtable", ["VTABLE(table)": ""], "capabilities[0]", (32, 40)),
    short("omphalos_connector", without: "open", ["CONNECTOR_MEMBERS": ""], "capabilities[0].vtable", (8, 16)),
    short("omphalos_exporter", without: "run", ["EXPORTER_MEMBERS": ""], "capabilities[1].vtable", (8, 16)),
    short(
      "omphalos_lineage_sink", without: "close", ["SINK_MEMBERS": ".open = sink_open, .emit = sink_emit"],
      "capabilities[2].vtable", (32, 40)),
  ]

  // MARK: Versions and flags

  private static func abi(_ text: String, _ defines: [String: String], _ outcome: HostileOutcome) -> HostileCase {
    HostileCase(text, .declared(["abi": text], defines), outcome)
  }

  static let versions: [HostileCase] = [
    abi(HostileNote.abi(built: 65535), ["MINOR_BUILT": "65535"], .admitted),
    abi(HostileNote.abi(required: 1, built: 1), [:], .refused([
      "abi.minor_required is 1, wanted at most 0; use a host of ABI 1.1 or newer"
    ])),
    abi(HostileNote.abi(required: 65535, built: 65535), [:], .refused([
      "abi.minor_required is 65535, wanted at most 0; use a host of ABI 1.65535 or newer"
    ])),
    abi(HostileNote.abi(major: 2), [:], .refused([
      "abi.major is 2, wanted 1; use a plugin that was built for ABI 1"
    ])),
    abi(HostileNote.abi(draft: 77), [:], .refused([
      "abi.draft is 77, wanted \(PluginHeader.draft); build the plugin again with the header of this host"
    ])),
    HostileCase("members that nobody knows", .declared(["x": "1"]), .admitted),
    HostileCase("optional functions left out", .declared([:]), .admitted),
    HostileCase("optional functions given", .declared([:], [
      "GLOBALS": "static int32_t start(const omphalos_host *host, void **state) { return 0; } "
        + "static void end(void *state) {} static int32_t flush(void *sink) { return 0; }",
      "ON_ENTRY": "descriptor.init = start; descriptor.shutdown = end; sink.flush = flush;",
    ]), .admitted),
  ]

  private static func pluginFlag(_ bit: UInt64, _ outcome: HostileOutcome) -> HostileCase {
    HostileCase("plugin flag \(hex(bit))", .declared(["flags": "\(bit)"], ["FLAGS": "\(bit)u"]), outcome)
  }
  private static func refusedFlag(_ bit: UInt64) -> HostileCase {
    pluginFlag(bit, .unusable([
      "flags is \(hex(bit)), wanted no bits of 16 to 31 that this host does not know; use a newer host, or a plugin that "
        + "does not need what the bit stands for"
    ]))
  }
  private static func capabilityFlag(_ bit: UInt64, _ outcome: HostileOutcome) -> HostileCase {
    HostileCase("capability flag \(hex(bit))", .declared([:], ["CAPABILITY_FLAGS": "\(bit)u"]), outcome)
  }
  private static func differs(_ bit: UInt64) -> HostileOutcome {
    HostileDescriptorTests.differs("flags of capability \"sink\"", hex(bit), note: "0x0")
  }
  /// A sink of a kind, with these members in the note and the flag REQUIRED in the descriptor.
  private static func required(
    _ name: String, kind: String, number: Int, _ more: [String: String], _ outcome: HostileOutcome
  ) -> HostileCase {
    let note = ["capabilities": HostileNote.capabilities(kind: kind, more: more)]
    return HostileCase(
      name, .declared(note, ["CAPABILITY_FLAGS": "0x10000", "KIND": "\(number)"]), outcome)
  }

  static let flags: [HostileCase] = [
    pluginFlag(0x1, .admitted), pluginFlag(0x2, .admitted), pluginFlag(0x100, .admitted), pluginFlag(0x8000, .admitted),
    refusedFlag(0x1_0000), refusedFlag(0x2_0000), refusedFlag(0x100_0000), refusedFlag(0x8000_0000),
    capabilityFlag(0x2, .admitted), capabilityFlag(0x8000, .admitted),
    capabilityFlag(0x2_0000, differs(0x2_0000)), capabilityFlag(0x8000_0000, differs(0x8000_0000)),
    required("REQUIRED of a known kind", kind: "lineage_sink", number: 3, ["required": "true"], .admitted),
    required("REQUIRED of an unknown kind", kind: "teleporter", number: 77, ["required": "true"], .unusable([
      "capabilities[2].kind is \"teleporter\", which this host does not know, and required, wanted one of connector, "
        + "exporter, lineage_sink; use a host that knows this kind"
    ])),
    required("REQUIRED in the descriptor alone", kind: "teleporter", number: 77, [:], differs(0x1_0000)),
  ]
}

import Testing

/// Capabilities and vtables that lie.
@Suite("Hostile corpus: capabilities and vtables")
struct HostileCapabilityTests {
  @Test("a capability that cannot be, or is not the note's, fails confirmation and crashes nothing", arguments: members)
  func member(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a vtable that is nowhere, too short or has holes fails confirmation by the name of its function", arguments: vtables)
  func vtable(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a function that is nowhere ends the worker in the name of the plugin and of the function", arguments: functions)
  func function(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  private static let page = HostileDescriptorTests.page

  private static func damaged(_ statement: String, _ field: String, _ found: String, _ wanted: String) -> HostileCase {
    HostileCase(statement, .entry(statement), HostileDescriptorTests.field(field, found, wanted))
  }
  private static func other(_ statement: String, _ field: String, _ descriptor: String, note: String) -> HostileCase {
    HostileCase(statement, .entry(statement), HostileDescriptorTests.differs(field, descriptor, note: note))
  }

  private static let capability = "at least 40 and at most 65536"
  private static let anEnd = "a NUL-terminated string"

  static let members: [HostileCase] = [
    damaged("first.struct_size = 0;", "capabilities[0].struct_size", "0", capability),
    damaged("first.struct_size = 39;", "capabilities[0].struct_size", "39", capability),
    damaged("first.struct_size = 1u << 31;", "capabilities[0].struct_size", "2147483648", capability),
    damaged("second.name = NULL;", "capabilities[1].name", "NULL", "a string"),
    damaged("second.name = (char *)0x10;", "capabilities[1].name", "no end within 4096 readable bytes at 0x10", anEnd),
    damaged("second.name = text(4097);", "capabilities[1].name", "no end within 4096 readable bytes at \(hex(page))", anEnd),
    damaged("second.name = at_the_end(\"product\", 7);", "capabilities[1].name",
      "no end within 4096 readable bytes at \(hex(page + 4_089))", anEnd),
    damaged("second.name = \"\\xc0\\x80\";", "capabilities[1].name", "bytes that are not UTF-8", "UTF-8"),
    HostileCase("second.name = \"\";", .entry("second.name = \"\";"), .failedConfirmation([
      HostileDescriptorTests.difference("capability \"\"", "there", note: "no such capability"),
      HostileDescriptorTests.difference("capability \"product\"", "missing", note: "there"),
    ])),
    other("third.kind = 0;", "kind of capability \"sink\"", "0", note: "lineage_sink (3)"),
    other("third.kind = 99;", "kind of capability \"sink\"", "99", note: "lineage_sink (3)"),
    other("third.kind = 2; third.vtable = &exporter;", "kind of capability \"sink\"", "exporter (2)", note: "lineage_sink (3)"),
    other("second.interface_version = 0;", "interface_version of capability \"product\"", "0", note: "1"),
    other("second.interface_version = 0xffffffff;", "interface_version of capability \"product\"", "4294967295", note: "1"),
    other("second.flags = 1;", "flags of capability \"product\"", "0x1", note: "0x0"),
    other("second.flags = 0x10000;", "flags of capability \"product\"", "0x10000", note: "0x0"),
    other("second.flags = 0x40000000;", "flags of capability \"product\"", "0x40000000", note: "0x0"),
    damaged("second.config_schema = (char *)0x10;", "capabilities[1].config_schema",
      "no end within 1048576 readable bytes at 0x10", anEnd),
    damaged("second.config_schema = text((1 << 20) + 1);", "capabilities[1].config_schema",
      "no end within 1048576 readable bytes at \(hex(page))", anEnd),
    damaged("second.config_schema = \"{\\xff}\";", "capabilities[1].config_schema", "bytes that are not UTF-8", "UTF-8"),
    other("second.config_schema = \"{}\";", "config_schema of capability \"product\"", "\"{}\"", note: "NULL"),
    other("second.config_schema = \"{\";", "config_schema of capability \"product\"",
      "not JSON (line 1, column 2: found the end of the text, wanted a key in double quotes)", note: "NULL"),
    HostileCase("a schema in the note alone", .schema(#"{"type":"object"}"#), HostileDescriptorTests.differs(
      "config_schema of capability \"product\"", "NULL", note: #""{\"type\":\"object\"}""#)),
    HostileCase("another schema in the note", .schema(#"{"type":"object"}"#, "second.config_schema = \"{}\";"),
      HostileDescriptorTests.differs(
        "config_schema of capability \"product\"", "\"{}\"", note: #""{\"type\":\"object\"}""#)),
    HostileCase(
      "the note's schema, written otherwise",
      .schema(#"{"type":"object","required":[]}"#, #"second.config_schema = " { \"required\": [ ], \"type\":\"object\"}";"#),
      .admitted),
  ]

  private static func hole(_ function: String, _ field: String) -> HostileCase {
    damaged("\(function) = NULL;", field, "NULL", "a function: it is required since 1.0")
  }
  private static func short(_ table: String, _ size: Int, _ field: String, least: Int) -> HostileCase {
    damaged("\(table).struct_size = \(size);", "\(field).vtable.struct_size", "\(size)",
      "at least \(least) and at most 65536")
  }

  static let vtables: [HostileCase] = [
    damaged("first.vtable = NULL;", "capabilities[0].vtable", "NULL", "a pointer to a struct"),
    damaged("second.vtable = (void *)0x10;", "capabilities[1].vtable", "an unreadable pointer 0x10", "a pointer to a struct"),
    damaged("second.vtable = memcpy(memory(4096) + 4, &exporter, 16);", "capabilities[1].vtable",
      "an unreadable pointer \(hex(page + 4))", "a pointer to a struct"),
    damaged("third.vtable = at_the_end(&sink, 32);", "capabilities[2].vtable", "a struct that ends in unreadable memory",
      "40 readable bytes"),
    short("connector", 0, "capabilities[0]", least: 16), short("connector", 15, "capabilities[0]", least: 16),
    short("exporter", 8, "capabilities[1]", least: 16), short("sink", 16, "capabilities[2]", least: 40),
    short("sink", 65_537, "capabilities[2]", least: 40),
    hole("connector.open", "capabilities[0].vtable.open"), hole("exporter.run", "capabilities[1].vtable.run"),
    hole("sink.open", "capabilities[2].vtable.open"), hole("sink.emit", "capabilities[2].vtable.emit"),
    hole("sink.close", "capabilities[2].vtable.close"),
  ]

  private static func wild(_ function: String, _ said: String) -> HostileCase {
    HostileCase("\(function) = 0x10;", .entry("\(function) = (void *)0x10;"), .ended(said))
  }

  static let functions: [HostileCase] = [
    wild("exporter.run", "com.example.hostile/product (exports[0]): run was ended by SIGSEGV, jumping to address 0x10. What it "
      + "reads comes from com.example.hostile/source (nothing)."),
    wild("connector.open", "com.example.hostile/source (nothing): open was ended by SIGSEGV, jumping to address 0x10."),
    wild("descriptor.init", "com.example.hostile: init was ended by SIGSEGV, jumping to address 0x10."),
    wild("descriptor.shutdown", "com.example.hostile: shutdown was ended by SIGSEGV, jumping to address 0x10."),
  ]
}

import TestSupport
import Testing

/// Descriptors that lie. The plugin is admitted by its note and mapped; what it then says of itself is read without
/// trusting a pointer, a count or a text of it.
@Suite("Hostile corpus: descriptors")
struct HostileDescriptorTests {
  @Test("a descriptor that is nowhere, or changes its place, fails confirmation and crashes nothing", arguments: pointers)
  func pointer(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a number of the descriptor that cannot be, or is not the note's, fails confirmation", arguments: numbers)
  func number(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a text of the descriptor that cannot be read, or is not the note's, fails confirmation", arguments: texts)
  func text(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a list of capabilities that lies about its length or place fails confirmation", arguments: lists)
  func list(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  /// What the reader says of a field.
  static func field(_ field: String, _ found: String, _ wanted: String) -> HostileOutcome {
    .failedConfirmation(["descriptor field \(field): found \(found), wanted \(wanted)"])
  }

  /// What the comparison says of a field that is well-formed and not the note's.
  static func differs(_ field: String, _ descriptor: String, note: String) -> HostileOutcome {
    .failedConfirmation([difference(field, descriptor, note: note)])
  }
  static func difference(_ field: String, _ descriptor: String, note: String) -> String {
    "the descriptor's \(field) is \(descriptor), wanted \(note), as the note says; write both with `omphalos plugin declare`"
  }

  static let page: UInt64 = 0x2000_0000_0000

  static let pointers: [HostileCase] = [
    HostileCase("NULL", .returning("NULL"), field("omphalos_plugin", "NULL", "a pointer to a struct")),
    HostileCase("a wild pointer", .returning("0x10"), unreadable(0x10)),
    HostileCase("a pointer beyond the address space", .returning("0xfffffffffffffff8"), unreadable(.max - 7)),
    HostileCase(
      "a misaligned pointer", .returning("PAGE + 2", after: "memcpy(memory(4096) + 2, &descriptor, sizeof descriptor);"),
      unreadable(page + 2)),
    HostileCase(
      "a page that may not be read",
      .returning("PAGE", after: "memcpy(memory(4096), &descriptor, 96); mprotect((void *)PAGE, 4096, PROT_NONE);"),
      unreadable(page)),
    HostileCase(
      "a page of a file that ends before it",
      .returning("PAGE", after: "mmap((void *)PAGE, 4096, PROT_READ, MAP_SHARED, memfd_create(\"short\", 0), 0);"
        .replacing("MAP_SHARED", with: "MAP_SHARED | MAP_FIXED_NOREPLACE")),
      unreadable(page)),
    HostileCase(
      "a struct that is cut by the end of the memory", .returning("PAGE + 4096 - 88", after: "at_the_end(&descriptor, 88);"),
      field("omphalos_plugin", "a struct that ends in unreadable memory", "96 readable bytes")),
    HostileCase(
      "a size that is cut by the end of the memory", .returning("PAGE + 4096", after: "at_the_end(&descriptor, 8);"),
      unreadable(page + 4_096)),
    HostileCase("another pointer at the second call", .returning("calls == 1 ? &descriptor : 0"), twoPointers),
    HostileCase(
      "a copy at the second call", .returning("calls == 1 ? PAGE : PAGE + 96",
        after: "memory(4096); memcpy((void *)PAGE, &descriptor, 96); memcpy((void *)(PAGE + 96), &descriptor, 96);"),
      twoPointers),
  ]

  private static func unreadable(_ address: UInt64) -> HostileOutcome {
    field("omphalos_plugin", "an unreadable pointer \(hex(address))", "a pointer to a struct")
  }
  private static let twoPointers = field(
    "omphalos_plugin_v1", "two different pointers from two calls", "the same pointer each time")

  /// A member of the descriptor with another value.
  private static func number(_ member: String, _ value: String, _ outcome: HostileOutcome) -> HostileCase {
    HostileCase("\(member) = \(value)", .entry("descriptor.\(member) = \(value);"), outcome)
  }
  private static func size(_ value: String) -> HostileCase {
    number("struct_size", value, field("omphalos_plugin.struct_size", value, "at least 96 and at most 65536"))
  }

  /// The number of the header that the note was compiled with.
  private static let draft = "\(PluginHeader.draft)"

  static let numbers: [HostileCase] = [
    size("0"), size("3"), size("95"), size("65537"), size("2147483648"), size("4294967295"),
    number("abi_major", "0", field("abi_major", "0", "1")),
    number("abi_major", "2", field("abi_major", "2", "1")),
    number("abi_minor_required", "1", differs("abi_minor_required", "1", note: "0")),
    number("abi_minor_built", "9", differs("abi_minor_built", "9", note: "0")),
    number("draft", "78", differs("draft", "78", note: draft)),
    number("hermetic", "0", differs("hermetic", "0", note: "1")),
    number("hermetic", "2", differs("hermetic", "2", note: "1")),
    number("flags", "1", differs("flags", "0x1", note: "0x0")),
    number("flags", "0x80000000", differs("flags", "0x80000000", note: "0x0")),
    HostileCase(
      "every number another", .entry("descriptor.draft = 77; descriptor.hermetic = 2; descriptor.flags = 2;"),
      .failedConfirmation([
        difference("draft", "77", note: draft), difference("hermetic", "2", note: "1"), difference("flags", "0x2", note: "0x0"),
      ])),
  ]

  static let texts: [HostileCase] = [
    ("id", "com.example.hostile"), ("version", "1.0.0"), ("vendor", "Example"), ("license", "MIT"), ("summary", "A case"),
  ].flatMap { member, note in
    let noEnd = { (address: UInt64) in
      field(member, "no end within 4096 readable bytes at \(hex(address))", "a NUL-terminated string")
    }
    return [
      HostileCase("\(member) NULL", .entry("descriptor.\(member) = NULL;"), field(member, "NULL", "a string")),
      HostileCase("\(member) wild", .entry("descriptor.\(member) = (char *)0x10;"), noEnd(0x10)),
      HostileCase(
        "\(member) without an end at the end of a mapping",
        .entry("descriptor.\(member) = at_the_end(\"xxxxxxxxxxxxxxxx\", 16);"), noEnd(page + 4_080)),
      HostileCase("\(member) of 4,097 bytes", .entry("descriptor.\(member) = text(4097);"), noEnd(page)),
      HostileCase(
        "\(member) not UTF-8", .entry("descriptor.\(member) = \"\\xff\";"), field(member, "bytes that are not UTF-8", "UTF-8")),
      HostileCase(
        "\(member) not the note's", .entry("descriptor.\(member) = \"Other\\x1b[2J\";"),
        differs(member, "\"Other\\u{1b}[2J\"", note: "\"\(note)\"")),
    ]
  }

  private static func count(_ value: String) -> HostileCase {
    number("capability_count", value, field("capability_count", value, "1 to 1024"))
  }
  private static func unreadableList(_ address: UInt64) -> HostileOutcome {
    field("capabilities", "an unreadable array at \(hex(address))", "an array of pointers")
  }

  static let lists: [HostileCase] = [
    count("0"), count("1025"), count("4294967295"),
    HostileCase("one capability more than there are", .entry("descriptor.capability_count = 4;"),
      field("capabilities[3]", "NULL", "a pointer to a struct")),
    HostileCase("1,024 capabilities where there are three", .entry("descriptor.capability_count = 1024;"),
      field("capabilities[3]", "NULL", "a pointer to a struct")),
    HostileCase("one capability less than there are", .entry("descriptor.capability_count = 2;"),
      .failedConfirmation([
        difference("capability_count", "2", note: "3"), difference("capability \"sink\"", "missing", note: "there"),
      ])),
    HostileCase("a list that is NULL", .entry("descriptor.capabilities = NULL;"), unreadableList(0)),
    HostileCase("a list that is wild", .entry("descriptor.capabilities = (void *)0x10;"), unreadableList(0x10)),
    HostileCase("a list at the end of the address space", .entry("descriptor.capabilities = (void *)-8l;"),
      unreadableList(.max - 7)),
    HostileCase(
      "a list at an odd address", .entry("descriptor.capabilities = memcpy(memory(4096) + 1, list, 64);"),
      unreadableList(page + 1)),
    HostileCase(
      "a list that the end of a mapping cuts", .entry("descriptor.capabilities = at_the_end(list, 16);"),
      unreadableList(page + 4_080)),
    HostileCase("a wild capability", .entry("list[1] = (void *)0x10;"),
      field("capabilities[1]", "an unreadable pointer 0x10", "a pointer to a struct")),
    HostileCase("a capability at an odd address", .entry("list[1] = memcpy(memory(4096) + 1, &second, sizeof second);"),
      field("capabilities[1]", "an unreadable pointer \(hex(page + 1))", "a pointer to a struct")),
    HostileCase("a capability that the end of a mapping cuts", .entry("list[2] = at_the_end(&third, 32);"),
      field("capabilities[2]", "a struct that ends in unreadable memory", "40 readable bytes")),
    HostileCase("a capability twice", .entry("list[1] = &first;"),
      .failedConfirmation([
        difference("capability \"source\"", "there several times", note: "there once"),
        difference("capability \"product\"", "missing", note: "there"),
      ])),
    HostileCase("a list of wild pointers", .entry("for (int i = 0; i < 1024; i++) list[i] = (void *)(i * 8 + 8ul); "
        + "descriptor.capability_count = 1024;"),
      field("capabilities[0]", "an unreadable pointer 0x8", "a pointer to a struct")),
  ]
}

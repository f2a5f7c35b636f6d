import TestSupport
import Testing

/// The notes as parts of the file: where they lie, how they are aligned and how long they say they are.
@Suite("Hostile corpus: notes")
struct HostileNoteTests {
  @Test("a plugin whose notes are misplaced, doubled or overlong is refused before it is mapped", arguments: containers)
  func container(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  static let noNote = HostileOutcome.unusable([
    "the declaration note is missing, wanted an ELF note of owner omphalOS and type 1 in a PT_NOTE segment; write it with "
      + "`omphalos plugin declare`; the object that holds it must be linked in"
  ])

  private static func onlyType(_ type: Int) -> HostileOutcome {
    .unusable([
      "the declaration note is missing, although there is a note of type \(type), wanted one note of type 1; write both "
        + "with `omphalos plugin declare`"
    ])
  }

  static let valid = HostileNote.text()

  /// The offsets in the file of the notes of a type, in their order.
  private static func notes(_ image: ELFImage, type: UInt64) throws -> [Int] {
    var found: [Int] = []
    for index in 0..<image.headerCount where image.get(index, .type) == ELFImage.Kind.note.rawValue {
      let alignment = image.get(index, .alignment) == 8 ? 8 : 4
      var at = Int(image.get(index, .offset))
      let end = at + Int(image.get(index, .fileBytes))
      while at + 12 <= end {
        let name = Int(image.number(at: at, 4)), content = Int(image.number(at: at + 4, 4))
        let isOurs = image.bytes[(at + 12)...].starts(with: Array("omphalOS".utf8) + [0])
        if isOurs, image.number(at: at + 8, 4) == type { found.append(at) }
        let body = (at + 12 + name + alignment - 1) / alignment * alignment
        at = (body + content + alignment - 1) / alignment * alignment
      }
    }
    return found
  }

  private static func twice(_ what: String, type: UInt64) -> @Sendable (ELFImage) throws -> HostileOutcome {
    { image in
      let offsets = try notes(image, type: type)
      return .unusable([
        "\(what) is there \(offsets.count) times (at offsets \(offsets.map(String.init).joined(separator: ", "))), wanted "
          + "one; include the declaration in exactly one source file"
      ])
    }
  }

  /// A field of the note's header, of four bytes each.
  private static func field(_ name: String, _ place: Int, _ value: UInt64) -> HostileCase {
    HostileCase(
      "\(name) = \(hex(value))",
      .patched("\(name) \(value)", of: .note(valid)) { image in
        image.set(value, at: try notes(image, type: 1)[0] + place, 4)
      }
    ) { image in
      let segment = try image.index(.note)
      let start = try notes(image, type: 1)[0]
      let end = Int(image.get(segment, .offset) + image.get(segment, .fileBytes))
      let body = place == 0 ? start + 12 : start + 24
      return .unusable([
        "% has a corrupt note at offset \(start): \(name) is \(value), but only \(end - body) bytes remain in its segment"
      ])
    }
  }

  /// The end of the note's text, taken for the beginning of another note.
  private static func trailing(_ count: Int, _ image: ELFImage) throws -> HostileOutcome {
    let segment = try image.index(.note)
    let end = Int(image.get(segment, .offset) + image.get(segment, .fileBytes))
    return .unusable(["% has a corrupt note segment: \(count) bytes remain at offset \(end - count), a note needs 12"])
  }

  static let containers: [HostileCase] = [
    HostileCase("no note", .base(["OWN_NOTE": "1"]), noNote),
    HostileCase("a note of another owner", .notes(noteSource("n", type: 1, bytes: valid, owner: "omphalos")), noNote),
    HostileCase("a note of a longer owner", .notes(noteSource("n", type: 1, bytes: valid, owner: "omphalOSS")), noNote),
    HostileCase("a note of type 7", .notes(noteSource("n", type: 7, bytes: valid)), onlyType(7)),
    HostileCase("schemas without a declaration", .notes(noteSource("n", type: 2, bytes: Array("{}".utf8))), onlyType(2)),
    HostileCase(
      "two declarations", .notes(noteSource("a", type: 1, bytes: valid) + noteSource("b", type: 1, bytes: valid)),
      twice("the declaration note", type: 1)),
    HostileCase(
      "two notes of schemas",
      .notes(
        noteSource("a", type: 1, bytes: valid) + noteSource("b", type: 2, bytes: Array("{}".utf8))
          + noteSource("c", type: 2, bytes: Array("{}".utf8))), twice("the schemas note", type: 2)),
    HostileCase(
      "a note that no PT_NOTE covers",
      .notes(noteSource("n", type: 1, bytes: valid).replacing(".note.omphalos", with: ".omphalos_note")), noNote),
    HostileCase("a PT_NOTE that is called something else", .patched("no PT_NOTE") { image in
      while let index = try? image.index(.note) { image.put(index, .type, 0x6fff_0000) }
    }, noNote),
    HostileCase("a PT_NOTE with alignment 16", .patched("note alignment") { try $0.put(.note, 0, .alignment, 16) }) {
      .unusable([
        "% has a corrupt note segment (segment \(try $0.index(.note))): alignment 16, expecting 4 or 8; give the note "
          + "aligned(4)"
      ])
    },
    field("namesz", 0, 0xffff_ffff),
    field("descsz", 4, 0xffff_fff0),
    HostileCase("namesz that is too small", .patched("short name", of: .note(valid)) { image in
      image.set(8, at: try notes(image, type: 1)[0], 4)
    }) { try trailing(4, $0) },
    HostileCase("descsz that is too small", .patched("trailing", of: .note(valid)) { image in
      let note = try notes(image, type: 1)[0]
      image.set(image.number(at: note + 4, 4) - 8, at: note + 4, 4)
    }) { try trailing(8, $0) },
    HostileCase(
      "a note in writable memory",
      .notes(noteSource("n", type: 1, bytes: valid).replacing("static const struct", with: "static struct"))
    ) {
      .unusable([
        "the note at offset \(try notes($0, type: 1)[0]) is in writable memory, wanted read-only memory; make it a constant"
      ])
    },
    HostileCase("a note that a relocation changes", .patched("relocated", of: .note(valid)) { image in
      let segment = try image.index(.note)
      let distance = UInt64(try notes(image, type: 1)[0]) - image.get(segment, .offset)
      image.set(
        image.get(segment, .address) + distance + 24, at: try image.table(HostileDynamicTests.Tag.relocations))
    }) {
      .unusable([
        "the note at offset \(try notes($0, type: 1)[0]) is changed by relocations on loading, wanted plain bytes; let it "
          + "hold no pointers"
      ])
    },
    HostileCase("a declaration longer than 64 KiB", .note(HostileNote.text(padding: 65_537)), .unusable([
      "the declaration note is 65537 bytes long, wanted at most 65536 bytes"
    ])),
    HostileCase("schemas longer than 1 MiB", largeSchemas, .unusable([
      "the schemas note is 1048577 bytes long, wanted at most 1048576 bytes"
    ])),
    HostileCase("more notes than anybody has", .notes("""
      __attribute__((section(".note.zeros"), used, aligned(4))) static const unsigned zeros[20000] = {0};
      """), .unusable(["% has too many notes: 1025, at most 1024 are read"])),
  ]

  private static let largeSchemas = HostileFile.notes(
    noteSource("a", type: 1, bytes: valid)
      + "__asm__(\".pushsection .note.omphalos,\\\"a\\\",@note\\n.balign 4\\n.long 9, 1048577, 2\\n.asciz \\\"omphalOS\\\"\\n"
      + ".balign 4\\n.ascii \\\"{\\\"\\n.fill 1048575, 1, 32\\n.ascii \\\"}\\\"\\n.balign 4\\n.popsection\");\n")
}

import ELFInspection
import OmphalosValues
import TestSupport
import Testing

@Suite("ELF notes")
struct NoteTests {
  private func note(_ text: String, _ symbol: String = "declaration", type: UInt32 = 1) -> String {
    noteSource(symbol, type: type, bytes: Array(text.utf8))
  }

  private func ours(_ object: ELFObject) -> [ELFNote] { object.notes.filter { $0.owner == "omphalOS" } }

  @Test("a text of any length comes back as it was", arguments: 1...9)
  func everyLength(length: Int) throws {
    let text = String(repeating: "x", count: length)
    let source = note(text) + note("second", "schemas", type: 2) + "int acme;"
    let notes = ours(try SharedObject(c: source).inspect())
    #expect(notes.map { String(decoding: $0.content, as: UTF8.self) }.sorted() == ["second", text].sorted())
  }

  @Test("segments with alignment 8 and 4 side by side are read each with its own")
  func mixedAlignment() throws {
    let gcc = try #require(Shell.find("gcc"), "this test needs gcc")
    let object = try SharedObject(
      c: plainSource, flags: ["-fcf-protection", "-Wl,-z,ibt,-z,shstk", "-Wl,--build-id"], compiler: [gcc])
    #expect(Set(object.programHeaders(type: 4).map { object.number(at: $0 + 48, bytes: 8) }) == [4, 8])
    let notes = try object.inspect().notes
    #expect(notes.contains { $0.owner == "omphalOS" })
    #expect(notes.contains { $0.owner == "GNU" && $0.type == 3 })
    #expect(notes.contains { $0.owner == "GNU" && $0.type == 5 })
  }

  @Test("two notes are both reported: the choice is not the reader's")
  func twoNotes() throws {
    let object = try SharedObject(c: note("one", "a") + note("two", "b") + "int acme;").inspect()
    #expect(ours(object).count == 2)
  }

  @Test("a note in writable memory is marked")
  func writable() throws {
    let source = note("text").replacing("static const struct", with: "static struct") + "int acme;"
    let notes = ours(try SharedObject(c: source).inspect())
    #expect(notes.count == 1 && notes[0].isWritable)
  }

  @Test("a note that a relocation changes on loading is marked", arguments: ["none", "relr"])
  func relocated(packing: String) throws {
    let source = """
      static int target;
      struct note { unsigned namesz, descsz, type; char name[12]; int *pointer; };
      __attribute__((section(".note.omphalos"), used, aligned(8))) static const struct note n =
        { 9, 8, 1, "omphalOS", &target };
      """
    let flags = packing == "relr" ? ["-fuse-ld=lld", "-Wl,-z,pack-relative-relocs"] : []
    let notes = ours(try SharedObject(c: source, flags: flags).inspect())
    #expect(notes.count == 1 && notes[0].isRelocated)
  }

  @Test("an alignment that readelf refuses is refused with its words", arguments: [16, 32] as [UInt64])
  func alignment(value: UInt64) throws {
    var object = try Plain.object
    let header = try #require(object.programHeaders(type: 4).first)
    object.set(value, at: header + 48, bytes: 8)
    #expect(object.message.contains("alignment \(value), expecting 4 or 8"))
  }

  @Test("alignments 0, 1 and 2 are read as 4, as readelf does", arguments: [0, 1, 2] as [UInt64])
  func smallAlignment(value: UInt64) throws {
    var object = try Plain.object
    let whole = try object.inspect()
    for header in object.programHeaders(type: 4) where object.number(at: header + 48, bytes: 8) == 4 {
      object.set(value, at: header + 48, bytes: 8)
    }
    #expect(try object.inspect() == whole)
  }

  @Test("an empty note segment, as objcopy leaves one, is skipped")
  func emptySegment() throws {
    var object = try Plain.object
    for header in object.programHeaders(type: 4) { object.set(0, at: header + 32, bytes: 8) }
    #expect(try object.inspect().notes.isEmpty)
  }

  @Test("a name or a description that leaves the segment is refused with its size")
  func overrun() throws {
    let plain = try Plain.object
    let offset = Int(try #require(ours(try plain.inspect()).first).offset)
    var object = plain
    object.set(0xffff_ffff, at: offset, bytes: 4)
    #expect(object.message.contains("namesz is 4294967295"))
    object = plain
    object.set(0xffff_fff0, at: offset + 4, bytes: 4)
    #expect(object.message.contains("descsz is 4294967280"))
  }

  @Test("bytes after the last note are refused unless they are padding")
  func trailing() throws {
    var object = try SharedObject(c: note("abcd") + "int acme;", flags: ["-Wl,--build-id=none"])
    let header = try #require(object.programHeaders(type: 4).first)
    let size = object.number(at: header + 32, bytes: 8)
    let end = Int(object.number(at: header + 8, bytes: 8) + size)
    object.set(size + 8, at: header + 32, bytes: 8)
    object.set(0, at: end, bytes: 8)
    #expect(ours(try object.inspect()).count == 1)
    object.set(1, at: end, bytes: 4)
    #expect(object.fault == .noteTrailingBytes(offset: UInt64(end), count: 8))
  }

  @Test("a segment full of empty notes ends at the limit")
  func manyNotes() throws {
    let source = """
      __attribute__((section(".note.zeros"), used, aligned(4))) static const unsigned zeros[20000] = {0};
      """
    let fault = try SharedObject(c: source).fault
    #expect(fault == .tooMany(what: "notes", found: 1_025, limit: 1_024))
  }
}

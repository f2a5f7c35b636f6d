import COmphalos
import Testing

@testable import PluginABI

@Suite("Reading an Arrow schema that may lie")
struct ArrowSchemaReaderTests {
  /// Reads a stream's schema with one column, after `damage` to that column's struct.
  private func read(
    _ column: TestColumn, _ damage: (inout ArrowSchema) -> Void = { _ in }
  ) throws -> [ArrowField] {
    let schema = makeSchema([column])
    damage(&schema.children[0]!.pointee)
    return try ArrowSchemaReader.columns(of: schema)
  }

  private func column(_ format: String) -> TestColumn { TestColumn(name: "x", format: format, length: 0, buffers: []) }

  @Test(
    "every format string of the interface that has a plain layout is taken",
    arguments: [
      ("n", ArrowType.null), ("b", .bits), ("c", .fixed(1)), ("C", .fixed(1)), ("s", .fixed(2)), ("S", .fixed(2)),
      ("i", .fixed(4)), ("I", .fixed(4)), ("l", .fixed(8)), ("L", .fixed(8)), ("e", .fixed(2)), ("f", .fixed(4)),
      ("g", .fixed(8)), ("z", .variable32), ("Z", .variable64), ("u", .variable32), ("U", .variable64),
      ("d:19,10", .fixed(16)), ("d:19,10,32", .fixed(4)), ("d:19,10,64", .fixed(8)), ("d:19,10,256", .fixed(32)),
      ("w:42", .fixed(42)), ("w:0", .fixed(0)), ("tdD", .fixed(4)), ("tdm", .fixed(8)), ("tts", .fixed(4)),
      ("ttm", .fixed(4)), ("ttu", .fixed(8)), ("ttn", .fixed(8)), ("tss:", .fixed(8)), ("tsm:Europe/Zürich", .fixed(8)),
      ("tsu:UTC", .fixed(8)), ("tsn:+02:00", .fixed(8)), ("tDs", .fixed(8)), ("tDm", .fixed(8)), ("tDu", .fixed(8)),
      ("tDn", .fixed(8)), ("tiM", .fixed(4)), ("tiD", .fixed(8)), ("tin", .fixed(16)),
    ])
  func formats(format: String, type: ArrowType) throws {
    let fields = try read(column(format))
    #expect(fields == [ArrowField(name: "x", format: format, isNullable: true, type: type)])
  }

  @Test(
    "what has no plain layout is refused by its format string",
    arguments: [
      "", "x", "ii", "w:", "w:-1", "w:1048577", "w:99999999999999999999", "d:", "d:1", "d:1,2,3", "d:1,2,128,4", "ts:",
      "vu", "vz", "+ud:0,1", "+us:0,1", "+r", "+vl", "+w:", "+w:-1", "+w:1000001", "t", "td", "\u{301}",
    ])
  func otherFormats(format: String) {
    let error = #expect(throws: ArrowError.self) { _ = try read(column(format)) }
    #expect(error?.message.contains("schema.children[0]") == true)
  }

  @Test("lists, maps, structs and dictionaries are read with their children")
  func nested() throws {
    let item = TestColumn.int32("item", [])
    var map = TestColumn.list("m", of: .structure("entries", [.text("key", []), item], valid: []), ends: [])
    map.format = "+m"
    var fixed = column("+w:3")
    fixed.children = [item]
    let schema = makeSchema([map, fixed, .coded("d", [], format: "s", values: .text("", []))])
    let fields = try ArrowSchemaReader.columns(of: schema)
    let number = ArrowField(name: "item", format: "i", isNullable: true, type: .fixed(4))
    let word = ArrowField(name: "key", format: "u", isNullable: true, type: .variable32)
    #expect(
      fields.map(\.type) == [
        .list32(ArrowField(name: "entries", format: "+s", isNullable: true, type: .structure([word, number]))),
        .fixedList(number, 3),
        .dictionary(.int16, values: ArrowField(name: "", format: "u", isNullable: true, type: .variable32)),
      ])
  }

  @Test("the schema of a stream is a struct")
  func notAStruct() {
    let schema = makeSchema(TestColumn.int32("x", []), nil)
    #expect(throws: ArrowError.self) { _ = try ArrowSchemaReader.columns(of: schema) }
    let list = makeSchema(TestColumn.list("x", of: .int32("i", []), ends: []), nil)
    #expect(throws: ArrowError.self) { _ = try ArrowSchemaReader.columns(of: list) }
  }

  @Test("children are as many as the format asks for")
  func wrongChildren() {
    var list = column("+l")
    #expect(throws: ArrowError.self) { _ = try read(list) }
    list.children = [.int32("a", []), .int32("b", [])]
    #expect(throws: ArrowError.self) { _ = try read(list) }
    var number = column("i")
    number.children = [.int32("a", [])]
    #expect(throws: ArrowError.self) { _ = try read(number) }
  }

  @Test("indices of a dictionary are integers", arguments: ["f", "g", "u", "b", "tdD", "cC", "+s"])
  func dictionaryOfOthers(format: String) {
    var column = column(format)
    column.dictionary = [.text("", [])]
    #expect(throws: ArrowError.self) { _ = try read(column) }
  }

  @Test("wild pointers, released schemas, texts without end and counts that cannot be are refused, none followed")
  func defects() {
    let damages: [(String, (inout ArrowSchema) -> Void)] = [
      ("released", { $0.release = nil }),
      ("format NULL", { $0.format = nil }),
      ("format wild", { $0.format = pointer(nowhere) }),
      ("format without end", { $0.format = endlessText() }),
      ("format not UTF-8", { $0.format = brokenText() }),
      ("name wild", { $0.name = pointer(nowhere) }),
      ("name of 64 KiB and one", { $0.name = text(65_537) }),
      ("negative children", { $0.n_children = -1 }),
      ("endless children", { $0.n_children = .max }),
      ("children NULL", { $0.children = nil }),
      ("children wild", { $0.children = UnsafeMutablePointer(bitPattern: nowhere) }),
      ("child NULL", { $0.children[0] = nil }),
      ("child wild", { $0.children[0] = UnsafeMutablePointer(bitPattern: UInt.max - 15) }),
      (
        "child at the end of memory",
        { $0.children[0] = GuardedPage().tail(8).assumingMemoryBound(to: ArrowSchema.self) }
      ),
      ("child released", { $0.children[0]!.pointee.release = nil }),
      ("dictionary wild", { $0.dictionary = UnsafeMutablePointer(bitPattern: nowhere) }),
    ]
    let column = TestColumn.structure("s", [.int32("x", [])], valid: [])
    for (name, damage) in damages {
      #expect(throws: ArrowError.self, "\(name)") { _ = try read(column, damage) }
    }
  }

  @Test("64 levels are read, 65 are not, and a schema that contains itself ends")
  func depth() throws {
    func nested(_ levels: Int) -> TestColumn {
      (1..<levels).reduce(TestColumn.int32("x", [])) { child, _ in .structure("s", [child], valid: []) }
    }
    #expect(try read(nested(64)).count == 1)
    #expect(throws: ArrowError.self) { _ = try read(nested(65)) }
    #expect(throws: ArrowError.self) {
      _ = try read(TestColumn.structure("s", [.int32("x", [])], valid: [])) { schema in
        schema.children[0] = withUnsafeMutablePointer(to: &schema) { $0 }
      }
    }
  }

  @Test("a schema that multiplies on every level is refused before it is read to its end")
  func explosion() {
    // 20 levels of 100 pointers to one and the same child: 100^20 fields, if one believed it.
    var inner = makeSchema(TestColumn.int32("x", []), nil)
    for _ in 0..<20 {
      let child = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
      child.initialize(to: inner)
      let children = UnsafeMutablePointer<UnsafeMutablePointer<ArrowSchema>?>.allocate(capacity: 100)
      children.initialize(repeating: child, count: 100)
      inner = makeSchema(TestColumn.structure("s", [], valid: []), nil)
      inner.children = children
      inner.n_children = 100
    }
    let error = #expect(throws: ArrowError.self) { _ = try ArrowSchemaReader.columns(of: inner) }
    #expect(error?.message.contains("in all") == true)
  }

  @Test("the copy for consumers says the same, and releases everything it made, moved children excepted")
  func copy() throws {
    let columns: [TestColumn] = [
      .structure("s", [.int32("x", []), .list("l", of: .text("t", []), ends: [])], valid: []),
      .coded("d", [], format: "L", values: .structure("", [.bool("b", [])], valid: [])),
    ]
    let fields = try ArrowSchemaReader.columns(of: makeSchema(columns))
    var copy = ArrowSchema()
    ArrowSchemaCopy.write(fields, to: &copy)
    #expect(try ArrowSchemaReader.columns(of: copy) == fields)
    // The consumer takes the first column away, as the interface allows.
    var moved = copy.children[0]!.pointee
    copy.children[0]!.pointee.release = nil
    copy.release(&copy)
    #expect(copy.release == nil)
    #expect(String(cString: moved.name) == "s" && String(cString: moved.children[1]!.pointee.name) == "l")
    moved.release(&moved)
    #expect(moved.release == nil)
  }
}

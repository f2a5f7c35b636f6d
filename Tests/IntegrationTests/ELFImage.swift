/// The bytes of a shared object and where its fields lie (`elf.h`). It trusts the file that it was made of.
struct ELFImage: Sendable {
  struct NoSuchField: Error, CustomStringConvertible { let description: String }

  var bytes: [UInt8]
  init(_ bytes: [UInt8]) { self.bytes = bytes }

  func number(at offset: Int, _ count: Int = 8) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64($1 * 8) }
  }

  mutating func set(_ value: UInt64, at offset: Int, _ count: Int = 8) {
    for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
  }

  // MARK: Program headers

  enum Kind: UInt64, Sendable {
    case load = 1, dynamic = 2, note = 4, headers = 6, tls = 7
    case frames = 0x6474_e550, stack = 0x6474_e551, relro = 0x6474_e552, property = 0x6474_e553
  }
  /// Fields of a program header: offset and size.
  enum Field: Sendable {
    case type, flags, offset, address, fileBytes, memoryBytes, alignment
    var place: (Int, Int) {
      switch self {
      case .type: (0, 4)
      case .flags: (4, 4)
      case .offset: (8, 8)
      case .address: (16, 8)
      case .fileBytes: (32, 8)
      case .memoryBytes: (40, 8)
      case .alignment: (48, 8)
      }
    }
  }

  var headerCount: Int { Int(number(at: 56, 2)) }
  func header(_ index: Int) -> Int { Int(number(at: 32)) + index * 56 }

  /// The index of the `nth` program header of a kind.
  func index(_ kind: Kind, _ nth: Int = 0) throws -> Int {
    let found = (0..<headerCount).filter { number(at: header($0), 4) == kind.rawValue }
    guard nth < found.count else { throw NoSuchField(description: "no program header \(kind) \(nth)") }
    return found[nth]
  }

  func get(_ index: Int, _ field: Field) -> UInt64 { number(at: header(index) + field.place.0, field.place.1) }
  mutating func put(_ index: Int, _ field: Field, _ value: UInt64) {
    set(value, at: header(index) + field.place.0, field.place.1)
  }
  mutating func put(_ kind: Kind, _ nth: Int = 0, _ field: Field, _ value: UInt64) throws {
    put(try index(kind, nth), field, value)
  }

  /// Turns the header of the unwinder's table, which nothing here needs, into another one.
  mutating func addHeader(_ kind: Kind, _ values: [(Field, UInt64)]) throws {
    let spare = try index(.frames)
    put(spare, .type, kind.rawValue)
    for (field, value) in values { put(spare, field, value) }
  }

  // MARK: The dynamic section

  /// The offset of the `nth` entry with this tag: its tag, and eight bytes on its value.
  func entry(_ tag: UInt64, _ nth: Int = 0) throws -> Int {
    let section = try index(.dynamic)
    let start = Int(get(section, .offset))
    let all = (0..<Int(get(section, .fileBytes)) / 16).map { start + $0 * 16 }
    let found = all.filter { number(at: $0) == tag }
    guard nth < found.count else { throw NoSuchField(description: "no dynamic entry \(tag)") }
    return found[nth]
  }

  func value(_ tag: UInt64) throws -> UInt64 { number(at: try entry(tag) + 8) }
  mutating func put(tag: UInt64, _ value: UInt64) throws { set(value, at: try entry(tag) + 8) }
  /// Makes an entry one that nobody knows.
  mutating func remove(tag: UInt64) throws { set(0x6fff_f000, at: try entry(tag)) }

  /// The program header of the PT_LOAD that an address of the file's bytes is in.
  func load(holding address: UInt64) throws -> Int {
    let found = (0..<headerCount).first { index in
      let base = get(index, .address)
      return get(index, .type) == Kind.load.rawValue && address >= base && address - base < get(index, .fileBytes)
    }
    guard let found else { throw NoSuchField(description: "nothing is loaded at \(address)") }
    return found
  }

  /// The PT_LOAD that may be written, in which all linkers put the dynamic section.
  func writable() throws -> Int { try load(holding: get(index(.dynamic), .address)) }

  /// The file offset of an address.
  func offset(of address: UInt64) throws -> Int {
    let load = try load(holding: address)
    return Int(get(load, .offset) + address - get(load, .address))
  }

  /// The file offset of the table that a dynamic entry points to.
  func table(_ tag: UInt64) throws -> Int { try offset(of: value(tag)) }

  /// The file offset of a symbol of the dynamic table.
  func symbol(_ name: String) throws -> Int {
    let symbols = try table(6), strings = try table(5)
    // Linkers put the names right behind the symbols.
    for index in 1..<max(1, (strings - symbols) / 24) {
      let start = strings + Int(number(at: symbols + index * 24, 4))
      if bytes[start...].starts(with: Array(name.utf8) + [0]) { return symbols + index * 24 }
    }
    throw NoSuchField(description: "no symbol \(name)")
  }
}

func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

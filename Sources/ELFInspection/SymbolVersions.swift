/// Which version of which library each undefined symbol asks for, and which version each defined one has (DT_VERSYM,
/// DT_VERNEED and DT_VERDEF).
struct SymbolVersions {
  private var needs: [UInt16: ELFVersionNeed] = [:]
  private var definitions: [UInt16: String] = [:]
  /// For each symbol the number of its version; the top bit is not part of it.
  private var numbers: [UInt8] = []
  /// Those of which versions are needed, in order.
  private(set) var libraries: [String] = []

  /// Every one is asked for when the object is loaded, whether a symbol has it or not.
  var needed: [ELFVersionNeed] { needs.sorted { $0.key < $1.key }.map(\.value) }

  /// Nil where the object defines no versions.
  private(set) var defined: [String]?

  init() {}

  init(
    _ dynamic: DynamicSection, _ segments: Segments, _ reader: inout WindowedReader, _ strings: inout StringTable,
    symbolCount: UInt64
  ) throws(ELFFault) {
    // Without it there are neither needed nor defined versions: the dynamic section was checked.
    guard let table = dynamic[ELF.Tag.symbolVersions] else { return }
    let offset = try segments.fileOffset("the symbol versions", of: table, count: symbolCount * 2)
    numbers = try reader.bytes(
      "the symbol versions", at: offset, count: symbolCount * 2, limit: ELFLimits.symbols * 2)
    if let first = dynamic[ELF.Tag.versionNeeds], let count = dynamic[ELF.Tag.versionNeedsCount] {
      try readNeeds(at: first, count: count, segments, &reader, &strings)
    }
    if let first = dynamic[ELF.Tag.versionDefinitions], let count = dynamic[ELF.Tag.versionDefinitionsCount] {
      try readDefinitions(at: first, count: count, segments, &reader, &strings)
    }
    try checkNumbers()
  }

  /// glibc takes the numbers for places in a list, without a look at its length.
  private func checkNumbers() throws(ELFFault) {
    guard !needs.isEmpty || !definitions.isEmpty else { return }
    for symbol in 0..<numbers.count / 2 {
      let number = numbers.u16(at: symbol * 2) & 0x7fff
      guard number <= 1 || needs[number] != nil || definitions[number] != nil else {
        throw .brokenTable(
          what: "the table of symbol versions",
          reason: "gives symbol \(symbol) the version \(number), which is neither needed nor defined")
      }
    }
  }

  /// glibc follows a chain to its end, whatever the count says.
  private func goesOn(_ what: String, _ count: some BinaryInteger) -> ELFFault {
    .brokenTable(what: what, reason: "go on after the \(count) that are counted")
  }

  /// Nil for symbols of the base version, which is the object itself.
  func definition(of symbol: Int) -> String? {
    guard symbol * 2 + 2 <= numbers.count else { return nil }
    return definitions[numbers.u16(at: symbol * 2) & 0x7fff]
  }

  func need(of symbol: Int) -> ELFVersionNeed? {
    guard symbol * 2 + 2 <= numbers.count else { return nil }
    return needs[numbers.u16(at: symbol * 2) & 0x7fff]
  }

  /// Verneed: `u16 version, u16 count, u32 file, u32 aux, u32 next`; offsets count from the record's own begin and only
  /// go forward, so the chains end.
  private mutating func readNeeds(
    at address: UInt64, count: UInt64, _ segments: Segments, _ reader: inout WindowedReader,
    _ strings: inout StringTable
  ) throws(ELFFault) {
    let what = "the needed versions"
    guard count <= UInt64(ELFLimits.versions) else {
      throw .tooMany(what: "needed versions", found: count, limit: ELFLimits.versions)
    }
    var left = ELFLimits.versions
    var place = address
    for _ in 0..<count {
      let offset = try segments.fileOffset(what, of: place, count: 16)
      let at = try reader.locate(what, at: offset, count: 16)
      let auxiliaries = Int(reader.window.u16(at: at + 2))
      let file = reader.window.u32(at: at + 4)
      let auxiliary = reader.window.u32(at: at + 8)
      let next = reader.window.u32(at: at + 12)
      let library = try strings.name("a needed version's library", at: UInt64(file))
      libraries.append(library)
      left -= auxiliaries
      guard left >= 0 else {
        throw .tooMany(what: "needed versions", found: UInt64(ELFLimits.versions - left), limit: ELFLimits.versions)
      }
      try readAuxiliaries(
        at: place &+ UInt64(auxiliary), count: auxiliaries, of: library, segments, &reader, &strings)
      if next == 0 { return }
      place = place &+ UInt64(next)
    }
    throw goesOn(what, count)
  }

  /// Vernaux: `u32 hash, u16 flags, u16 number, u32 name, u32 next`.
  private mutating func readAuxiliaries(
    at address: UInt64, count: Int, of library: String, _ segments: Segments, _ reader: inout WindowedReader,
    _ strings: inout StringTable
  ) throws(ELFFault) {
    let what = "the needed versions"
    var place = address
    for _ in 0..<count {
      let offset = try segments.fileOffset(what, of: place, count: 16)
      let at = try reader.locate(what, at: offset, count: 16)
      let flags = reader.window.u16(at: at + 4)
      let number = reader.window.u16(at: at + 6) & 0x7fff
      let name = reader.window.u32(at: at + 8)
      let next = reader.window.u32(at: at + 12)
      needs[number] = ELFVersionNeed(
        version: try strings.name("a needed version", at: UInt64(name)), library: library,
        isWeak: flags & ELF.Flag.weakVersion != 0)
      if next == 0 { return }
      place = place &+ UInt64(next)
    }
    throw goesOn("the needed versions of one library", count)
  }

  /// Verdef: `u16 version, u16 flags, u16 number, u16 count, u32 hash, u32 aux, u32 next`; the first Verdaux, `u32 name,
  /// u32 next`, has the version's own name.
  private mutating func readDefinitions(
    at address: UInt64, count: UInt64, _ segments: Segments, _ reader: inout WindowedReader,
    _ strings: inout StringTable
  ) throws(ELFFault) {
    let what = "the defined versions"
    guard count <= UInt64(ELFLimits.versions) else {
      throw .tooMany(what: "defined versions", found: count, limit: ELFLimits.versions)
    }
    defined = []
    var place = address
    for _ in 0..<count {
      let offset = try segments.fileOffset(what, of: place, count: 20)
      let at = try reader.locate(what, at: offset, count: 20)
      let isBase = reader.window.u16(at: at + 2) & 1 != 0
      let number = reader.window.u16(at: at + 4) & 0x7fff
      let auxiliary = place &+ UInt64(reader.window.u32(at: at + 12))
      let next = reader.window.u32(at: at + 16)
      if !isBase {
        let name = try reader.locate(
          what, at: try segments.fileOffset(what, of: auxiliary, count: 8), count: 8)
        let version = try strings.name("a defined version", at: UInt64(reader.window.u32(at: name)))
        definitions[number] = version
        defined?.append(version)
      }
      if next == 0 { return }
      place = place &+ UInt64(next)
    }
    throw goesOn(what, count)
  }
}

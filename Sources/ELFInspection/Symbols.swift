/// What the dynamic symbol table says.
struct Symbols {
  private(set) var imports: [ELFSymbol] = []
  private(set) var exports: [ELFExport] = []
  private(set) var indirectFunctions = 0
  private(set) var versions = SymbolVersions()

  /// `relocated`: one more than the greatest symbol index of the relocations, which counts symbols where the hash
  /// table does not: GNU's lists only what the object defines.
  init(
    _ dynamic: DynamicSection, _ segments: Segments, _ reader: inout WindowedReader, _ strings: inout StringTable,
    relocated: UInt64
  ) throws(ELFFault) {
    guard let table = dynamic[ELF.Tag.symbolTable] else { return }
    if let entry = dynamic[ELF.Tag.symbolEntry], entry != UInt64(ELF.symbolSize) {
      throw .wrongEntrySize(table: "the symbol table (DT_SYMENT)", found: entry, wanted: ELF.symbolSize)
    }
    let count = max(try SymbolHash.count(dynamic, segments, &reader), relocated)
    guard count <= UInt64(ELFLimits.symbols) else {
      throw .tooMany(what: "symbols", found: count, limit: ELFLimits.symbols)
    }
    let what = "the symbol table"
    let start = try segments.fileOffset(what, of: table, count: count * UInt64(ELF.symbolSize))
    versions = try SymbolVersions(dynamic, segments, &reader, &strings, symbolCount: count)
    guard count > 1 else { return }
    // Symbol 0 is the undefined symbol.
    for index in 1..<count {
      let at = try reader.locate(what, at: start + index * UInt64(ELF.symbolSize), count: ELF.symbolSize)
      let symbol = RawSymbol(reader.window, at: at)
      guard symbol.isVisible else { continue }
      let name = try strings.name("a symbol", at: UInt64(symbol.name))
      guard !name.isEmpty else { continue }
      if symbol.isUndefined {
        let need = versions.need(of: Int(index))
        imports.append(
          ELFSymbol(name: name, version: need?.version, library: need?.library, isWeak: symbol.isWeak))
      } else {
        exports.append(
          ELFExport(
            name: name, kind: symbol.kind, version: versions.definition(of: Int(index)),
            isInCode: !symbol.isAbsolute && segments.isExecutable(symbol.value), isUnique: symbol.isUnique))
        if symbol.kind == .indirectFunction { indirectFunctions += 1 }
      }
    }
  }

  /// glibc ends the process at a needed version of a library that is not there.
  func checkLibraries(_ needed: [String]) throws(ELFFault) {
    guard let stray = versions.libraries.first(where: { !needed.contains($0) }) else { return }
    throw .versionOfStranger(library: stray)
  }
}

/// Elf64_Sym: `u32 name, u8 info (binding << 4 | type), u8 other (visibility), u16 section, u64 value, u64 size`.
private struct RawSymbol {
  let name: UInt32
  private let info: UInt8
  private let other: UInt8
  private let section: UInt16
  let value: UInt64

  init(_ bytes: [UInt8], at index: Int) {
    name = bytes.u32(at: index)
    info = bytes[index + 4]
    other = bytes[index + 5]
    section = bytes.u16(at: index + 6)
    value = bytes.u64(at: index + 8)
  }

  var isUndefined: Bool { section == 0 }
  /// SHN_ABS: the value is no address within the object.
  var isAbsolute: Bool { section == 0xfff1 }
  var isWeak: Bool { info >> 4 == 2 }
  var isUnique: Bool { info >> 4 == 10 }

  /// Global, weak or unique, not hidden or internal, and neither a section nor a file name.
  var isVisible: Bool {
    let visibility = other & 3
    return (info >> 4 == 1 || isWeak || isUnique) && visibility != 1 && visibility != 2 && info & 15 != 3
      && info & 15 != 4
  }

  var kind: ELFExport.Kind {
    switch info & 15 {
    case 1, 5: .data
    case 2: .function
    case 6: .threadLocal
    case 10: .indirectFunction
    default: .other
    }
  }
}

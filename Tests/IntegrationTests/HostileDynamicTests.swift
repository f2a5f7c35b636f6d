import Testing

/// The dynamic section and the tables that it names: each a real plugin with one entry or table changed.
@Suite("Hostile corpus: dynamic section")
struct HostileDynamicTests {
  @Test("a plugin with an absurd entry in its dynamic section is refused before it is mapped", arguments: entries)
  func entry(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a plugin whose hash tables loop or lead astray is refused before it is mapped", arguments: hashes)
  func hash(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a plugin whose chains of versions loop or lead astray is refused before it is mapped", arguments: versions)
  func version(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a plugin whose relocations write elsewhere is refused before it is mapped", arguments: relocations)
  func relocation(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  /// The numbers of `elf.h`.
  enum Tag {
    static let needed: UInt64 = 1, pltSize: UInt64 = 2, hash: UInt64 = 4, strings: UInt64 = 5, symbols: UInt64 = 6
    static let relocations: UInt64 = 7, relocationsSize: UInt64 = 8, relocationEntry: UInt64 = 9
    static let stringsSize: UInt64 = 10, symbolEntry: UInt64 = 11, soname: UInt64 = 14, pltKind: UInt64 = 20
    static let pltRelocations: UInt64 = 23, initializersSize: UInt64 = 27
    static let gnuHash: UInt64 = 0x6fff_fef5, versions: UInt64 = 0x6fff_fff0
    static let needs: UInt64 = 0x6fff_fffe, needsCount: UInt64 = 0x6fff_ffff
  }

  private static func malformed(_ said: String) -> HostileOutcome { .unusable(["% is malformed: \(said)"]) }

  /// One entry's value changed, and what is then said of the file.
  private static func entry(_ name: String, _ tag: UInt64, _ value: UInt64, _ said: String) -> HostileCase {
    HostileCase(
      "\(name) = \(hex(value))", .patched("\(name) = \(value)") { try $0.put(tag: tag, value) }, malformed(said))
  }

  /// One entry taken away.
  private static func missing(_ tag: UInt64, _ needed: String, by: String) -> HostileCase {
    HostileCase(
      "\(by) without \(needed)", .patched("no \(needed)") { try $0.remove(tag: tag) },
      malformed("the dynamic section has \(by) but no \(needed)"))
  }

  static let entries: [HostileCase] = [
    HostileCase("an unterminated dynamic section", .patched("no DT_NULL") { image in
      try image.put(.dynamic, 0, .fileBytes, 48)
    }, malformed("the dynamic section has 3 entries and no DT_NULL at its end")),
    entry("DT_STRTAB", Tag.strings, 1 << 50, "the string table at address 0x4000000000000 lies in no loaded part of the file"),
    entry("DT_SYMTAB", Tag.symbols, .max, "the symbol table at address 0xffffffffffffffff lies in no loaded part of the file"),
    entry("DT_SYMENT", Tag.symbolEntry, 16, "an entry of the symbol table (DT_SYMENT) has 16 bytes, wanted 24"),
    entry("DT_HASH", Tag.hash, 1 << 40, "DT_HASH at address 0x10000000000 lies in no loaded part of the file"),
    entry("DT_GNU_HASH", Tag.gnuHash, .max - 3, "DT_GNU_HASH at address 0xfffffffffffffffc lies in no loaded part of the file"),
    entry("DT_VERSYM", Tag.versions, 1 << 40, "the symbol versions at address 0x10000000000 lies in no loaded part of the file"),
    entry("DT_VERNEED", Tag.needs, 1 << 48, "the needed versions at address 0x1000000000000 lies in no loaded part of the file"),
    entry("DT_RELAENT", Tag.relocationEntry, 8, "an entry of the relocations (DT_RELAENT) has 8 bytes, wanted 24"),
    entry(
      "DT_PLTREL", Tag.pltKind, 17, "the table of the PLT's relocations is of kind 17 (DT_PLTREL), wanted 7 (DT_RELA)"),
    HostileCase("DT_STRSZ that leaves the file", .patched("strsz") { try $0.put(tag: Tag.stringsSize, 1 << 40) }) {
      malformed("the string table at address \(hex(try $0.value(Tag.strings))) lies in no loaded part of the file")
    },
    HostileCase("DT_NEEDED outside the string table", .patched("needed") { try $0.put(tag: Tag.needed, 1 << 33) }) {
      malformed(
        "a DT_NEEDED entry is at offset 8589934592 of the string table, which has \(try $0.value(Tag.stringsSize)) bytes")
    },
    HostileCase("DT_SONAME outside the string table", .patched("soname") { try $0.put(tag: Tag.soname, .max) }) {
      malformed(
        "DT_SONAME is at offset 18446744073709551615 of the string table, which has \(try $0.value(Tag.stringsSize)) bytes")
    },
    HostileCase("DT_SONAME without an end", .patched("unterminated soname") { image in
      let size = try image.value(Tag.stringsSize)
      image.bytes[try image.table(Tag.strings) + Int(size) - 1] = UInt8(ascii: "x")
      try image.put(tag: Tag.soname, size - 1)
    }) { image in
      try unterminated(image)
    },
    HostileCase("DT_NEEDED of an empty name", .patched("empty needed") { try $0.put(tag: Tag.needed, 0) }, malformed(
      "a DT_NEEDED entry is empty")),
    HostileCase("DT_NEEDED that is not UTF-8", .patched("needed bytes") { image in
      image.bytes[try image.table(Tag.strings) + Int(image.value(Tag.needed)) + 3] = 0xff
    }, malformed("a DT_NEEDED entry is not UTF-8")),
    HostileCase("DT_SONAME that is not UTF-8", .patched("soname bytes") { image in
      image.bytes[try image.table(Tag.strings) + Int(image.value(Tag.soname)) + 3] = 0xff
    }, malformed("DT_SONAME is not UTF-8")),
    missing(Tag.stringsSize, "DT_STRSZ", by: "DT_STRTAB"),
    missing(Tag.relocationsSize, "DT_RELASZ", by: "DT_RELA"),
    missing(Tag.relocationEntry, "DT_RELAENT", by: "DT_RELA"),
    missing(Tag.pltSize, "DT_PLTRELSZ", by: "DT_JMPREL"),
    missing(Tag.initializersSize, "DT_INIT_ARRAYSZ", by: "DT_INIT_ARRAY"),
    missing(Tag.needsCount, "DT_VERNEEDNUM", by: "DT_VERNEED"),
    missing(Tag.versions, "DT_VERSYM", by: "DT_VERNEED"),
    HostileCase(
      "DT_FILTER of a library that is not there", .base(flags: ["-Wl,--filter=libnowhere.so.1"]), missingLibrary),
    HostileCase(
      "DT_AUXILIARY of a library that is not there", .base(flags: ["-Wl,--auxiliary=libnowhere.so.1"]), missingLibrary),
  ]

  /// The names of symbols and versions are read before DT_SONAME: one of them may be the last in the table.
  private static func unterminated(_ image: ELFImage) throws -> HostileOutcome {
    let strings = try image.table(Tag.strings), size = Int(try image.value(Tag.stringsSize))
    let last = (image.bytes[strings..<strings + size].lastIndex(of: 0) ?? strings) + 1 - strings
    let record = try image.table(Tag.needs)
    var version = record + Int(image.number(at: record + 8, 4))
    var places = [("a needed version's library", image.number(at: record + 4, 4))]
    for _ in 0..<image.number(at: record + 2, 2) {
      places.append(("a needed version", image.number(at: version + 8, 4)))
      version += Int(image.number(at: version + 12, 4))
    }
    let first = places.first { $0.1 == UInt64(last) }?.0
    return malformed("\(first ?? "a symbol") at offset \(last) of the string table does not end within it")
  }

  private static let missingLibrary = HostileOutcome.refused([
    "the library libnowhere.so.1, needed by the plugin, is not on this system, wanted a file in RUNPATH, in the loader's "
      + "cache or in its default directories; install the package that has it, or link it into the plugin"
  ])

  static let hashes: [HostileCase] = [
    HostileCase("DT_HASH with a chain that loops", .patched("hash loop") { image in
      let symbol = try index(of: "omphalos_plugin_v1", image)
      image.set(UInt64(symbol), at: try chain(image) + symbol * 4, 4)
    }) { malformed("DT_HASH has chains that meet, or loop, at symbol \(try index(of: "omphalos_plugin_v1", $0))") },
    HostileCase("DT_HASH with a chain out of the table", .patched("hash wild") { image in
      image.set(0x7fff_ffff, at: try chain(image) + index(of: "omphalos_plugin_v1", image) * 4, 4)
    }) { malformed("DT_HASH lists symbol 2147483647, and there are \($0.number(at: try $0.table(Tag.hash) + 4, 4))") },
    HostileCase("DT_HASH with more buckets than there are bytes", .patched("hash buckets") { image in
      image.set(500_000, at: try image.table(Tag.hash), 4)
    }) { malformed("DT_HASH at address \(hex(try $0.value(Tag.hash))) lies in no loaded part of the file") },
    HostileCase("DT_HASH with more symbols than anybody has", .patched("hash symbols") { image in
      image.set(0xffff_ffff, at: try image.table(Tag.hash) + 4, 4)
    }, .unusable(["% has too many symbols: 4294967295, at most 1000000 are read"])),
    HostileCase("DT_GNU_HASH with a filter of three words", .patched("bloom") { image in
      image.set(3, at: try image.table(Tag.gnuHash) + 8, 4)
    }, malformed("DT_GNU_HASH has a filter of 3 words, wanted a power of two")),
    HostileCase("DT_GNU_HASH with a filter of no word", .patched("no bloom") { image in
      image.set(0, at: try image.table(Tag.gnuHash) + 8, 4)
    }, malformed("DT_GNU_HASH has a filter of 0 words, wanted a power of two")),
    HostileCase("DT_GNU_HASH with a filter larger than the file", .patched("bloom size") { image in
      image.set(1 << 31, at: try image.table(Tag.gnuHash) + 8, 4)
    }) { malformed("DT_GNU_HASH at address \(hex(try $0.value(Tag.gnuHash))) lies in no loaded part of the file") },
    HostileCase("DT_GNU_HASH with a chain before its first symbol", .patched("gnu first") { image in
      let table = try image.table(Tag.gnuHash)
      image.set(0x1000, at: table + 4, 4)
    }) { image in
      let table = try image.table(Tag.gnuHash)
      let buckets = table + 16 + Int(image.number(at: table + 8, 4)) * 8
      let all = (0..<Int(image.number(at: table, 4))).map { image.number(at: buckets + $0 * 4, 4) }
      return malformed("DT_GNU_HASH has a chain that begins at symbol \(all.first { $0 != 0 } ?? 0), before 4096")
    },
    HostileCase("DT_GNU_HASH with a chain that does not end", .patched("gnu endless") { image in
      let table = try image.table(Tag.gnuHash)
      let chain = table + 16 + Int(image.number(at: table + 8, 4)) * 8 + Int(image.number(at: table, 4)) * 4
      let load = try image.index(.load)
      let end = Int(image.get(load, .offset) + image.get(load, .fileBytes))
      for offset in stride(from: chain, to: end - 3, by: 4) { image.bytes[offset] &= 0xfe }
      try image.remove(tag: Tag.hash)
    }) { image in
      let load = try image.index(.load)
      let end = image.get(load, .address) + image.get(load, .fileBytes)
      let start = try image.value(Tag.gnuHash)
      // The first word that is not in the file any more.
      let place = start + (end - 3 - start + 3) / 4 * 4
      return malformed("DT_GNU_HASH at address \(hex(place)) lies in no loaded part of the file")
    },
  ]

  static let versions: [HostileCase] = [
    HostileCase("vn_next back into its own record, for ever", .patched("vn_next loop") { image in
      // Offsets only go forward: a loop is one that leaves the address space.
      image.set(0xffff_fff0, at: try image.table(Tag.needs) + 12, 4)
      try image.put(tag: Tag.needsCount, 2)
    }) { image in
      malformed(
        "the needed versions at address \(hex(try image.value(Tag.needs) + 0xffff_fff0)) lies in no loaded part of the file")
    },
    HostileCase("vn_next that goes on after DT_VERNEEDNUM", .patched("vn_next on") { image in
      image.set(16, at: try image.table(Tag.needs) + 12, 4)
      try image.put(tag: Tag.needsCount, 1)
    }, malformed("the needed versions go on after the 1 that are counted")),
    HostileCase("DT_VERNEEDNUM = 0", .patched("no needs") { try $0.put(tag: Tag.needsCount, 0) }, malformed(
      "the needed versions go on after the 0 that are counted")),
    HostileCase("DT_VERNEEDNUM larger than anything", .patched("many needs") { try $0.put(tag: Tag.needsCount, .max) },
      .unusable(["% has too many needed versions: 18446744073709551615, at most 65536 are read"])),
    HostileCase("vn_cnt = 0", .patched("vn_cnt") { image in image.set(0, at: try image.table(Tag.needs) + 2, 2) }, malformed(
      "the needed versions of one library go on after the 0 that are counted")),
    HostileCase("vna_next out of the table", .patched("vna_next") { image in
      let record = try image.table(Tag.needs)
      image.set(2, at: record + 2, 2)
      image.set(1 << 31, at: record + Int(image.number(at: record + 8, 4)) + 12, 4)
    }) { image in
      let record = try image.table(Tag.needs)
      let place = try image.value(Tag.needs) + image.number(at: record + 8, 4) + (1 << 31)
      return malformed("the needed versions at address \(hex(place)) lies in no loaded part of the file")
    },
    HostileCase("vn_file outside the string table", .patched("vn_file") { image in
      image.set(0xffff_0000, at: try image.table(Tag.needs) + 4, 4)
    }) {
      malformed(
        "a needed version's library is at offset 4294901760 of the string table, which has "
          + "\(try $0.value(Tag.stringsSize)) bytes")
    },
    HostileCase("vn_file of a library that is not needed", .patched("stranger") { image in
      let record = try image.table(Tag.needs)
      image.set(image.number(at: record + 4, 4) + 3, at: record + 4, 4)
    }, malformed("it needs a version of the library \"c.so.6\", which no DT_NEEDED names")),
    HostileCase("a symbol's version that is neither needed nor defined", .patched("versym") { image in
      image.set(0x7000, at: try image.table(Tag.versions) + 2, 2)
    }, malformed(
      "the table of symbol versions gives symbol 1 the version 28672, which is neither needed nor defined")),
  ]

  static let relocations: [HostileCase] = [
    HostileCase("a relocation of wild memory", .patched("r_offset") { image in
      image.set(HostileLayoutTests.wild, at: try image.table(Tag.relocations))
    }, malformed("a relocation changes address 0x700000000000, which lies in no loaded segment")),
    HostileCase("a relocation with a symbol that nobody has", .patched("r_sym") { image in
      image.set(0x7fff_ffff, at: try image.table(Tag.relocations) + 12, 4)
    }, .unusable(["% has too many symbols: 2147483648, at most 1000000 are read"])),
    HostileCase("DT_RELASZ that leaves the file", .patched("relasz") { try $0.put(tag: Tag.relocationsSize, 1 << 40) }) {
      malformed("the relocations at address \(hex(try $0.value(Tag.relocations))) lies in no loaded part of the file")
    },
    HostileCase("DT_JMPREL in wild memory", .patched("jmprel") {
      try $0.put(tag: Tag.pltRelocations, HostileLayoutTests.wild)
    }, malformed("the relocations of the PLT at address 0x700000000000 lies in no loaded part of the file")),
    HostileCase("a symbol's name outside the string table", .patched("st_name") { image in
      image.set(0xffff_ff00, at: try image.symbol("omphalos_plugin_v1"), 4)
    }) {
      malformed("a symbol is at offset 4294967040 of the string table, which has \(try $0.value(Tag.stringsSize)) bytes")
    },
  ]

  /// The file offset of DT_HASH's chain.
  private static func chain(_ image: ELFImage) throws -> Int {
    let table = try image.table(Tag.hash)
    return table + 8 + Int(image.number(at: table, 4)) * 4
  }

  private static func index(of name: String, _ image: ELFImage) throws -> Int {
    (try image.symbol(name) - image.table(Tag.symbols)) / 24
  }
}

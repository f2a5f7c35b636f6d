import Testing

/// ELF header and program headers: each a real plugin with one field changed.
@Suite("Hostile corpus: ELF headers and segments")
struct HostileLayoutTests {
  @Test("a plugin with one field of its ELF header changed is refused before it is mapped", arguments: header)
  func headers(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a plugin with impossible segments is refused before it is mapped", arguments: loads)
  func segments(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  @Test("a plugin whose segments describe memory that is not its own is refused before it is mapped", arguments: places)
  func elsewhere(_ example: HostileCase) throws {
    let differences = try HostileTrial.differences(example)
    #expect(differences == [])
  }

  /// A field of the ELF header, and what is then said of the file.
  private static func header(_ field: String, _ offset: Int, _ bytes: Int, _ value: UInt64, _ said: String) -> HostileCase {
    HostileCase(
      "\(field) = \(hex(value))", .patched("\(field) = \(value)") { $0.set(value, at: offset, bytes) },
      .unusable(["% \(said)"]))
  }

  static let header: [HostileCase] = [
    header("EI_MAG0", 0, 1, 0x7e, "is not an ELF file: it begins with 7e 45 4c 46, wanted 7f 45 4c 46"),
    header("EI_CLASS", 4, 1, 1, "has the wrong ELF class: EI_CLASS is 1 (32-bit), wanted 2 (64-bit)"),
    header("EI_CLASS", 4, 1, 3, "has the wrong ELF class: EI_CLASS is 3, wanted 2 (64-bit)"),
    header("EI_DATA", 5, 1, 2, "has the wrong byte order: EI_DATA is 2 (big-endian), wanted 1 (little-endian)"),
    header("EI_VERSION", 6, 1, 0, "has an unknown ELF version: EI_VERSION is 0, wanted 1"),
    header("EI_OSABI", 7, 1, 9, "is for another system: EI_OSABI is 9, wanted 0 (System V) or 3 (GNU/Linux)"),
    header("EI_ABIVERSION", 8, 1, 5, "has an unknown ELF identification: EI_ABIVERSION is 5, wanted 0"),
    header("EI_PAD", 12, 1, 1, "has an unknown ELF identification: the padding byte 12 of e_ident is 1, wanted 0"),
    header("e_type", 16, 2, 0, "is an ELF file of type 0, wanted a shared object (ET_DYN, 3): link it with -shared"),
    header("e_type", 16, 2, 1, "is an object file (ET_REL, 1), wanted a shared object (ET_DYN, 3): link it with -shared"),
    header("e_type", 16, 2, 2, "is an executable (ET_EXEC, 2), wanted a shared object (ET_DYN, 3): link it with -shared"),
    header("e_type", 16, 2, 4, "is a core dump (ET_CORE, 4), wanted a shared object (ET_DYN, 3): link it with -shared"),
    header("e_version", 20, 4, 7, "has an unknown ELF version: e_version is 7, wanted 1"),
    header("e_phentsize", 54, 2, 32, "is malformed: an entry of the program headers (e_phentsize) has 32 bytes, wanted 56"),
    header("e_phnum", 56, 2, 0, "has no program headers: e_phnum is 0, so nothing of it can be loaded"),
    header("e_phnum", 56, 2, 0xffff, "has too many program headers: 65535, at most 1024 are read"),
    HostileCase("e_machine = 183", .patched("e_machine") { $0.set(183, at: 18, 2) }) { _ in
      .refused(["the file is for aarch64, wanted one for this host, which is x86-64; build the plugin for x86-64"])
    },
    HostileCase("e_machine = 0x1234", .patched("odd machine") { $0.set(0x1234, at: 18, 2) }) { _ in
      .refused(["the file is for machine 4660, wanted one for this host, which is x86-64; build the plugin for x86-64"])
    },
    HostileCase("e_phoff beyond the end", .patched("e_phoff far") { $0.set(1 << 40, at: 32) }) { image in
      .unusable([
        "% is truncated: the table of program headers at offset 1099511627776 needs bytes up to "
          + "\((1 << 40) + image.headerCount * 56), and the file ends at \(image.bytes.count)"
      ])
    },
    HostileCase("e_phoff that wraps around", .patched("e_phoff wraps") { $0.set(.max - 7, at: 32) }) { image in
      .unusable([
        "% is truncated: the table of program headers at offset 18446744073709551608 needs bytes up to "
          + "18446744073709551615, and the file ends at \(image.bytes.count)"
      ])
    },
    HostileCase("e_phoff = 0: the ELF header read as a segment", .patched("e_phoff 0") { $0.set(0, at: 32) }) { image in
      // The real table follows the ELF header: shifted by eight bytes it makes no sense to anybody.
      .unusable(["% has no dynamic section: it is a file of debug information or a static program, wanted the shared object"])
    },
  ]

  static let loads: [HostileCase] = [
    HostileCase("p_filesz > p_memsz", .patched("shrinks") { try $0.put(.load, 1, .memoryBytes, 1) }) { image in
      let index = try image.index(.load, 1)
      return .unusable([
        "% is malformed: segment \(index) has \(image.get(index, .fileBytes)) bytes in the file but only 1 in memory"
      ])
    },
    HostileCase("p_offset outside the file", .patched("offset") { try $0.put(.load, 0, .offset, 1 << 62) }) { image in
      let index = try image.index(.load, 0)
      return .unusable([
        "% is truncated: segment \(index) at offset \(1 << 62) needs bytes up to "
          + "\((1 << 62) + image.get(index, .fileBytes)), and the file ends at \(image.bytes.count)"
      ])
    },
    HostileCase("p_memsz that leaves the address space", .patched("wraps") { try $0.put(.load, 1, .memoryBytes, .max) }) {
      let index = try $0.index(.load, 1)
      return .unusable([
        "% is malformed: segment \(index) at address \(hex($0.get(index, .address))) with 18446744073709551615 bytes "
          + "leaves the address space"
      ])
    },
    HostileCase("p_align that is no power of two", .patched("align") { try $0.put(.load, 1, .alignment, 0x3000) }) {
      .unusable([
        "% is malformed: segment \(try $0.index(.load, 1)) has alignment 0x3000, wanted a power of two of at least 0x1000"
      ])
    },
    HostileCase("p_align below a page", .patched("small align") { try $0.put(.load, 1, .alignment, 16) }) {
      .unusable([
        "% is malformed: segment \(try $0.index(.load, 1)) has alignment 0x10, wanted a power of two of at least 0x1000"
      ])
    },
    HostileCase(
      "p_vaddr and p_offset that differ within a page",
      .patched("misaligned") { try $0.put(.load, 1, .address, $0.get($0.index(.load, 1), .address) + 8) }
    ) { image in
      let index = try image.index(.load, 1)
      return .unusable([
        "% is malformed: segment \(index) has file offset \(hex(image.get(index, .offset))) and address "
          + "\(hex(image.get(index, .address))), which differ modulo its alignment \(hex(image.get(index, .alignment)))"
      ])
    },
    HostileCase("PT_LOADs that overlap", .patched("overlap") { try $0.put(.load, 0, .memoryBytes, 1 << 20) }) { image in
      let index = try image.index(.load, 1)
      return .unusable([
        "% is malformed: segment \(index) begins at address \(hex(image.get(index, .address))), before the end of the one "
          + "before it (0x100000)"
      ])
    },
    HostileCase(
      "PT_LOADs on one page, of which the second hides the first",
      .patched("shared page") { image in
        let second = try image.writable()
        let first = second - 1
        image.put(first, .memoryBytes, image.get(second, .address) & ~0xfff + 1 - image.get(first, .address))
      }
    ) { image in
      let index = try image.writable()
      let address = image.get(index, .address)
      return .unusable([
        "% is malformed: segment \(index) begins at address \(hex(address)), on the page on which the one before it ends "
          + "(\(hex(address & ~0xfff + 1)))"
      ])
    },
    HostileCase("no PT_LOAD at all", .patched("no loads") { image in
      while let index = try? image.index(.load) { image.put(index, .type, 0x6fff_0000) }
    }) { image in
      .unusable([
        "% is malformed: the dynamic section at address \(hex(image.get(try image.index(.dynamic), .address))) lies in no "
          + "loaded part of the file"
      ])
    },
    HostileCase("p_memsz that no system has", .patched("2^50") { try $0.put(.load, 1, .memoryBytes, 1 << 50) }) {
      let index = try $0.index(.load, 1)
      return .unusable([
        "% is malformed: segment \(index) at address \(hex($0.get(index, .address))) with 1125899906842624 bytes leaves the "
          + "address space"
      ])
    },
  ]

  /// The sentence about a header of a kind that names another place than its address.
  private static func elsewhere(_ kind: String, _ index: Int, _ image: ELFImage) -> HostileOutcome {
    .unusable([
      "% is malformed: segment \(index) (\(kind)) names file offset \(hex(image.get(index, .offset))), but its address "
        + "\(hex(image.get(index, .address))) is not loaded from there"
    ])
  }

  static let wild: UInt64 = 0x7000_0000_0000

  static let places: [HostileCase] = [
    HostileCase("two PT_DYNAMIC", .patched("two dynamic") {
      let real = try $0.index(.dynamic)
      try $0.addHeader(.dynamic, [(.offset, $0.get(real, .offset)), (.address, $0.get(real, .address) + 16)])
    }) { image in
      .unusable([
        "% is malformed: segments \(try image.index(.dynamic)) and \(try image.index(.dynamic, 1)) are both PT_DYNAMIC, "
          + "wanted one"
      ])
    },
    HostileCase("two PT_TLS", .patched("two tls") { try $0.addHeader(.tls, [(.memoryBytes, 8)]) }) { image in
      .unusable(["% is malformed: segments \(try image.index(.tls)) and \(try image.index(.tls, 1)) are both PT_TLS, wanted one"])
    },
    HostileCase("two PT_GNU_STACK", .patched("two stacks") { try $0.addHeader(.stack, [(.flags, 7)]) }) { image in
      let both = [try image.index(.stack), try image.index(.stack, 1)].sorted()
      return .unusable(["% is malformed: segments \(both[0]) and \(both[1]) are both PT_GNU_STACK, wanted one"])
    },
    HostileCase("no PT_DYNAMIC", .patched("no dynamic") { try $0.put(.dynamic, 0, .type, 0x6fff_0000) }) { _ in
      .unusable(["% has no dynamic section: it is a file of debug information or a static program, wanted the shared object"])
    },
    HostileCase("PT_DYNAMIC that is loaded from elsewhere", .patched("dynamic offset") {
      try $0.put(.dynamic, 0, .offset, $0.get($0.index(.dynamic), .offset) - 16)
    }) { image in
      let index = try image.index(.dynamic)
      return .unusable([
        "% is malformed: PT_DYNAMIC names file offset \(hex(image.get(index, .offset))), but its address "
          + "\(hex(image.get(index, .address))) is loaded from elsewhere"
      ])
    },
    HostileCase("PT_DYNAMIC that is written to and may not be", .patched("read-only dynamic") { image in
      image.put(try image.writable(), .flags, 4)
    }) { image in
      let index = try image.index(.dynamic)
      return .unusable([
        "% is malformed: segment \(index) (PT_DYNAMIC) has \(image.get(index, .memoryBytes)) bytes at address "
          + "\(hex(image.get(index, .address))), which are not all in one writable segment"
      ])
    },
    HostileCase("PT_PHDR that names other headers", .patched("phdr") { image in
      if (try? image.index(.headers)) == nil { try image.addHeader(.headers, [(.memoryBytes, 1), (.fileBytes, 1)]) }
      try image.put(.headers, 0, .offset, image.number(at: 32))
      try image.put(.headers, 0, .address, wild)
    }) { image in elsewhere("PT_PHDR", try image.index(.headers), image) },
    HostileCase("PT_PHDR that names the ELF header", .patched("phdr 0") { image in
      if (try? image.index(.headers)) == nil { try image.addHeader(.headers, []) }
      try image.put(.headers, 0, .offset, 0)
      try image.put(.headers, 0, .address, image.get(image.index(.load), .address))
    }) { image in elsewhere("PT_PHDR", try image.index(.headers), image) },
    HostileCase("PT_NOTE that is loaded from elsewhere", .patched("note") { try $0.put(.note, 0, .address, wild) }) {
      elsewhere("PT_NOTE", try $0.index(.note), $0)
    },
    HostileCase("PT_GNU_PROPERTY in wild memory", .patched("property") {
      if (try? $0.index(.property)) == nil { try $0.addHeader(.property, [(.memoryBytes, 16), (.fileBytes, 16)]) }
      try $0.put(.property, 0, .address, wild)
    }) { elsewhere("PT_GNU_PROPERTY", try $0.index(.property), $0) },
    HostileCase("PT_TLS in wild memory", .patched("tls") { try $0.put(.tls, 0, .address, wild) }) {
      elsewhere("PT_TLS", try $0.index(.tls), $0)
    },
    HostileCase("PT_TLS that shrinks", .patched("tls shrinks") { try $0.put(.tls, 0, .memoryBytes, 1) }) {
      .unusable(["% is malformed: segment \(try $0.index(.tls)) has 4 bytes in the file but only 1 in memory"])
    },
    HostileCase("PT_TLS as large as a number can be", .patched("tls max") { try $0.put(.tls, 0, .memoryBytes, .max) }) { _ in
      .unusable([
        "% is malformed or absurd: the thread-local memory (PT_TLS) has 18446744073709551615 bytes, at most 1073741824 are "
          + "read"
      ])
    },
    HostileCase("PT_TLS with alignment 3", .patched("tls align") { try $0.put(.tls, 0, .alignment, 3) }) {
      .unusable(["% is malformed: segment \(try $0.index(.tls)) has alignment 0x3, wanted a power of two of at least 0x1"])
    },
    HostileCase("PT_GNU_RELRO over other memory", .patched("relro") { try $0.put(.relro, 0, .memoryBytes, 1 << 40) }) {
      let index = try $0.index(.relro)
      return .unusable([
        "% is malformed: segment \(index) (PT_GNU_RELRO) has 1099511627776 bytes at address \(hex($0.get(index, .address))), "
          + "which are not all in one writable segment"
      ])
    },
  ]
}

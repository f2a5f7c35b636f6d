/// The dynamic section: what the dynamic linker is told about the object.
struct DynamicSection {
  private var values: [UInt64: UInt64] = [:]
  private(set) var neededOffsets: [UInt64] = []

  init(_ segments: Segments, _ reader: inout WindowedReader) throws(ELFFault) {
    guard let segment = segments.first(ELF.Segment.dynamic), segment.fileBytes > 0 else { throw .noDynamicSection }
    try segments.checkLoads(reader)
    let bytes = try reader.bytes(
      "the dynamic section", at: segment.offset, count: segment.fileBytes,
      limit: ELFLimits.dynamicEntries * ELF.dynamicEntrySize)
    let loaded = try segments.fileOffset("the dynamic section", of: segment.address, count: segment.fileBytes)
    guard loaded == segment.offset else {
      throw .dynamicSectionElsewhere(offset: segment.offset, address: segment.address)
    }
    // The dynamic linker writes into a section that is said to be writable.
    guard !segment.isWritable || segments.isWritable(offset: segment.offset, count: segment.fileBytes) else {
      throw .segmentOutside(
        kind: "PT_DYNAMIC", index: segment.index, address: segment.address, memoryBytes: segment.memoryBytes)
    }
    let count = bytes.count / ELF.dynamicEntrySize
    for index in 0..<count {
      let tag = bytes.u64(at: index * ELF.dynamicEntrySize)
      let value = bytes.u64(at: index * ELF.dynamicEntrySize + 8)
      if tag == 0 {
        try checkPairs()
        return
      }
      // Of a filter the dynamic linker loads the libraries that it stands before, as if they were needed.
      if [ELF.Tag.needed, ELF.Tag.filter, ELF.Tag.auxiliary].contains(tag) {
        neededOffsets.append(value)
      } else {
        values[tag] = value  // of several, the dynamic linker takes the last
      }
    }
    throw .dynamicSectionUnterminated(entries: count)
  }

  /// Tags that the dynamic linker follows without looking whether their companions are there.
  private func checkPairs() throws(ELFFault) {
    let pairs: [(UInt64, String, needs: UInt64, String)] = [
      (ELF.Tag.relocations, "DT_RELA", ELF.Tag.relocationsSize, "DT_RELASZ"),
      (ELF.Tag.relocations, "DT_RELA", ELF.Tag.relocationEntry, "DT_RELAENT"),
      (ELF.Tag.pltRelocations, "DT_JMPREL", ELF.Tag.pltRelocationsSize, "DT_PLTRELSZ"),
      (ELF.Tag.packedRelocations, "DT_RELR", ELF.Tag.packedRelocationsSize, "DT_RELRSZ"),
      (ELF.Tag.packedRelocations, "DT_RELR", ELF.Tag.packedRelocationEntry, "DT_RELRENT"),
      (ELF.Tag.initializerArray, "DT_INIT_ARRAY", ELF.Tag.initializerArraySize, "DT_INIT_ARRAYSZ"),
      (ELF.Tag.finalizerArray, "DT_FINI_ARRAY", ELF.Tag.finalizerArraySize, "DT_FINI_ARRAYSZ"),
      (ELF.Tag.versionNeeds, "DT_VERNEED", ELF.Tag.versionNeedsCount, "DT_VERNEEDNUM"),
      (ELF.Tag.versionNeeds, "DT_VERNEED", ELF.Tag.symbolVersions, "DT_VERSYM"),
      (ELF.Tag.versionDefinitions, "DT_VERDEF", ELF.Tag.versionDefinitionsCount, "DT_VERDEFNUM"),
      (ELF.Tag.versionDefinitions, "DT_VERDEF", ELF.Tag.symbolVersions, "DT_VERSYM"),
    ]
    for (tag, by, needs, needed) in pairs where values[tag] != nil && values[needs] == nil {
      throw .missingTag(needed: needed, by: by)
    }
  }

  subscript(tag: UInt64) -> UInt64? { values[tag] }

  func flag(_ flag: UInt64, of tag: UInt64) -> Bool { (values[tag] ?? 0) & flag != 0 }
}

/// The dynamic string table, with a budget: names may overlap, so the table's size does not bound their sum.
struct StringTable {
  private let bytes: [UInt8]
  private var budget = ELFLimits.allNameBytes

  init(_ dynamic: DynamicSection, _ segments: Segments, _ reader: inout WindowedReader) throws(ELFFault) {
    guard let address = dynamic[ELF.Tag.stringTable] else {
      throw .missingTag(needed: "DT_STRTAB", by: "no names without it")
    }
    guard let count = dynamic[ELF.Tag.stringTableSize] else { throw .missingTag(needed: "DT_STRSZ", by: "DT_STRTAB") }
    let offset = try segments.fileOffset("the string table", of: address, count: count)
    bytes = try reader.bytes("the string table", at: offset, count: count, limit: ELFLimits.stringTableBytes)
  }

  /// The name of a symbol or of a version, repaired where it is not UTF-8.
  mutating func name(_ what: String, at offset: UInt64) throws(ELFFault) -> String {
    String(decoding: bytes[try range(of: what, at: offset)], as: UTF8.self)
  }

  /// The name of a file. Repaired text would name another file than the one that is opened.
  mutating func fileName(_ what: String, at offset: UInt64) throws(ELFFault) -> String {
    guard let name = String(validating: bytes[try range(of: what, at: offset)], as: UTF8.self) else {
      throw .brokenTable(what: what, reason: "is not UTF-8")
    }
    return name
  }

  private mutating func range(of what: String, at offset: UInt64) throws(ELFFault) -> Range<Int> {
    guard offset < UInt64(bytes.count) else {
      throw .nameOutside(what: what, offset: offset, tableBytes: bytes.count)
    }
    let begin = Int(offset)
    var end = begin
    let stop = min(bytes.count, begin + ELFLimits.nameBytes)
    while end < stop, bytes[end] != 0 { end += 1 }
    guard end < stop else {
      if stop == bytes.count { throw .nameUnterminated(what: what, offset: offset) }
      throw .tooLarge(what: "the name of \(what)", found: UInt64(stop - begin), limit: ELFLimits.nameBytes)
    }
    budget -= end - begin
    guard budget >= 0 else {
      throw .tooLarge(
        what: "the sum of all names", found: UInt64(ELFLimits.allNameBytes - budget), limit: ELFLimits.allNameBytes)
    }
    return begin..<end
  }
}

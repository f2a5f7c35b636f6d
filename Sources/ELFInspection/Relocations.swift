/// Walks the relocations: they tell which bytes of the file change on loading, and which symbols are used.
struct Relocations {
  /// One more than the greatest index of a symbol that a relocation names.
  private(set) var symbolCount: UInt64 = 0
  private var walked: UInt64 = 0
  private let segments: Segments
  private let noteRange: Range<UInt64>
  /// The segment that the relocation before changed: the next one mostly changes it too.
  private var recent: Range<UInt64> = 0..<0

  init(_ segments: Segments, notes: NoteReader) {
    self.segments = segments
    let addresses = notes.notes.map(\.address)
    let ends = notes.notes.map { note -> UInt64 in
      let (end, overflow) = note.address.addingReportingOverflow(note.bytes)
      return overflow ? .max : end
    }
    // Eight bytes before: a relocation may begin before the note and reach into it.
    let low = (addresses.min() ?? 0)
    noteRange = (low >= 8 ? low - 8 : 0)..<max(low, ends.max() ?? 0)
  }

  mutating func walk(
    _ dynamic: DynamicSection, _ reader: inout WindowedReader, _ notes: inout NoteReader
  ) throws(ELFFault) {
    if let entry = dynamic[ELF.Tag.relocationEntry], entry != UInt64(ELF.relocationSize) {
      throw .wrongEntrySize(table: "the relocations (DT_RELAENT)", found: entry, wanted: ELF.relocationSize)
    }
    if let kind = dynamic[ELF.Tag.pltRelocationKind], kind != ELF.Tag.relocations {
      throw .brokenTable(
        what: "the table of the PLT's relocations", reason: "is of kind \(kind) (DT_PLTREL), wanted 7 (DT_RELA)")
    }
    try walkTable(
      "the relocations", at: dynamic[ELF.Tag.relocations], bytes: dynamic[ELF.Tag.relocationsSize], &reader, &notes)
    try walkTable(
      "the relocations of the PLT", at: dynamic[ELF.Tag.pltRelocations],
      bytes: dynamic[ELF.Tag.pltRelocationsSize], &reader, &notes)
    try walkPacked(dynamic, &reader, &notes)
  }

  /// Elf64_Rela: `u64 offset, u64 info (symbol << 32 | type), i64 addend`.
  private mutating func walkTable(
    _ what: String, at address: UInt64?, bytes: UInt64?, _ reader: inout WindowedReader, _ notes: inout NoteReader
  ) throws(ELFFault) {
    guard let address, let bytes, bytes > 0 else { return }
    let start = try segments.fileOffset(what, of: address, count: bytes)
    let count = bytes / UInt64(ELF.relocationSize)
    try spend(count)
    for index in 0..<count {
      let at = try reader.locate(what, at: start + index * UInt64(ELF.relocationSize), count: ELF.relocationSize)
      symbolCount = max(symbolCount, UInt64(reader.window.u32(at: at + 12)) + 1)
      // Type 0 says that there is nothing to do, wherever.
      if reader.window.u32(at: at + 8) != 0 { try mark(reader.window.u64(at: at), &notes) }
    }
  }

  /// DT_RELR: an even word is an address, an odd one a bitmap of the 63 words that follow it.
  private mutating func walkPacked(
    _ dynamic: DynamicSection, _ reader: inout WindowedReader, _ notes: inout NoteReader
  ) throws(ELFFault) {
    let what = "the packed relocations"
    guard let address = dynamic[ELF.Tag.packedRelocations], let bytes = dynamic[ELF.Tag.packedRelocationsSize],
      bytes > 0
    else { return }
    let start = try segments.fileOffset(what, of: address, count: bytes)
    try spend(bytes / 8)
    var next: UInt64 = 0
    for index in 0..<bytes / 8 {
      let at = try reader.locate(what, at: start + index * 8, count: 8)
      let word = reader.window.u64(at: at)
      if word & 1 == 0 {
        try mark(word, &notes)
        next = word &+ 8
      } else {
        for bit in 0..<63 as Range<UInt64> where (word >> (bit + 1)) & 1 == 1 { try mark(next &+ bit &* 8, &notes) }
        next = next &+ 63 &* 8
      }
    }
  }

  private mutating func spend(_ count: UInt64) throws(ELFFault) {
    walked += count  // each count is bounded by the file's size
    guard walked <= UInt64(ELFLimits.relocations) else {
      throw .tooMany(what: "relocations", found: walked, limit: ELFLimits.relocations)
    }
  }

  @inline(__always)
  private mutating func mark(_ address: UInt64, _ notes: inout NoteReader) throws(ELFFault) {
    if !recent.contains(address) { recent = try memory(holding: address) }
    if noteRange.contains(address) { notes.markRelocated(at: address) }
  }

  /// The dynamic linker writes wherever a relocation says.
  private func memory(holding address: UInt64) throws(ELFFault) -> Range<UInt64> {
    for load in segments.loads where address >= load.address && address - load.address < load.memoryBytes {
      return load.address..<load.address + load.memoryBytes
    }
    throw .relocationOutside(address: address)
  }
}

/// Reads the notes of all PT_NOTE segments: `u32 namesz, u32 descsz, u32 type`, name and description, each padded.
/// The padding is the segment's own alignment: 8 means 8, anything up to 4 means 4, as readelf and glibc have it.
struct NoteReader {
  /// Notes with the address at which each is loaded.
  private(set) var notes: [(note: ELFNote, address: UInt64, bytes: UInt64)] = []

  mutating func read(_ segments: Segments, _ reader: inout WindowedReader) throws(ELFFault) {
    // `objcopy --remove-section=.note.*` leaves an empty PT_NOTE behind.
    for segment in segments.all where segment.type == ELF.Segment.note && segment.fileBytes > 0 {
      guard segment.alignment <= 4 || segment.alignment == 8 else {
        throw .noteAlignment(segment: segment.index, found: segment.alignment)
      }
      let bytes = try reader.bytes(
        "note segment \(segment.index)", at: segment.offset, count: segment.fileBytes,
        limit: ELFLimits.noteSegmentBytes)
      try read(bytes, of: segment, in: segments, alignment: segment.alignment == 8 ? 8 : 4)
    }
  }

  private mutating func read(
    _ bytes: [UInt8], of segment: Segment, in segments: Segments, alignment: Int
  ) throws(ELFFault) {
    var at = 0
    while at < bytes.count {
      let offset = segment.offset + UInt64(at)
      guard bytes.count - at >= ELF.noteHeaderSize else {
        // A linker may pad the end of the segment with zeros; anything else is a note that was cut.
        guard bytes[at...].allSatisfy({ $0 == 0 }) else {
          throw .noteTrailingBytes(offset: offset, count: bytes.count - at)
        }
        return
      }
      let nameBytes = bytes.u32(at: at)
      let contentBytes = bytes.u32(at: at + 4)
      let name = at + ELF.noteHeaderSize
      guard Int(nameBytes) <= bytes.count - name else {
        throw .noteOverrun(offset: offset, field: "namesz", found: nameBytes, remaining: bytes.count - name)
      }
      let content = min(padded(name + Int(nameBytes), alignment), bytes.count)
      guard Int(contentBytes) <= bytes.count - content else {
        throw .noteOverrun(offset: offset, field: "descsz", found: contentBytes, remaining: bytes.count - content)
      }
      // The last note's padding may be missing.
      let end = min(padded(content + Int(contentBytes), alignment), bytes.count)
      guard notes.count < ELFLimits.notes else {
        throw .tooMany(what: "notes", found: UInt64(notes.count) + 1, limit: ELFLimits.notes)
      }
      var owner = bytes[name..<name + Int(nameBytes)]
      while owner.last == 0 { owner.removeLast() }
      let length = UInt64(end - at)
      let note = ELFNote(
        owner: String(decoding: owner, as: UTF8.self), type: bytes.u32(at: at + 8),
        content: Array(bytes[content..<content + Int(contentBytes)]), offset: offset,
        isWritable: segments.isWritable(offset: offset, count: length))
      notes.append((note, segment.address &+ UInt64(at), length))
      at = end
    }
  }

  private func padded(_ position: Int, _ alignment: Int) -> Int { (position + alignment - 1) & ~(alignment - 1) }

  /// Marks the notes that a relocation at `address` changes.
  mutating func markRelocated(at address: UInt64) {
    for index in notes.indices
    where address &+ 8 > notes[index].address && address < notes[index].address &+ notes[index].bytes {
      notes[index].note.isRelocated = true
    }
  }
}

/// Checks of the program headers that describe parts of the loaded object. The dynamic linker follows them without a
/// look: a wrong one makes it read, or protect, memory that is not the object's.
extension Segments {
  /// Of these glibc takes the last, other readers the first.
  func checkRepeated() throws(ELFFault) {
    for kind in Self.kinds where kind.isSingle {
      let found = all.filter { $0.type == kind.type }
      guard found.count <= 1 else {
        throw .segmentRepeated(kind: kind.name, first: found[0].index, second: found[1].index)
      }
    }
  }

  /// After `checkLoads`.
  func checkPlaces(_ header: FileHeader) throws(ELFFault) {
    for segment in all {
      switch segment.type {
      case ELF.Segment.headers:
        let bytes = UInt64(header.programHeaderCount * ELF.programHeaderSize)
        guard segment.offset == header.programHeaders else { throw elsewhere(segment) }
        try checkLoaded(segment, bytes: bytes)
      case ELF.Segment.note, ELF.Segment.properties:
        try checkLoaded(segment, bytes: max(segment.fileBytes, segment.memoryBytes))
      case ELF.Segment.tls: try checkThreadLocal(segment)
      case ELF.Segment.relro: try checkRelro(segment)
      default: break
      }
    }
  }

  /// The bytes that the segment names in the file are those that are loaded at its address.
  private func checkLoaded(_ segment: Segment, bytes: UInt64) throws(ELFFault) {
    // `objcopy --remove-section=.note.*` leaves an empty PT_NOTE behind.
    guard bytes > 0 else { return }
    let loaded = try? fileOffset("", of: segment.address, count: bytes)
    guard loaded == segment.offset else { throw elsewhere(segment) }
  }

  /// The initial bytes are copied for every thread.
  private func checkThreadLocal(_ segment: Segment) throws(ELFFault) {
    guard segment.fileBytes <= segment.memoryBytes else {
      throw .segmentShrinks(
        index: segment.index, fileBytes: segment.fileBytes, memoryBytes: segment.memoryBytes)
    }
    guard segment.memoryBytes <= UInt64(ELFLimits.threadLocalBytes) else {
      throw .tooLarge(
        what: "the thread-local memory (PT_TLS)", found: segment.memoryBytes, limit: ELFLimits.threadLocalBytes)
    }
    guard segment.alignment & (segment.alignment &- 1) == 0 else {
      throw .segmentAlignment(index: segment.index, found: segment.alignment, least: 1)
    }
    try checkLoaded(segment, bytes: segment.fileBytes)
  }

  /// What becomes read-only after loading: linkers round its end up to a page.
  private func checkRelro(_ segment: Segment) throws(ELFFault) {
    let page = ELF.pageBytes
    let isInside = loads.contains { load in
      guard load.isWritable, segment.address >= load.address else { return false }
      let tail = (page - (load.address + load.memoryBytes) % page) % page
      let (room, overflow) = load.memoryBytes.addingReportingOverflow(tail)
      let distance = segment.address - load.address
      return !overflow && distance <= room && segment.memoryBytes <= room - distance
    }
    guard isInside || segment.memoryBytes == 0 else {
      throw .segmentOutside(
        kind: "PT_GNU_RELRO", index: segment.index, address: segment.address, memoryBytes: segment.memoryBytes)
    }
  }

  private func elsewhere(_ segment: Segment) -> ELFFault {
    let kind = Self.kinds.first { $0.type == segment.type }?.name ?? "type \(segment.type)"
    return .segmentElsewhere(kind: kind, index: segment.index, offset: segment.offset, address: segment.address)
  }

  private static let kinds: [(type: UInt32, name: String, isSingle: Bool)] = [
    (ELF.Segment.dynamic, "PT_DYNAMIC", true), (ELF.Segment.note, "PT_NOTE", false),
    (ELF.Segment.headers, "PT_PHDR", true), (ELF.Segment.tls, "PT_TLS", true),
    (ELF.Segment.stack, "PT_GNU_STACK", true), (ELF.Segment.relro, "PT_GNU_RELRO", true),
    (ELF.Segment.properties, "PT_GNU_PROPERTY", true),
  ]
}

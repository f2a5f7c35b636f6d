/// The ELF header, checked to be that of a 64-bit little-endian shared object.
struct FileHeader {
  let machine: ELFMachine
  let programHeaders: UInt64
  let programHeaderCount: Int

  init(_ reader: inout WindowedReader) throws(ELFFault) {
    guard reader.size > 0 else { throw .empty }
    let begin = try reader.bytes("the ELF header", at: 0, count: UInt64(min(4, reader.size)), limit: 4)
    guard begin == ELF.magic else { throw .notELF(found: begin) }
    let at = try reader.locate("the ELF header", at: 0, count: ELF.headerSize)
    let bytes = reader.window
    guard bytes[at + 4] == 2 else { throw .wrongClass(found: bytes[at + 4]) }
    guard bytes[at + 5] == 1 else { throw .wrongByteOrder(found: bytes[at + 5]) }
    guard bytes[at + 6] == 1 else { throw .wrongVersion(field: "EI_VERSION", found: UInt32(bytes[at + 6])) }
    // What glibc takes; another system's objects would be read with the wrong meanings.
    guard bytes[at + 7] == 0 || bytes[at + 7] == 3 else { throw .wrongOSABI(found: bytes[at + 7]) }
    // Both are zero in everything that linkers write; glibc refuses anything else.
    guard bytes[at + 8] == 0 else { throw .wrongIdentification(field: "EI_ABIVERSION", found: bytes[at + 8]) }
    if let pad = bytes[at + 9..<at + 16].firstIndex(where: { $0 != 0 }) {
      throw .wrongIdentification(field: "the padding byte \(pad - at) of e_ident", found: bytes[pad])
    }
    guard bytes.u16(at: at + 16) == 3 else { throw .wrongType(found: bytes.u16(at: at + 16)) }
    guard bytes.u32(at: at + 20) == 1 else { throw .wrongVersion(field: "e_version", found: bytes.u32(at: at + 20)) }

    machine = ELFMachine(number: bytes.u16(at: at + 18))
    programHeaders = bytes.u64(at: at + 32)
    let entrySize = bytes.u16(at: at + 54)
    programHeaderCount = Int(bytes.u16(at: at + 56))
    guard programHeaderCount > 0 else { throw .noProgramHeaders }
    guard Int(entrySize) == ELF.programHeaderSize else {
      throw .wrongEntrySize(
        table: "the program headers (e_phentsize)", found: UInt64(entrySize), wanted: ELF.programHeaderSize)
    }
    guard programHeaderCount <= ELFLimits.programHeaders else {
      throw .tooMany(
        what: "program headers", found: UInt64(programHeaderCount), limit: ELFLimits.programHeaders)
    }
  }
}

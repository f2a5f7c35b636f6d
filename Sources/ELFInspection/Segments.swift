/// One program header.
struct Segment {
  let index: Int
  let type: UInt32
  let flags: UInt32
  let offset: UInt64
  let address: UInt64
  let fileBytes: UInt64
  let memoryBytes: UInt64
  let alignment: UInt64

  var isWritable: Bool { flags & ELF.Segment.writable != 0 }
}

/// The program headers: what a loader sees. Section headers are never read, a file may have none.
struct Segments {
  let all: [Segment]
  /// PT_LOAD, ascending and without overlap.
  let loads: [Segment]

  init(_ reader: inout WindowedReader, header: FileHeader) throws(ELFFault) {
    let size = UInt64(ELF.programHeaderSize)
    try reader.check(
      "the table of program headers", at: header.programHeaders, count: UInt64(header.programHeaderCount) * size)
    var all: [Segment] = []
    for index in 0..<header.programHeaderCount {
      let offset = header.programHeaders + UInt64(index) * size
      let at = try reader.locate("a program header", at: offset, count: ELF.programHeaderSize)
      let bytes = reader.window
      all.append(
        Segment(
          index: index, type: bytes.u32(at: at), flags: bytes.u32(at: at + 4), offset: bytes.u64(at: at + 8),
          address: bytes.u64(at: at + 16), fileBytes: bytes.u64(at: at + 32), memoryBytes: bytes.u64(at: at + 40),
          alignment: bytes.u64(at: at + 48)))
    }
    self.all = all
    self.loads = all.filter { $0.type == ELF.Segment.load }
    try checkRepeated()
  }

  /// Refuses loads that a loader would refuse or that two readers could understand differently.
  func checkLoads(_ reader: WindowedReader) throws(ELFFault) {
    var previousEnd: UInt64 = 0
    for load in loads {
      guard load.fileBytes <= load.memoryBytes else {
        throw .segmentShrinks(index: load.index, fileBytes: load.fileBytes, memoryBytes: load.memoryBytes)
      }
      try reader.check("segment \(load.index)", at: load.offset, count: load.fileBytes)
      let (end, overflow) = load.address.addingReportingOverflow(load.memoryBytes)
      guard !overflow, end <= ELF.addressSpace else {
        throw .segmentWraps(index: load.index, address: load.address, memoryBytes: load.memoryBytes)
      }
      guard load.alignment >= ELF.pageBytes, load.alignment & (load.alignment - 1) == 0 else {
        throw .segmentAlignment(index: load.index, found: load.alignment, least: ELF.pageBytes)
      }
      guard (load.address &- load.offset) & (load.alignment - 1) == 0 else {
        throw .segmentMisaligned(
          index: load.index, offset: load.offset, address: load.address, alignment: load.alignment)
      }
      guard load.address >= previousEnd else {
        throw .segmentsOverlap(index: load.index, address: load.address, previousEnd: previousEnd)
      }
      guard previousEnd == 0 || load.address / ELF.pageBytes > (previousEnd - 1) / ELF.pageBytes else {
        throw .segmentsShareAPage(index: load.index, address: load.address, previousEnd: previousEnd)
      }
      previousEnd = end
    }
  }

  func first(_ type: UInt32) -> Segment? { all.first { $0.type == type } }

  /// The file offset of `count` bytes that are loaded at `address`.
  func fileOffset(_ what: String, of address: UInt64, count: UInt64) throws(ELFFault) -> UInt64 {
    for load in loads where address >= load.address {
      let distance = address - load.address
      // No overflow: checkLoads has bounded offset + fileBytes by the size of the file.
      if distance <= load.fileBytes, count <= load.fileBytes - distance { return load.offset + distance }
    }
    throw .unmapped(what: what, address: address)
  }

  /// True if the address lies in bytes of the file that are loaded to be executed.
  func isExecutable(_ address: UInt64) -> Bool {
    loads.contains {
      $0.flags & ELF.Segment.executable != 0 && address >= $0.address && address - $0.address < $0.fileBytes
    }
  }

  /// Indices of segments that are loaded to be written and executed.
  var writableCode: [Int] {
    loads.filter { $0.isWritable && $0.flags & ELF.Segment.executable != 0 }.map(\.index)
  }

  /// True if any byte of the file's range is loaded into memory that the program may write.
  func isWritable(offset: UInt64, count: UInt64) -> Bool {
    loads.contains {
      $0.isWritable && offset < $0.offset &+ $0.fileBytes && $0.offset < offset &+ count
    }
  }
}

import OmphalosValues

/// What is wrong with a file that was to be read as a shared object. Each case carries its facts.
public enum ELFFault: Error, Sendable, Hashable {
  case unreadable(reason: String)
  case empty
  /// `found`: the first bytes, at most four.
  case notELF(found: [UInt8])
  /// `what` needs bytes up to `end`, and the file ends at `size`.
  case truncated(what: String, offset: UInt64, end: UInt64, size: Int)
  case wrongClass(found: UInt8)
  case wrongByteOrder(found: UInt8)
  case wrongVersion(field: String, found: UInt32)
  case wrongOSABI(found: UInt8)
  case wrongIdentification(field: String, found: UInt8)
  case wrongType(found: UInt16)
  /// ET_DYN, but DF_1_PIE: a program, which the dynamic linker refuses to load as a library.
  case program
  case noProgramHeaders
  case wrongEntrySize(table: String, found: UInt64, wanted: Int)
  case tooMany(what: String, found: UInt64, limit: Int)
  case tooLarge(what: String, found: UInt64, limit: Int)
  case segmentShrinks(index: Int, fileBytes: UInt64, memoryBytes: UInt64)
  case segmentWraps(index: Int, address: UInt64, memoryBytes: UInt64)
  case segmentMisaligned(index: Int, offset: UInt64, address: UInt64, alignment: UInt64)
  case segmentAlignment(index: Int, found: UInt64, least: UInt64)
  case segmentsOverlap(index: Int, address: UInt64, previousEnd: UInt64)
  /// Two segments on one page: the dynamic linker maps whole pages, and the later segment's page hides the earlier's.
  case segmentsShareAPage(index: Int, address: UInt64, previousEnd: UInt64)
  /// Of some kinds a file has at most one segment: of several, readers take different ones.
  case segmentRepeated(kind: String, first: Int, second: Int)
  /// A segment that describes a part of the loaded object names another place, or none.
  case segmentElsewhere(kind: String, index: Int, offset: UInt64, address: UInt64)
  case segmentOutside(kind: String, index: Int, address: UInt64, memoryBytes: UInt64)
  case noDynamicSection
  /// PT_DYNAMIC's file offset and address name different bytes: tools and the dynamic linker would read differently.
  case dynamicSectionElsewhere(offset: UInt64, address: UInt64)
  case dynamicSectionUnterminated(entries: Int)
  /// An address of the dynamic section lies in no PT_LOAD.
  case unmapped(what: String, address: UInt64)
  case relocationOutside(address: UInt64)
  case missingTag(needed: String, by: String)
  case nameOutside(what: String, offset: UInt64, tableBytes: Int)
  case nameUnterminated(what: String, offset: UInt64)
  case noteAlignment(segment: Int, found: UInt64)
  case noteOverrun(offset: UInt64, field: String, found: UInt32, remaining: Int)
  case noteTrailingBytes(offset: UInt64, count: Int)
  /// A version is needed of a library that is not.
  case versionOfStranger(library: String)
  case brokenTable(what: String, reason: String)

  /// The rest of a sentence that begins with the file's name.
  var predicate: String {
    switch self {
    case .unreadable(let reason): return "cannot be read: \(reason)"
    case .empty: return "is not an ELF file: it is empty"
    case .notELF(let found):
      return "is not an ELF file: it begins with \(hexBytes(found)), wanted 7f 45 4c 46"
    case .truncated(let what, let offset, let end, let size):
      return "is truncated: \(what) at offset \(offset) needs bytes up to \(end), and the file ends at \(size)"
    case .wrongClass(let found):
      let name = found == 1 ? "1 (32-bit)" : "\(found)"
      return "has the wrong ELF class: EI_CLASS is \(name), wanted 2 (64-bit)"
    case .wrongByteOrder(let found):
      let name = found == 2 ? "2 (big-endian)" : "\(found)"
      return "has the wrong byte order: EI_DATA is \(name), wanted 1 (little-endian)"
    case .wrongVersion(let field, let found): return "has an unknown ELF version: \(field) is \(found), wanted 1"
    case .wrongOSABI(let found):
      return "is for another system: EI_OSABI is \(found), wanted 0 (System V) or 3 (GNU/Linux)"
    case .wrongIdentification(let field, let found):
      return "has an unknown ELF identification: \(field) is \(found), wanted 0"
    case .wrongType(let found):
      return "is \(ELFFault.typeName(found)), wanted a shared object (ET_DYN, 3): link it with -shared"
    case .program:
      return "is a position-independent program (DF_1_PIE), wanted a shared object: link it with -shared, without -pie"
    case .noProgramHeaders: return "has no program headers: e_phnum is 0, so nothing of it can be loaded"
    case .wrongEntrySize(let table, let found, let wanted):
      return "is malformed: an entry of \(table) has \(found) bytes, wanted \(wanted)"
    case .tooMany(let what, let found, let limit): return "has too many \(what): \(found), at most \(limit) are read"
    case .tooLarge(let what, let found, let limit):
      return "is malformed or absurd: \(what) has \(found) bytes, at most \(limit) are read"
    default: return layoutPredicate
    }
  }

  private var layoutPredicate: String {
    switch self {
    case .segmentShrinks(let index, let fileBytes, let memoryBytes):
      return "is malformed: segment \(index) has \(fileBytes) bytes in the file but only \(memoryBytes) in memory"
    case .segmentWraps(let index, let address, let memoryBytes):
      return "is malformed: segment \(index) at address \(hex(address)) with \(memoryBytes) bytes leaves the address "
        + "space"
    case .segmentMisaligned(let index, let offset, let address, let alignment):
      return "is malformed: segment \(index) has file offset \(hex(offset)) and address \(hex(address)), which differ "
        + "modulo its alignment \(hex(alignment))"
    case .segmentAlignment(let index, let found, let least):
      return "is malformed: segment \(index) has alignment \(hex(found)), wanted a power of two of at least \(hex(least))"
    case .segmentsShareAPage(let index, let address, let previousEnd):
      return "is malformed: segment \(index) begins at address \(hex(address)), on the page on which the one before it "
        + "ends (\(hex(previousEnd)))"
    case .segmentRepeated(let kind, let first, let second):
      return "is malformed: segments \(first) and \(second) are both \(kind), wanted one"
    case .segmentElsewhere(let kind, let index, let offset, let address):
      return "is malformed: segment \(index) (\(kind)) names file offset \(hex(offset)), but its address "
        + "\(hex(address)) is not loaded from there"
    case .segmentOutside(let kind, let index, let address, let memoryBytes):
      return "is malformed: segment \(index) (\(kind)) has \(memoryBytes) bytes at address \(hex(address)), which are not "
        + "all in one writable segment"
    case .segmentsOverlap(let index, let address, let previousEnd):
      return "is malformed: segment \(index) begins at address \(hex(address)), before the end of the one before it "
        + "(\(hex(previousEnd)))"
    case .noDynamicSection:
      return "has no dynamic section: it is a file of debug information or a static program, wanted the shared object"
    case .dynamicSectionElsewhere(let offset, let address):
      return "is malformed: PT_DYNAMIC names file offset \(hex(offset)), but its address \(hex(address)) is loaded "
        + "from elsewhere"
    case .dynamicSectionUnterminated(let entries):
      return "is malformed: the dynamic section has \(entries) entries and no DT_NULL at its end"
    case .unmapped(let what, let address):
      return "is malformed: \(what) at address \(hex(address)) lies in no loaded part of the file"
    case .relocationOutside(let address):
      return "is malformed: a relocation changes address \(hex(address)), which lies in no loaded segment"
    case .missingTag(let needed, let by): return "is malformed: the dynamic section has \(by) but no \(needed)"
    case .nameOutside(let what, let offset, let tableBytes):
      return "is malformed: \(what) is at offset \(offset) of the string table, which has \(tableBytes) bytes"
    case .nameUnterminated(let what, let offset):
      return "is malformed: \(what) at offset \(offset) of the string table does not end within it"
    case .noteAlignment(let segment, let found):
      return "has a corrupt note segment (segment \(segment)): alignment \(found), expecting 4 or 8; give the note "
        + "aligned(4)"
    case .noteOverrun(let offset, let field, let found, let remaining):
      return "has a corrupt note at offset \(offset): \(field) is \(found), but only \(remaining) bytes remain in its "
        + "segment"
    case .noteTrailingBytes(let offset, let count):
      return "has a corrupt note segment: \(count) bytes remain at offset \(offset), a note needs 12"
    case .versionOfStranger(let library):
      return "is malformed: it needs a version of the library \(quotedForMessage(library)), which no DT_NEEDED names"
    case .brokenTable(let what, let reason): return "is malformed: \(what) \(reason)"
    default: return "is malformed"
    }
  }

  private static func typeName(_ type: UInt16) -> String {
    switch type {
    case 1: "an object file (ET_REL, 1)"
    case 2: "an executable (ET_EXEC, 2)"
    case 4: "a core dump (ET_CORE, 4)"
    default: "an ELF file of type \(type)"
    }
  }
}

/// A file that is not a shared object we can read, and why.
public struct ELFError: Error, Diagnosable, Sendable, Hashable {
  public let file: String
  public let fault: ELFFault

  public init(file: String, fault: ELFFault) {
    self.file = file
    self.fault = fault
  }

  public var message: String { "\(printable(file)) \(fault.predicate)" }
  public var description: String { message }
  public var exitCode: ExitCode { .badData }
}

func hex(_ value: UInt64) -> String { "0x" + String(value, radix: 16) }

/// "7f 45 4c 46"
func hexBytes(_ bytes: [UInt8]) -> String {
  bytes.map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined(separator: " ")
}

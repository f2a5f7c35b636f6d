import OmphalosValues

/// Reads the facts of a shared object from its bytes. Nothing is mapped and nothing is executed; every offset and count
/// is checked, and any input ends in facts or in one `ELFError` (`ELFLimits` bounds time and memory).
public enum ELFInspector {
  public static func inspect(_ source: some ByteSource) throws(ELFError) -> ELFObject {
    do throws(ELFFault) {
      return try object(of: source)
    } catch {
      throw ELFError(file: source.name, fault: error)
    }
  }

  private static func object(of source: any ByteSource) throws(ELFFault) -> ELFObject {
    var reader = WindowedReader(source)
    let header = try FileHeader(&reader)
    let segments = try Segments(&reader, header: header)
    let dynamic = try DynamicSection(segments, &reader)
    try segments.checkPlaces(header)
    guard !dynamic.flag(ELF.Flag.executable, of: ELF.Tag.flags1) else { throw .program }

    var notes = NoteReader()
    try notes.read(segments, &reader)
    var relocations = Relocations(segments, notes: notes)
    try relocations.walk(dynamic, &reader, &notes)

    var strings = try StringTable(dynamic, segments, &reader)
    let symbols = try Symbols(dynamic, segments, &reader, &strings, relocated: relocations.symbolCount)
    var needed: [String] = []
    for offset in dynamic.neededOffsets {
      let name = try strings.fileName("a DT_NEEDED entry", at: offset)
      guard !name.isEmpty else { throw .brokenTable(what: "a DT_NEEDED entry", reason: "is empty") }
      needed.append(name)
    }
    try symbols.checkLibraries(needed)
    func text(_ tag: UInt64, _ what: String) throws(ELFFault) -> String? {
      guard let offset = dynamic[tag] else { return nil }
      return try strings.fileName(what, at: offset)
    }
    let bindNow =
      dynamic[ELF.Tag.bindNow] != nil || dynamic.flag(ELF.Flag.bindNow, of: ELF.Tag.flags)
      || dynamic.flag(ELF.Flag.now, of: ELF.Tag.flags1)
    return ELFObject(
      size: reader.size, machine: header.machine, notes: notes.notes.map(\.note),
      soname: try text(ELF.Tag.soname, "DT_SONAME"), needed: needed,
      rpath: try text(ELF.Tag.rpath, "DT_RPATH"), runpath: try text(ELF.Tag.runpath, "DT_RUNPATH"),
      hasTextRelocations: dynamic[ELF.Tag.textRelocations] != nil
        || dynamic.flag(ELF.Flag.textRelocations, of: ELF.Tag.flags),
      hasExecutableStack: hasExecutableStack(segments, header.machine),
      hasStackHeader: segments.first(ELF.Segment.stack) != nil, writableCodeSegments: segments.writableCode,
      relro: segments.first(ELF.Segment.relro) == nil ? .none : bindNow ? .full : .partial, bindNow: bindNow,
      hasStaticTLS: dynamic.flag(ELF.Flag.staticTLS, of: ELF.Tag.flags),
      tlsBytes: segments.first(ELF.Segment.tls)?.memoryBytes ?? 0,
      isNeverUnloaded: dynamic.flag(ELF.Flag.noDelete, of: ELF.Tag.flags1),
      initializers: Int(clamping: (dynamic[ELF.Tag.initializerArraySize] ?? 0) / 8),
      hasFinalizers: dynamic[ELF.Tag.finalizer] != nil || (dynamic[ELF.Tag.finalizerArraySize] ?? 0) > 0,
      indirectFunctions: symbols.indirectFunctions, imports: symbols.imports, exports: symbols.exports,
      neededVersions: symbols.versions.needed, definedVersions: symbols.versions.defined)
  }

  /// Without PT_GNU_STACK glibc falls back to the machine's default, which is executable on x86-64.
  private static func hasExecutableStack(_ segments: Segments, _ machine: ELFMachine) -> Bool {
    guard let stack = segments.first(ELF.Segment.stack) else { return machine == .x86_64 }
    return stack.flags & ELF.Segment.executable != 0
  }
}

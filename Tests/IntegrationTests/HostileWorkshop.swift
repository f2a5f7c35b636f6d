import Foundation
import Synchronization
import TestSupport

/// How a member of the corpus is made.
struct HostileFile: Sendable {
  /// Names equal files: each is made once.
  let key: String
  let make: @Sendable () throws -> [UInt8]

  /// `base.c` with these defines.
  static func base(_ defines: [String: String] = [:], flags: [String] = []) -> HostileFile {
    let words = defines.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" } + flags
    return HostileFile(key: "base " + words.joined(separator: " ")) { try HostileWorkshop.compile(words) }
  }

  /// `base.c` whose entry first does this.
  static func entry(_ statement: String, globals: String = "") -> HostileFile {
    base(["ON_ENTRY": statement, "GLOBALS": globals])
  }

  /// `base.c` whose entry returns this expression, after such statements.
  static func returning(_ expression: String, after statement: String = "") -> HostileFile {
    base(["RETURNED": expression, "ON_ENTRY": statement])
  }

  /// `base.c` without its note, and notes of these sources.
  static func notes(_ sources: String) -> HostileFile {
    HostileFile(key: "notes " + sources) { try HostileWorkshop.compile(["-DOWN_NOTE"], more: sources) }
  }

  /// A declaration note with these bytes for its text.
  static func note(_ text: [UInt8]) -> HostileFile { notes(noteSource("declaration", type: 1, bytes: text)) }
  static func note(_ text: String) -> HostileFile { note(Array(text.utf8)) }

  /// `base.c` with a declaration of all its capabilities that is changed as the descriptor is.
  static func declared(
    _ note: [String: String], _ defines: [String: String] = [:], header: HostileHeader = .real
  ) -> HostileFile {
    let text = HostileNote.text(["capabilities": HostileNote.capabilities()].merging(note) { _, new in new })
    let words = ["-DOWN_NOTE"] + defines.sorted { $0.key < $1.key }.map { "-D\($0.key)=\($0.value)" }
    return HostileFile(key: "declared \(note) \(words) \(header.name)") {
      try header.withFolder { include in
        try HostileWorkshop.compile(words, more: noteSource("declaration", type: 1, bytes: text), include: include)
      }
    }
  }

  /// A declaration of all capabilities with a schema for the exporter, and statements of the entry.
  static func schema(_ schema: String, _ statement: String = "") -> HostileFile {
    let declaration = HostileNote.text(["capabilities": HostileNote.capabilities()])
    let notes = noteSource("a", type: 1, bytes: declaration) + noteSource("b", type: 2, bytes: Array("{\"product\":\(schema)}".utf8))
    return HostileFile(key: "schema \(schema) \(statement)") {
      try HostileWorkshop.compile(["-DOWN_NOTE", "-DON_ENTRY=\(statement)"], more: notes)
    }
  }

  /// A file with some bytes changed.
  static func patched(
    _ what: String, of original: HostileFile = patchable, _ change: @escaping @Sendable (inout ELFImage) throws -> Void
  ) -> HostileFile {
    HostileFile(key: "\(original.key) with \(what)") {
      var image = try HostileWorkshop.image(original)
      try change(&image)
      return image.bytes
    }
  }

  static func bytes(_ bytes: [UInt8]) -> HostileFile {
    HostileFile(key: "bytes \(bytes.count) \(bytes.prefix(64))") { bytes }
  }

  /// An admissible plugin with one of everything that a patch may want to break.
  static let patchable = base(
    flags: ["-Wl,-soname,libhostile.so", "-Wl,--hash-style=both", "-Wl,--build-id", "-Wl,-z,relro"])
}

/// Makes the files of the corpus, each once in the life of the test process.
enum HostileWorkshop {
  private final class Slot: Sendable { let bytes = Mutex<[UInt8]?>(nil) }
  private static let slots = Mutex<[String: Slot]>([:])

  static func image(_ file: HostileFile) throws -> ELFImage {
    let slot = slots.withLock { slots in
      let slot = slots[file.key] ?? Slot()
      slots[file.key] = slot
      return slot
    }
    return ELFImage(
      try slot.bytes.withLock { bytes in
        let made = try bytes ?? file.make()
        bytes = made
        return made
      })
  }

  static let folder = Compiler.root + "/Tests/Fixtures/hostile"

  /// Compiles `base.c` and, if given, one more source.
  static func compile(
    _ flags: [String], more source: String? = nil, include: String = Compiler.include
  ) throws -> [UInt8] {
    let scratch = try TemporaryFolder()
    var inputs = [folder + "/base.c"]
    if let source { inputs.append(try scratch.write("more.c", source)) }
    return try link(inputs, flags, include: include, scratch)
  }

  /// Warnings are off: what is wrong is so on purpose.
  static func link(
    _ inputs: [String], _ flags: [String], include: String = Compiler.include, _ scratch: TemporaryFolder
  ) throws -> [UInt8] {
    let command =
      Compiler.c + ["-shared", "-fPIC", "-w", "-I", include, "-o", scratch.file("hostile.so")] + inputs + flags
    let result = try Shell.run(command)
    guard result.status == 0 else {
      throw Compiler.Failure(description: command.joined(separator: " ") + "\n" + result.stderr)
    }
    return try scratch.read("hostile.so")
  }
}

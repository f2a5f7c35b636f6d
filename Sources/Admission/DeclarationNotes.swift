import ELFInspection
import OmphalosValues

/// The notes of owner "omphalOS" among those of a file: at most one of each type, in memory that stays as the file has
/// it.
struct DeclarationNotes {
  static let owner = "omphalOS"
  static let declarationType: UInt32 = 1
  static let schemasType: UInt32 = 2

  private let notes: [ELFNote]

  init(_ notes: [ELFNote]) { self.notes = notes.filter { $0.owner == Self.owner } }

  /// nil when there is no note of ours at all.
  var declaration: Result<Declaration, DeclarationError>? {
    let declarations = notes.filter { $0.type == Self.declarationType }
    let schemas = notes.filter { $0.type == Self.schemasType }
    var reasons = misplaced + repeated(declarations, "the declaration note") + repeated(schemas, "the schemas note")
    guard let note = declarations.first else {
      guard let stray = notes.first else { return nil }
      reasons.append(
        AdmissionReason(
          .badDeclaration, field: "the declaration note",
          found: "missing, although there is a note of type \(stray.type)",
          wanted: "one note of type 1", remedy: "write both with `omphalos plugin declare`"))
      return .failure(DeclarationError(reasons: reasons))
    }
    do throws(DeclarationError) {
      let declaration = try Declaration(
        declarationNote: note.content, schemasNote: schemas.first?.content)
      return reasons.isEmpty ? .success(declaration) : .failure(DeclarationError(reasons: reasons))
    } catch {
      return .failure(DeclarationError(reasons: reasons + error.reasons))
    }
  }

  private func repeated(_ notes: [ELFNote], _ what: String) -> [AdmissionReason] {
    guard notes.count > 1 else { return [] }
    let offsets = notes.map { String($0.offset) }.joined(separator: ", ")
    return [
      AdmissionReason(
        .badDeclaration, field: what, found: "there \(notes.count) times (at offsets \(offsets))", wanted: "one",
        remedy: "include the declaration in exactly one source file")
    ]
  }

  /// Notes that the running program holds differently from the file.
  private var misplaced: [AdmissionReason] {
    notes.flatMap { note -> [AdmissionReason] in
      var reasons: [AdmissionReason] = []
      let field = "the note at offset \(note.offset)"
      if note.isWritable {
        reasons.append(
          AdmissionReason(
            .badDeclaration, field: field, found: "in writable memory", wanted: "read-only memory",
            remedy: "make it a constant"))
      }
      if note.isRelocated {
        reasons.append(
          AdmissionReason(
            .badDeclaration, field: field, found: "changed by relocations on loading", wanted: "plain bytes",
            remedy: "let it hold no pointers"))
      }
      return reasons
    }
  }
}

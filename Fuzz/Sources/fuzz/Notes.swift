import OmphalosValues

@testable import Admission

func fuzzNotes(_ input: [UInt8]) {
  let (note, schemas) = parts(of: input)
  do throws(DeclarationError) {
    let declaration = try Declaration(declarationNote: note, schemasNote: schemas)
    promise(!declaration.capabilities.isEmpty, "a declaration without capabilities was accepted")
    for schema in declaration.schemas.values { promiseCanonical(schema) }
    let again = try Declaration(declarationNote: canonical(note), schemasNote: schemas.map(canonical))
    promise(again.withSortedUnknownMembers == declaration.withSortedUnknownMembers, "the canonical notes declare something else")
  } catch {
    promiseReasons(error)
  }
}

/// The canonical form of an accepted note.
private func canonical(_ note: [UInt8]) -> [UInt8] {
  let text = note.last == 0 ? Array(note.dropLast()) : note
  guard let value = try? JSONValue.parse(text) else {
    promise(false, "an accepted note is no JSON")
    return []
  }
  return value.canonicalBytes
}

/// Each reason names a field, what was found and what was wanted.
func promiseReasons(_ error: DeclarationError) {
  promise(!error.reasons.isEmpty, "a declaration was refused without a reason")
  for reason in error.reasons {
    promisePrintable(reason.sentence, of: "the declaration")
    promise(!reason.field.isEmpty, "a reason names no field: \(reason.sentence)")
    promise(!reason.found.isEmpty, "a reason does not say what was found: \(reason.sentence)")
    promise(!reason.wanted.isEmpty, "a reason does not say what was wanted: \(reason.sentence)")
  }
}

extension Declaration {
  /// Members that the host does not know are kept in the order of the text, which the canonical form changes.
  fileprivate var withSortedUnknownMembers: Declaration {
    Declaration(
      abi: abi, id: id, version: version, vendor: vendor, license: license, summary: summary, hermetic: hermetic,
      flags: flags, capabilities: capabilities, schemas: schemas,
      unknownMembers: unknownMembers.sorted { bytesPrecede($0.path, $1.path) })
  }
}

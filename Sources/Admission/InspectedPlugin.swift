import ELFInspection
import OmphalosValues

/// A freedesktop note, "owner FDO": what a distribution or a build system says of the object.
public struct PackageNote: Sendable, Hashable {
  public enum Kind: String, Sendable {
    /// 0xcafe1a7e, systemd's package metadata.
    case package
    /// 0x407c0c0a, libraries that the object opens by dlopen.
    case dlopen
  }
  public let kind: Kind
  /// The JSON of the note; nil if it is none.
  public let json: JSONValue?
  public let text: String
}

/// A plugin's file, read without executing any of it.
public struct InspectedPlugin: Sendable {
  /// The source's name, for messages.
  public let file: String
  public let object: ELFObject
  /// nil when the file carries no note of ours.
  public let declaration: Result<Declaration, DeclarationError>?
  public let packageNotes: [PackageNote]

  public static func inspect(_ source: some ByteSource) throws(ELFError) -> InspectedPlugin {
    let object = try ELFInspector.inspect(source)
    return InspectedPlugin(
      file: source.name, object: object, declaration: DeclarationNotes(object.notes).declaration,
      packageNotes: packageNotes(of: object))
  }

  private static func packageNotes(of object: ELFObject) -> [PackageNote] {
    object.notes.compactMap { note in
      guard note.owner == "FDO" else { return nil }
      let kind: PackageNote.Kind
      switch note.type {
      case 0xcafe_1a7e: kind = .package
      case 0x407c_0c0a: kind = .dlopen
      default: return nil
      }
      // The specification pads the text with NUL bytes.
      let text = note.content.prefix { $0 != 0 }
      return PackageNote(
        kind: kind, json: try? JSONValue.parse(Array(text)), text: String(decoding: text, as: UTF8.self))
    }
  }
}

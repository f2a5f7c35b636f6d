import Admission
import ELFInspection
import LinuxCalls
import OmphalosValues

extension OwnFiles {
  /// What the files of a plugin's folder are; what cannot be taken is added to `refusals`.
  static func inspect(
    _ files: [(path: String, file: File)], of plugin: ELFObject, _ refusals: inout [Refusal]
  ) -> OwnFiles {
    var inspected: [OwnFile] = []
    for (path, file) in files {
      do {
        inspected.append(try OwnFile.inspect(path, file))
      } catch let error as ELFError {
        refusals.append(.format(error))
      } catch let error as PartRefused {
        refusals.append(error.refusal)
      } catch {
        refusals.append(.part(path: path, found: "not readable (\(error))", wanted: "a readable file", remedy: "check it"))
      }
    }
    // A circle or a missing name among libraries of which one could not be read would be its consequence.
    return OwnFiles(refusals.isEmpty ? inspected : [], of: plugin)
  }
}

extension OwnFile {
  /// Reads what a file in a plugin's folder is: a library, where its name is one; code in any other place is refused,
  /// because nothing would say what it is for.
  ///
  /// - Throws: `ELFError`, or `Refusal.part` as `PartRefused`.
  static func inspect(_ path: String, _ source: File) throws -> OwnFile {
    if isLibraryName(path) {
      let object = try ELFInspector.inspect(NamedSource(source: source, name: path))
      return OwnFile(path: path, byteCount: UInt64(object.size), object: object)
    }
    let start = try source.read(at: 0, count: 4)
    guard start != [0x7f, 0x45, 0x4c, 0x46] else {
      throw PartRefused(
        refusal: .part(
          path: path, found: "an ELF file in a place where no library is",
          wanted: "libraries directly in the folder, named *.so or *.so.N, and no other code",
          remedy: "move it there, or remove it"))
    }
    return OwnFile(path: path, byteCount: try source.status().size, object: nil)
  }
}

struct PartRefused: Error {
  let refusal: Refusal
}

/// A file under the name that it has in the plugin, for messages.
private struct NamedSource: ByteSource {
  let source: File
  let name: String
  var byteCount: Int { source.byteCount }
  func bytes(at offset: Int, count: Int) throws -> [UInt8] { try source.bytes(at: offset, count: count) }
}

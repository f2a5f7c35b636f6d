import ELFInspection
import OmphalosValues

/// Something about a file that makes memory of the whole process easier to abuse, or lets the working directory decide which
/// code is loaded. A fact; what follows from it is decided elsewhere.
///
/// `file` is the plugin ("acme.so") or a library of its folder ("acme.d/libfoo.so").
public enum HardeningProblem: Sendable, Hashable {
  /// The stacks of the process become executable while the object is loaded. `isStated`: it asks for it; otherwise it says
  /// nothing of its stack, which means the same.
  case executableStack(file: String, isStated: Bool)
  /// Code is written to while the object is loaded.
  case textRelocations(file: String)
  /// `segment`: the index of the program header.
  case writableAndExecutable(file: String, segment: Int)
  /// A library is looked for below the working directory. `index`: of the entry, from 0.
  case relativeLibraryPath(file: String, tag: LibraryPath.Tag, entry: String, index: Int)
  /// A library is looked for in the working directory.
  case emptyLibraryPath(file: String, tag: LibraryPath.Tag, index: Int)
}

extension HardeningProblem {
  /// Stable in JSON output.
  public enum Code: String, Sendable, CaseIterable {
    case executableStack = "executable-stack"
    case textRelocations = "text-relocations"
    case writableAndExecutable = "writable-and-executable"
    case relativeLibraryPath = "relative-library-path"
    case emptyLibraryPath = "empty-library-path"
  }

  public var code: Code {
    switch self {
    case .executableStack: .executableStack
    case .textRelocations: .textRelocations
    case .writableAndExecutable: .writableAndExecutable
    case .relativeLibraryPath: .relativeLibraryPath
    case .emptyLibraryPath: .emptyLibraryPath
    }
  }

  public var file: String {
    switch self {
    case .executableStack(let file, _), .textRelocations(let file), .writableAndExecutable(let file, _),
      .relativeLibraryPath(let file, _, _, _), .emptyLibraryPath(let file, _, _):
      file
    }
  }

  /// The subject of the sentence; not escaped, as the other parts.
  public var field: String {
    switch self {
    case .executableStack(let file, _): "the stack of \(file)"
    case .textRelocations(let file): "the code of \(file)"
    case .writableAndExecutable(let file, let segment): "segment \(segment) of \(file)"
    case .relativeLibraryPath(let file, let tag, _, let index), .emptyLibraryPath(let file, let tag, let index):
      "entry \(index + 1) of the \(tag.rawValue) of \(file)"
    }
  }

  public var found: String {
    switch self {
    case .executableStack(_, isStated: true): "executable"
    case .executableStack(_, isStated: false): "executable, as it has no PT_GNU_STACK header"
    case .textRelocations: "changed by relocations while it is loaded (DT_TEXTREL)"
    case .writableAndExecutable: "writable and executable"
    case .relativeLibraryPath(_, _, let entry, _): "\(quotedForMessage(entry)), relative to the working directory"
    case .emptyLibraryPath: "empty, which is the working directory"
    }
  }

  public var wanted: String {
    switch self {
    case .executableStack: "a PT_GNU_STACK header without the executable flag"
    case .textRelocations: "position-independent code"
    case .writableAndExecutable: "one or the other"
    case .relativeLibraryPath, .emptyLibraryPath: "an absolute folder, or one that begins with $ORIGIN"
    }
  }

  public var remedy: String {
    switch self {
    case .executableStack:
      "link it with -Wl,-z,noexecstack; assembler files need a section .note.GNU-stack, and nested functions of GNU C have to go"
    case .textRelocations: "compile all of it with -fPIC, and link it with -Wl,-z,text to find what is not"
    case .writableAndExecutable: "link it without -N, and put no code into writable sections"
    case .relativeLibraryPath, .emptyLibraryPath: "link it with another -Wl,-rpath, or set the path with patchelf --set-rpath"
    }
  }

  /// One sentence without its full stop, safe for a terminal.
  public var sentence: String {
    "\(printable(field)) is \(printable(found)), wanted \(printable(wanted)); \(printable(remedy))"
  }

  public var json: JSONValue {
    var object: JSONObject = [
      "code": .string(code.rawValue), "file": .string(file), "sentence": .string(sentence),
    ]
    switch self {
    case .executableStack(_, let isStated): object["stated"] = .bool(isStated)
    case .textRelocations: break
    case .writableAndExecutable(_, let segment): object["segment"] = .integer(Int64(segment))
    case .relativeLibraryPath(_, let tag, let entry, let index):
      object["tag"] = .string(tag.rawValue)
      object["entry"] = .string(entry)
      object["index"] = .integer(Int64(index))
    case .emptyLibraryPath(_, let tag, let index):
      object["tag"] = .string(tag.rawValue)
      object["index"] = .integer(Int64(index))
    }
    return .object(object)
  }
}

/// DT_RPATH or DT_RUNPATH, split into its entries as glibc's dynamic linker does it. Source: ld.so(8), and what glibc 2.36
/// was seen to search (LD_DEBUG=libs).
public struct LibraryPath: Sendable, Hashable {
  public enum Tag: String, Sendable, Hashable {
    case rpath = "RPATH"
    case runpath = "RUNPATH"
  }

  public enum Kind: String, Sendable, Hashable {
    /// It begins with a `/`, whatever tokens come after that.
    case absolute
    /// It begins with `$ORIGIN`, the folder of the object: absolute once that is put in.
    case origin
    /// It is looked up in the working directory of the process. A `$` that begins no token is a character as any.
    case relative
    /// The working directory itself.
    case empty
    /// It begins with `$LIB` or `$PLATFORM`, which stand for names without a `/`: the working directory once more.
    case token
  }

  public struct Entry: Sendable, Hashable {
    /// As it stands in the file.
    public let text: String
    /// From 0.
    public let index: Int
    public let kind: Kind

    /// What is found there depends on the working directory of the process.
    public var dependsOnWorkingDirectory: Bool { kind != .absolute && kind != .origin }
  }

  public let tag: Tag
  public let entries: [Entry]

  public init(_ tag: Tag, _ text: String) {
    self.tag = tag
    // An empty path is none; every empty entry of another is the working directory. Only colons separate.
    let parts = text.isEmpty ? [] : text.split(separator: ":", omittingEmptySubsequences: false)
    entries = parts.enumerated().map { Entry(text: String($1), index: $0, kind: Self.kind(of: $1)) }
  }

  private static func kind(of entry: Substring) -> Kind {
    if entry.isEmpty { return .empty }
    if entry.utf8.first == UInt8(ascii: "/") { return .absolute }
    if begins(entry, with: "ORIGIN") { return .origin }
    return ["LIB", "PLATFORM"].contains { begins(entry, with: $0) } ? .token : .relative
  }

  /// `${NAME}`, or `$NAME` and no letter or underscore after it.
  private static func begins(_ entry: Substring, with token: String) -> Bool {
    let bytes = entry.utf8
    if bytes.starts(with: "${\(token)}".utf8) { return true }
    guard bytes.starts(with: "$\(token)".utf8) else { return false }
    guard let next = bytes.dropFirst(token.utf8.count + 1).first else { return true }
    let letter = (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(next | 0x20)
    return !letter && next != UInt8(ascii: "_")
  }
}

extension ELFObject {
  /// DT_RPATH and DT_RUNPATH, as far as the object has them. Where it has both, the dynamic linker ignores the first.
  public var libraryPaths: [LibraryPath] {
    [rpath.map { LibraryPath(.rpath, $0) }, runpath.map { LibraryPath(.runpath, $0) }].compactMap { $0 }
  }
}

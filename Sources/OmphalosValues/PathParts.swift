/// The part after the last slash; of a path that ends in slashes, the part before them.
public func fileName(of path: String) -> String {
  path.split(separator: "/").last.map(String.init) ?? path
}

/// A path as a folder and a name in it: "." for a name alone, "/" for what lies at the top.
public func splitPath(_ path: String) -> (folder: String, name: String) {
  guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
  let folder = slash == path.startIndex ? "/" : String(path[..<slash])
  return (folder, String(path[path.utf8.index(after: slash)...]))
}

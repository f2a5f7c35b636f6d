@testable import ELFInspection

/// Asks for names that a cache has, and for a name that the input itself begins with.
func fuzzLoaderCache(_ input: [UInt8]) {
  let cache = LoaderCache(input)
  let own = String(decoding: input.suffix(16).prefix { $0 != 0 }, as: UTF8.self)
  for name in ["libc.so.6", "liba.so", "", own] {
    let all = cache.paths(of: name, levels: ["x86-64-v3", "x86-64-v2"])
    let some = cache.paths(of: name, levels: [])
    promise(some.count <= all.count, "a processor with fewer levels has more files for \(name)")
    for path in all {
      promise(!path.utf8.contains(0), "a path holds a NUL byte")
      promise(path.utf8.count < 4096, "a path has \(path.utf8.count) bytes")
    }
  }
}

import ELFInspection
import OmphalosValues
import TestSupport

/// A real shared object in memory, to be read as it is or with changed bytes.
struct SharedObject {
  var bytes: [UInt8]

  init(_ bytes: [UInt8]) { self.bytes = bytes }

  /// Builds one from C source.
  init(c source: String, flags: [String] = [], compiler: [String] = Compiler.c) throws {
    let compiler_ = try Compiler()
    _ = try compiler_.sharedObject(c: source, name: "acme.so", flags: flags, compiler: compiler)
    bytes = try compiler_.folder.read("acme.so")
  }

  func inspect() throws(ELFError) -> ELFObject { try ELFInspector.inspect(MemoryBytes(bytes, name: "acme.so")) }

  /// What is wrong with it; nil if nothing is.
  var fault: ELFFault? {
    do throws(ELFError) {
      _ = try inspect()
      return nil
    } catch {
      return error.fault
    }
  }

  var message: String {
    do throws(ELFError) {
      _ = try inspect()
      return ""
    } catch {
      return error.message
    }
  }

  func number(at offset: Int, bytes count: Int) -> UInt64 {
    (0..<count).reduce(0) { $0 | UInt64(bytes[offset + $1]) << UInt64($1 * 8) }
  }

  mutating func set(_ value: UInt64, at offset: Int, bytes count: Int) {
    for index in 0..<count { bytes[offset + index] = UInt8(truncatingIfNeeded: value >> UInt64(index * 8)) }
  }

  /// File offsets of the program headers of a type.
  func programHeaders(type: UInt64) -> [Int] {
    let start = Int(number(at: 32, bytes: 8))
    return (0..<Int(number(at: 56, bytes: 2))).map { start + $0 * 56 }.filter { number(at: $0, bytes: 4) == type }
  }

  /// File offset of the value of a dynamic entry.
  func dynamicValue(tag: UInt64) -> Int? {
    guard let header = programHeaders(type: 2).first else { return nil }
    let start = Int(number(at: header + 8, bytes: 8))
    let count = Int(number(at: header + 32, bytes: 8)) / 16
    return (0..<count).map { start + $0 * 16 }.first { number(at: $0, bytes: 8) == tag }.map { $0 + 8 }
  }

  /// The file offset that is loaded at an address.
  func offset(of address: UInt64) -> Int? {
    for header in programHeaders(type: 1) {
      let base = number(at: header + 16, bytes: 8)
      if address >= base, address - base < number(at: header + 32, bytes: 8) {
        return Int(number(at: header + 8, bytes: 8) + address - base)
      }
    }
    return nil
  }
}

/// A small object that several suites start from: a note, imports with versions, one exported function.
let plainSource = """
  #include <stdio.h>
  #include <stdlib.h>
  \(noteSource("declaration", type: 1, bytes: Array(#"{"id":"com.example.acme"}"#.utf8)))
  int acme_entry(void) { char *text = getenv("ACME"); return text ? puts(text) : abs(-1); }
  int acme_value = 7;
  """

enum Plain {
  static let result = Result { try SharedObject(c: plainSource, flags: ["-Wl,-soname,libacme.so.1"]) }
  static var object: SharedObject { get throws { try result.get() } }
}

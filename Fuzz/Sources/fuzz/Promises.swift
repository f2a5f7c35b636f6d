import Glibc
import OmphalosValues

/// Ends the process like a crash if a promise does not hold, so that libFuzzer keeps the input.
func promise(_ holds: Bool, _ what: @autoclosure () -> String) {
  if holds { return }
  print("fuzz: \(what())")
  fflush(nil)
  abort()
}

/// A refusal has to say something.
func promiseMessage(_ message: String, of parser: String) {
  promise(message.utf8.count > 8, "the message of \(parser) says nothing: \"\(message)\"")
}

/// A message that is shown as it stands must not move the cursor of whoever reads it.
func promisePrintable(_ message: String, of parser: String) {
  promiseMessage(message, of: parser)
  let found = message.unicodeScalars.first { $0.properties.generalCategory == .control }
  promise(found == nil, "the message of \(parser) holds U+\(String(found?.value ?? 0, radix: 16)): \(message)")
}

/// The canonical form of a value is JSON again and means the same value.
func promiseCanonical(_ value: JSONValue) {
  for (form, bytes) in [("canonical", value.canonicalBytes), ("pretty", value.prettyBytes)] {
    do throws(JSONError) {
      let again = try JSONValue.parse(bytes, limits: JSONLimits(depth: 512))
      promise(again == value, "the \(form) form reads back as another value: \(value.canonicalText)")
      promise(again.hashValue == value.hashValue, "equal values have different hashes: \(value.canonicalText)")
      promise(again.canonicalBytes == value.canonicalBytes, "the \(form) form changes when it is read and written")
    } catch {
      promise(false, "the \(form) form does not read back (\(error.message)): \(value.canonicalText)")
    }
  }
}

/// The two parts of an input; the second is nil where there is no byte 0xff, which no UTF-8 text has.
func parts(of input: [UInt8]) -> (first: [UInt8], second: [UInt8]?) {
  guard let cut = input.firstIndex(of: 0xff) else { return (input, nil) }
  return (Array(input[..<cut]), Array(input[(cut + 1)...]))
}

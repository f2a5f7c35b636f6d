import OmphalosValues

func fuzzJSON(_ input: [UInt8]) {
  do throws(JSONError) {
    let value = try JSONValue.parse(input)
    promiseCanonical(value)
  } catch {
    promisePrintable(error.message, of: "the JSON reader")
    promise(error.line >= 1 && error.column >= 1, "the place \(error.line):\(error.column) does not count from 1")
    promise(0...input.count ~= error.offset, "the offset \(error.offset) is outside \(input.count) bytes")
  }
}

import OmphalosValues
import Testing

@testable import Pipeline

@Suite("Values of secrets in texts")
struct SecretMaskTests {
  private let mask = SecretMask([("TOKEN", "hunter2!"), ("KEY", "he said \"no\"\\ü/\tyes")])

  @Test(
    "a value is replaced by its name, wherever it stands and however it is escaped",
    arguments: [
      ("hunter2!", "[secret TOKEN]"), ("a hunter2!hunter2! b", "a [secret TOKEN][secret TOKEN] b"),
      ("hunter2 is not it", "hunter2 is not it"), ("hhunter2!", "h[secret TOKEN]"), ("huntehunter2!", "hunte[secret TOKEN]"),
      ("he said \"no\"\\ü/\tyes", "[secret KEY]"), (#"{"k":"he said \"no\"\\ü/\tyes"}"#, #"{"k":"[secret KEY]"}"#),
      (#"he said \"no\"\\ü\/\tyes"#, "[secret KEY]"), (#"he said \"no\"\\\u00fc/\tyes"#, "[secret KEY]"),
      (#"he said \"no\"\\\u00FC/\tyes"#, "[secret KEY]"), ("he%20said%20%22no%22%5C%C3%BC%2F%09yes", "[secret KEY]"),
      ("", ""), ("nothing of it", "nothing of it"),
    ])
  func forms(text: String, wanted: String) {
    #expect(mask.masked(text) == wanted)
  }

  @Test("a value in a message of ours is replaced, also where the message was cut in the middle of it")
  func messages() {
    let value = "s3cret\u{1b}\"" + String(repeating: "0123456789", count: 20)
    let mask = SecretMask([("A", value)])
    #expect(mask.masked("found \(quotedForMessage(value)), wanted") == "found \"[secret A]…\", wanted")
    #expect(mask.masked("found \(quotedForMessage("x" + value, limit: 60))") == "found \"x[secret A]…\"")
    #expect(mask.masked(printable(value)) == "[secret A]")
    #expect(mask.masked(quotedForMessage(JSONValue.string(value).canonicalText, limit: .max)).contains("[secret A]"))
    // Half a character is what is left of one that was cut.
    let umlauts = SecretMask([("U", "abcdüü")])
    #expect(umlauts.masked("abcd\u{fffd}") == "[secret U]\u{fffd}")
    #expect(umlauts.masked("abc…") == "abc…")
  }

  @Test("of two values of which one begins with the other, the longer one is found")
  func prefixes() {
    let mask = SecretMask([("SHORT", "abcd"), ("LONG", "abcdefgh")])
    #expect(mask.masked("abcdefgh abcd abcdefg") == "[secret LONG] [secret SHORT] [secret SHORT]efg")
  }

  @Test("each longer line of a value with several lines is replaced by itself")
  func lines() {
    let value = "-----BEGIN KEY-----\r\nMIIEvQIBADANBg/kq+hkiG9w0B\nshort\n-----END KEY-----"
    let mask = SecretMask([("PEM", value)])
    #expect(mask.masked("got: MIIEvQIBADANBg/kq+hkiG9w0B.") == "got: [secret PEM].")
    #expect(mask.masked("it is short") == "it is short")
    #expect(mask.masked(value) == "[secret PEM]")
  }

  @Test("a value that comes in parts is found in a stream, and nothing else is lost", arguments: 1...9)
  func streams(size: Int) {
    let text = "a hunter2! b hunter2\nhunter2!hunter2! hun"
    var stream = SecretStreamMask(mask)
    var output: [UInt8] = []
    let bytes = Array(text.utf8)
    for start in stride(from: 0, to: bytes.count, by: size) {
      output += stream.add(Array(bytes[start..<min(start + size, bytes.count)]))
    }
    output += stream.finish()
    #expect(String(decoding: output, as: UTF8.self) == "a [secret TOKEN] b hunter2\n[secret TOKEN][secret TOKEN] hun")
  }

  @Test("a stream that ends in the middle of a value does not show what came of it")
  func cutStream() {
    var stream = SecretStreamMask(mask)
    #expect(stream.add(Array("x hunter2".utf8)) == Array("x ".utf8))
    #expect(stream.finish() == Array("[secret TOKEN]".utf8))
    #expect(stream.finish() == [])
  }

  @Test("without secrets every byte stays as it is")
  func none() {
    var stream = SecretStreamMask(.none)
    #expect(stream.add([0xff, 0, 10]) == [0xff, 0, 10] && stream.finish() == [])
    #expect(SecretMask.none.masked("anything") == "anything" && SecretMask.none.label(in: "anything") == nil)
  }

  @Test("the first secret in a text is named")
  func names() {
    #expect(mask.label(in: "exports/hunter2!.txt") == "TOKEN")
    #expect(mask.label(in: "exports/hunter3.txt") == nil)
  }
}

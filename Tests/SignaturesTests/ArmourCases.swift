import Foundation

extension AgreementCase {
  /// A case in which only the text of the signature is another.
  private static func text(
    _ name: String, _ verdict: Verdict, differs difference: String? = nil, _ change: @escaping @Sendable (String) -> String
  ) -> AgreementCase {
    AgreementCase("armour: \(name)", verdict, differs: difference) { given, _ in
      given.signature = Array(change(String(decoding: given.signature, as: UTF8.self)).utf8)
    }
  }

  private static let begin = "-----BEGIN SSH SIGNATURE-----"
  private static let end = "-----END SSH SIGNATURE-----"

  static let armour: [AgreementCase] = [
    text("as ssh-keygen writes it", .good) { $0 },
    AgreementCase("armour: one long line", .good) { given, _ in
      given.signature = Blob.armour(Blob(armoured: given.signature).bytes, width: 10_000)
    },
    AgreementCase("armour: lines of three digits", .good) { given, _ in
      given.signature = Blob.armour(Blob(armoured: given.signature).bytes, width: 3)
    },
    text("blank lines between the lines", .good) { $0.replacing("\n", with: "\n\n", maxReplacements: 2) },
    text("spaces and tabs between digits", .good) { $0.replacing("AAAA", with: "AA \tAA", maxReplacements: 1) },
    text("no final line feed", .good) { String($0.dropLast()) },
    text("blank lines after the end", .good) { $0 + "\n \n" },
    text("text after the end", .good, differs: "text after the end") { $0 + "hello\n" },
    text("a second signature", .good, differs: "text after the end") { $0 + $0 },
    text("more on the line of the end", .good, differs: "text after the end") { String($0.dropLast()) + "- \n" },
    text("line ends of Windows", .bad) { $0.replacing("\n", with: "\r\n") },
    text("carriage returns inside only", .good) { text in
      let lines = text.split(separator: "\n")
      return "\(begin)\n" + lines.dropFirst().dropLast().joined(separator: "\r\n") + "\n\(end)\n"
    },
    text("text before", .bad) { "hello\n" + $0 },
    text("a blank line before", .bad) { "\n" + $0 },
    text("a byte order mark", .bad) { "\u{feff}" + $0 },
    text("a space after BEGIN", .bad) { $0.replacing(begin, with: begin + " ") },
    text("no end", .bad) { $0.replacing(end, with: "") },
    text("an end that does not begin its line", .bad) { $0.replacing("\n\(end)", with: end) },
    text("other dashes", .bad) { $0.replacing("-----BEGIN", with: "----BEGIN") },
    text("no digits", .bad) { _ in "\(begin)\n\n\(end)\n" },
    text("a byte outside Base64", .bad) { $0.replacing("AAAA", with: "AA-A", maxReplacements: 1) },
    text("digits of the URL alphabet", .bad) { $0.replacing("U1NIU0lH", with: "U1NIU0l_") },
    text("a NUL byte", .bad) { $0.replacing("AAAA", with: "AA\0AA", maxReplacements: 1) },
    text("a final digit missing", .bad) { $0.replacing("\n\(end)", with: "").dropLast(3) + "=\n\(end)\n" },
    text("padding that is missing", .bad) { $0.replacing("=", with: "") },
    text("padding in the middle", .bad) { $0.replacing("AAAA", with: "AA==", maxReplacements: 1) },
    text("padding too many", .bad) { $0.replacing("\n\(end)", with: "=\n\(end)") },
    AgreementCase("armour: unused bits that are not zero", .bad) { given, _ in
      // The last digit before "=" holds two bits that belong to no byte.
      var text = Array(String(decoding: given.signature, as: UTF8.self))
      guard let place = text.firstIndex(of: "=") else { return given.signature = [] }
      let alphabet = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/")
      text[place - 1] = alphabet[(alphabet.firstIndex(of: text[place - 1]) ?? 0) + 1]
      given.signature = Array(String(text).utf8)
    },
    AgreementCase("armour: none", .bad) { given, _ in given.signature = Blob(armoured: given.signature).bytes },
    AgreementCase("armour: an empty file", .bad) { given, _ in given.signature = [] },
    AgreementCase("armour: 70 KiB of blank lines after the end", .good, differs: "more than 64 KiB") { given, _ in
      given.signature += Array(repeating: 0x0a, count: 70 << 10)
    },
  ]
}

extension AgreementCase {
  /// Principals, keys and lines.
  static let lists: [AgreementCase] = [
    signers("release@acme.example KEY\n", .good),
    signers("release@acme.example KEY", .good),
    signers("release@acme.example KEY a comment with \"quotes\" and ,\n", .good),
    signers("release@acme.example KEY\r\n", .good),
    signers("  \t release@acme.example \t KEY\n", .good),
    signers("# release@acme.example OTHER\n\n   \n  # more\nrelease@acme.example KEY\n", .good),
    signers("#release@acme.example KEY\n", .bad),
    signers("\u{feff}release@acme.example KEY\n", .bad),
    signers("\u{feff}# comment\nrelease@acme.example KEY\n", .good),
    signers("", .bad),
    signers("release@acme.example OTHER\n", .bad),
    signers("release@acme.example OTHER\nrelease@acme.example KEY\n", .good),
    signers("someone@acme.example KEY\nrelease@acme.example KEY\n", .good),
    signers("someone@acme.example KEY\n", .bad),
    signers("a@x,release@acme.example,b@x KEY\n", .good),
    signers("a@x, release@acme.example KEY\n", .bad),
    signers("*@acme.example KEY\n", .good),
    signers("* KEY\n", .good),
    signers("*.example KEY\n", .good),
    signers("*a*e*.*e KEY\n", .good),
    signers("*z* KEY\n", .bad),
    signers("rel???e@acme.example KEY\n", .good),
    signers("rel????e@acme.example KEY\n", .bad),
    signers("*? KEY\n", .good),
    signers("release@acme.example? KEY\n", .bad),
    signers("release@acme.example* KEY\n", .good),
    signers("Release@acme.example KEY\n", .bad),
    signers("release KEY\n", .bad),
    signers("*,!release@acme.example KEY\n", .bad),
    signers("!release@acme.example,* KEY\n", .bad),
    signers("!release@other.example,* KEY\n", .good),
    signers("!other KEY\n", .bad),
    signers("!!release@acme.example,* KEY\n", .good),
    signers("*,!rel* KEY\nrelease@acme.example KEY\n", .good),
    signers("\"release@acme.example\" KEY\n", .good),
    signers("\"the release team\" KEY\n", .good, principal: "the release team"),
    signers("\"the *\" KEY\n", .good, principal: "the release team"),
    signers("\"a@x,release@acme.example\" KEY\n", .good),
    signers("\"a@x, release@acme.example\" KEY\n", .bad),
    signers("re\"lease@acme.example\" KEY\n", .good),
    signers("\"release@acme.example\"KEY\n", .good),
    signers("\"release@acme.example KEY\n", .bad),
    signers("\"\" KEY\n", .bad, principal: ""),
    signers("* KEY\n", .good, principal: ""),
    signers(", KEY\n", .good, principal: ""),
    signers("release@acme.example KEY\n", .bad, principal: "*"),
    signers("release@acme.example, KEY\n", .good),
    signers("r\u{e9}mi KEY\n", .good, principal: "r\u{e9}mi"),
    signers("r\u{e9}mi KEY\n", .bad, principal: "re\u{301}mi"),
    signers("r?mi KEY\n", .bad, principal: "r\u{e9}mi"),
    signers("r??mi KEY\n", .good, principal: "r\u{e9}mi"),
    signers(String(repeating: "*a", count: 40) + "* KEY\n", .good, principal: String(repeating: "a", count: 60)),
    signers(String(repeating: "a", count: 1022) + " KEY\n", .good, principal: String(repeating: "a", count: 1022)),
    signers(String(repeating: "a", count: 1023) + " KEY\n", .bad, principal: String(repeating: "a", count: 1023)),
    signers("release@acme.example\n", .bad),
    signers("KEY\n", .bad),
    signers("release@acme.example ssh-ed25519\n", .bad),
    signers("release@acme.example ssh-ed25519 AAAA\n", .bad),
    signers("release@acme.example KEYAA\n", .bad),
    signers("release@acme.example ssh-rsa AAAAC3NzaC1lZDI1NTE5AAAAIA\n", .bad),
    signers("this is no line\nrelease@acme.example KEY\n", .good),
    signers("release@acme.example bad line\nrelease@acme.example KEY\n", .good),
    AgreementCase("signers: a NUL byte after the key", .good, differs: "a NUL byte in a line") { given, _ in
      given.signers = given.signers.dropLast() + [0x20, 0, 0x0a]
    },
    AgreementCase("signers: a comment that is not UTF-8", .good) { given, _ in
      given.signers = given.signers.dropLast() + [0x20, 0xe9, 0x0a]
    },
    AgreementCase("signers: a principal that is not UTF-8, then the line", .good) { given, _ in
      given.signers = [0xe9] + given.signers + given.signers
    },
    AgreementCase("signers: a principal that is not UTF-8 beside the name", .good, differs: "names that are not UTF-8") { given, _ in
      given.signers = [0xe9, 0x2c] + given.signers
    },
    AgreementCase("signers: more than 1 MiB", .good, differs: "more than 1 MiB") { given, _ in
      given.signers += Array(repeating: 0x0a, count: 1 << 20)
    },
    AgreementCase("signers: the key under another type", .bad) { given, kit in
      let key = try kit.publicKey("ed25519").split(separator: " ")[1]
      given.signers = Array("\(SigningKit.principal) ecdsa-sha2-nistp256 \(key)\n".utf8)
    },
    AgreementCase("signers: an RSA key with a signature's name as its type", .good, differs: "rsa-sha2-512 as a key's type") { given, kit in
      try given.sign(kit, key: "rsa")
      given.signers = Array(String(decoding: given.signers, as: UTF8.self).replacing("ssh-rsa", with: "rsa-sha2-512").utf8)
    },
    AgreementCase("signers: keys of other types before", .good) { given, kit in
      let others = try ["p256", "p384", "rsa", "rsa1024", "ed25519-cert"].map { "\(SigningKit.principal) \(try kit.publicKey($0))\n" }
      given.signers = Array(others.joined().utf8) + given.signers
    },
  ]
}

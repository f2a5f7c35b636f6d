extension AgreementCase {
  private static func option(_ text: String, _ verdict: Verdict, differs difference: String? = nil) -> AgreementCase {
    signers("release@acme.example \(text) KEY\n", verdict, differs: difference)
  }

  static let options: [AgreementCase] = [
    option("namespaces=\"omphalos-plugin\"", .good),
    option("NameSpaces=\"omphalos-plugin\"", .good),
    option("namespaces=\"file\"", .bad),
    option("namespaces=\"file,omphalos-*\"", .good),
    option("namespaces=\"*\"", .good),
    option("namespaces=\"*,!omphalos-plugin\"", .bad),
    option("namespaces=\"omphalos-plugin,!git\"", .good),
    option("namespaces=\"Omphalos-Plugin\"", .bad),
    option("namespaces=\"file, omphalos-plugin\"", .bad),
    option("namespaces=\"\"", .bad),
    option("namespaces=omphalos-plugin", .bad),
    option("namespaces", .bad),
    option("namespaces=\"omphalos-plugin", .bad),
    option("namespaces=\"omphalos-plugin\\\"\"", .bad),
    option("namespaces=\"\\\",omphalos-plugin\"", .good),
    option("namespaces=\"omphalos-plugin\",namespaces=\"omphalos-plugin\"", .bad),
    option("namespaces=\"omphalos-plugin\",", .bad),
    option("namespaces=\"omphalos-plugin\", valid-before=\"20270101Z\"", .bad),
    option("namespaces=\"omphalos-plugin\" ", .good),
    option(",namespaces=\"omphalos-plugin\"", .good, differs: "an empty option"),
    option("namespaces=\"omphalos-plugin\",,valid-before=\"20270101Z\"", .good, differs: "an empty option"),
    option("namespaces=\"omphalos-plugin\"valid-before=\"20270101Z\"", .bad),
    option("namespaces=\"omphalos-plugin\",valid-after=\"20260101Z\",valid-before=\"20270101Z\"", .good),
    option("cert-authority", .bad),
    option("cert-authority,namespaces=\"omphalos-plugin\"", .bad),
    option("cert-authority,cert-authority", .bad),
    option("CERT-AUTHORITY", .bad),
    option("no-touch-required", .bad),
    option("unknown=\"x\"", .bad),
    option("valid-after=\"20260101Z\",valid-after=\"20260102Z\"", .bad),
    signers(
      "release@acme.example namespaces=\"file\" KEY\nrelease@acme.example namespaces=\"omphalos-plugin\" KEY\n", .good),
    signers("release@acme.example cert-authority KEY\nrelease@acme.example KEY\n", .good),
    signers("a@x namespaces=\"omphalos-plugin\" KEY\nrelease@acme.example namespaces=\"file\" KEY\n", .bad),
    signers("a@x namespaces=\"file\" KEY\nrelease@acme.example KEY\n", .good),
    signers("release@acme.example valid-before=\"20260101Z\" KEY\nrelease@acme.example KEY\n", .good),
    signers("release@acme.example KEY\nrelease@acme.example valid-before=\"20260101Z\" KEY\n", .good),
  ]
}

/// The parsers that read what other people wrote. The names are those of the folders in `corpus`.
enum FuzzTarget: String, CaseIterable {
  /// A plugin's file: ELF structure, notes, declaration.
  case elf
  /// The texts of the two notes, declaration and schemas, with a byte 0xff between them.
  case notes
  case json
  /// A pipeline file, and YAML as such.
  case pipeline
  /// `/etc/ld.so.cache`
  case loaderCache = "loader-cache"
  /// A tree of Arrow schemas with the plugin's texts in it.
  case arrowSchema = "arrow-schema"
  /// A JSON Schema and a value to validate, with a byte 0xff between them.
  case configurationSchema = "configuration-schema"
  /// An OpenSSH signature, with its armour or as what is inside.
  case signature
  /// A list of signers.
  case allowedSigners = "allowed-signers"
  case policy
  case lock

  /// Parses the input; returns if every promise held.
  func run(_ input: [UInt8]) {
    switch self {
    case .elf: fuzzELF(input)
    case .notes: fuzzNotes(input)
    case .json: fuzzJSON(input)
    case .pipeline: fuzzPipeline(input)
    case .loaderCache: fuzzLoaderCache(input)
    case .arrowSchema: fuzzArrowSchema(input)
    case .configurationSchema: fuzzConfigurationSchema(input)
    case .signature: fuzzSignature(input)
    case .allowedSigners: fuzzAllowedSigners(input)
    case .policy: fuzzPolicy(input)
    case .lock: fuzzLock(input)
    }
  }
}

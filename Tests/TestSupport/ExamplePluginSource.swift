/// C source of the smallest plugin that is admissible: one exporter that does nothing.
public struct ExamplePluginSource: Sendable {
  public var id = "com.example.hello"
  public var version = "1.0.0"
  public var vendor = "Example"
  public var license = "MIT"
  public var summary = "Says hello"
  public var hermetic = "compatible"
  public var minorRequired = 0
  public var flags = 0
  /// A JSON array.
  public var capabilities = #"[{"kind":"exporter","name":"hello","interface_version":1}]"#
  /// Put before the entry function.
  public var more = ""
  public var entry = "omphalos_plugin_v1"

  public init() {}

  public var text: String {
    """
    #include <omphalos/plugin.h>
    OMPHALOS_DECLARE("\(id)", "\(version)", "\(vendor)", "\(license)", "\(summary)", "\(hermetic)", \(minorRequired),
                     \(flags), "\(escaped(capabilities))");
    static int32_t run(void *state, const omphalos_call *call, const omphalos_dataset *const *inputs, size_t count) {
      (void)state; (void)call; (void)inputs; (void)count;
      return 0;
    }
    static const omphalos_exporter exporter = {sizeof(omphalos_exporter), 0, run};
    static const omphalos_capability capability = {sizeof(omphalos_capability), OMPHALOS_EXPORTER, 1, 0, "hello", NULL,
                                                   &exporter};
    static const omphalos_capability *const capabilities[] = {&capability};
    static const omphalos_plugin plugin = {sizeof(omphalos_plugin), OMPHALOS_ABI_MAJOR, \(minorRequired),
      OMPHALOS_ABI_MINOR, OMPHALOS_ABI_DRAFT, 0, "\(id)", "\(version)", "\(vendor)", "\(license)", "\(summary)",
      OMPHALOS_HERMETIC_COMPATIBLE, \(flags), 1, 0, capabilities, NULL, NULL};
    \(more)
    OMPHALOS_EXPORT const omphalos_plugin *\(entry)(uint32_t host_minor) { (void)host_minor; return &plugin; }

    """
  }

  private func escaped(_ text: String) -> String {
    text.replacing("\\", with: "\\\\").replacing("\"", with: "\\\"")
  }
}

/// C source of a note with any bytes: descsz is exactly their number, no NUL is added.
public func noteSource(_ symbol: String, type: UInt32, bytes: [UInt8], owner: String = "omphalOS") -> String {
  let text = bytes.map { byte in
    let digits = String(byte, radix: 8)
    return "\\" + String(repeating: "0", count: 3 - digits.count) + digits
  }
  var pieces: [String] = []
  for start in stride(from: 0, to: text.count, by: 1_000) {
    pieces.append("\"" + text[start..<min(start + 1_000, text.count)].joined() + "\"")
  }
  // A literal may fill its array to the last byte; its NUL is then left out.
  let size = (bytes.count + 3) & ~3
  let name = owner.utf8.count + 1
  return """
    struct \(symbol)_t { unsigned namesz, descsz, type; char name[\((name + 3) & ~3)];
      \(bytes.isEmpty ? "" : "char desc[\(size)];") };
    __attribute__((section(".note.omphalos"), used, aligned(4))) static const struct \(symbol)_t \(symbol) =
      { \(name), \(bytes.count), \(type), "\(owner)" \(bytes.isEmpty ? "" : ", " + pieces.joined(separator: "\n  ")) };

    """
}

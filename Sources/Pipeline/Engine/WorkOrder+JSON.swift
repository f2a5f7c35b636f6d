import Admission
import ArtifactStore
import ELFInspection
import OmphalosValues
import PluginHost

/// A work order or a worker's message that is not what the other side writes: a defect of this program.
public struct ProtocolError: Error, Diagnosable, Sendable {
  public let message: String
  public var exitCode: ExitCode { .bug }

  public init(_ message: String) { self.message = message }
}

extension Relaxation {
  fileprivate init(message: MessageReader) throws {
    guard let relaxation = message.value.stringValue.flatMap(Relaxation.init(rawValue:)) else {
      throw ProtocolError("The work order has a relaxation that does not exist.")
    }
    self = relaxation
  }
}

extension WorkOrder {
  public var json: JSONValue {
    [
      "run_id": .string(runID.text), "fingerprint": .string(fingerprint.hex), "hermetic": .bool(hermetic),
      "relaxations": .array(relaxations.sorted().map { .string($0.rawValue) }),
      "directory": .integer(Int64(directory)), "page": .integer(Int64(page)), "messages": .integer(Int64(messages)),
      "plugins": .array(
        plugins.map {
          [
            "name": .string($0.files.name), "path": .string($0.files.path), "file": $0.files.file.json,
            "parts": .array($0.files.parts.map(\.json)), "used": .array($0.used.map { .string($0.text) }),
          ]
        }),
      "libraries": .array(libraries.map(\.json)),
      "inputs": .array(
        inputs.map { input in
          [
            "name": .string(input.name.text), "step": input.step.json,
            "files": .array(
              input.files.map {
                [
                  "name": .string($0.name), "file": .string($0.fileName), "sha256": .string($0.digest.hex),
                  "descriptor": .integer(Int64($0.descriptor)), "bytes": .integer(Int64(clamping: $0.byteCount)),
                ]
              }),
          ]
        }),
      "exports": .array(
        exports.map { ["step": $0.step.json, "inputs": .array($0.inputs.map { .string($0.text) })] }),
      "sinks": .array(sinks.map(\.json)),
      "limits": [
        "call_timeout": .integer(limits.callTimeout), "store": limits.store.json,
        "plugin_bytes": .integer(Int64(clamping: limits.pluginBytes)),
        "buffer": .integer(Int64(clamping: limits.buffer)),
      ],
      "secrets": .array(secrets.map { ["label": .string($0.label), "value": .string($0.value)] }),
    ]
  }

  public init(_ json: JSONValue) throws {
    let order = MessageReader(json)
    runID = try RunID(order.text("run_id"))
    fingerprint = try order.digest("fingerprint")
    hermetic = try order.flag("hermetic")
    relaxations = Set(try order.list("relaxations").map(Relaxation.init(message:)))
    directory = try order.descriptor("directory")
    page = try order.descriptor("page")
    messages = try order.descriptor("messages")
    plugins = try order.list("plugins").map { plugin in
      Plugin(
        files: HandedOver(
          name: try plugin.text("name"), path: try plugin.text("path"),
          file: try HandedOver.File(plugin.member("file")),
          parts: try plugin.list("parts").map { (part) throws(ProtocolError) in try HandedOver.File(part) }),
        used: try plugin.texts("used").map { try CapabilityName($0) })
    }
    libraries = try order.list("libraries").map { (library) throws(ProtocolError) in try LibraryPin(library) }
    inputs = try order.list("inputs").map { input in
      Input(
        name: try InstanceName(input.text("name")), step: try Step(input.member("step")),
        files: try input.list("files").map {
          InputFile(
            name: try $0.text("name"), fileName: try $0.text("file"), digest: try $0.digest("sha256"),
            descriptor: try $0.descriptor("descriptor"), byteCount: try $0.unsigned("bytes"))
        })
    }
    exports = try order.list("exports").map {
      Export(step: try Step($0.member("step")), inputs: try $0.texts("inputs").map { try InstanceName($0) })
    }
    sinks = try order.list("sinks").map { try Step($0) }
    let limits = try order.member("limits")
    self.limits = PipelineLimits(
      callTimeout: Int64(try limits.unsigned("call_timeout")), store: try StoreLimits(limits.member("store")),
      pluginBytes: try limits.unsigned("plugin_bytes"), buffer: try limits.unsigned("buffer"))
    secrets = try order.list("secrets").map {
      NamedSecret(label: try $0.text("label"), value: try $0.text("value"))
    }
  }
}

extension HandedOver.File {
  fileprivate var json: JSONValue {
    [
      "path": .string(path), "descriptor": .integer(Int64(descriptor)), "sha256": .string(digest.hex),
      "copy": .string(copy ?? ""),
    ]
  }

  fileprivate init(_ reader: MessageReader) throws(ProtocolError) {
    let copy = try reader.text("copy")
    self.init(
      path: try reader.text("path"), descriptor: try reader.descriptor("descriptor"),
      digest: try reader.digest("sha256"), copy: copy.isEmpty ? nil : copy)
  }
}

extension LibraryPin {
  fileprivate var json: JSONValue {
    [
      "path": .string(path), "device": .integer(Int64(bitPattern: device)), "inode": .integer(Int64(bitPattern: inode)),
      "sha256": .string(digest.hex), "bytes": .integer(Int64(clamping: byteCount)),
    ]
  }

  fileprivate init(_ reader: MessageReader) throws(ProtocolError) {
    self.init(
      path: try reader.text("path"), device: UInt64(bitPattern: try reader.integer("device")),
      inode: UInt64(bitPattern: try reader.integer("inode")), digest: try reader.digest("sha256"),
      byteCount: try reader.unsigned("bytes"))
  }
}

extension WorkOrder.Step {
  fileprivate var json: JSONValue {
    [
      "reference": .string(reference.text), "instance": .string(instance), "config": configuration,
      "grants": rights.payload, "limits": rights.limits?.json ?? .null,
    ]
  }

  fileprivate init(_ reader: MessageReader) throws {
    var rights = StepRights()
    let grants = try reader.member("grants")
    rights.grants = StoreScope(writable: try grants.texts("write"), readable: try grants.texts("read"))
    let limits = try reader.member("limits")
    if limits.value != .null { rights.limits = try StoreLimits(limits) }
    self.init(
      reference: try CapabilityReference(reader.text("reference")), instance: try reader.text("instance"),
      configuration: try reader.member("config").value, rights: rights)
  }
}

extension StoreLimits {
  fileprivate var json: JSONValue {
    ["bytes": .integer(Int64(clamping: bytes)), "artifacts": .integer(Int64(clamping: artifacts))]
  }

  fileprivate init(_ reader: MessageReader) throws(ProtocolError) {
    self.init(bytes: try reader.unsigned("bytes"), artifacts: Int(try reader.unsigned("artifacts")))
  }
}

/// Reads members of a JSON object that our own program wrote.
struct MessageReader {
  let value: JSONValue

  init(_ value: JSONValue) { self.value = value }

  func member(_ key: String) throws(ProtocolError) -> MessageReader {
    guard let value = value[key] else { throw ProtocolError("A message between the processes lacks \"\(key)\".") }
    return MessageReader(value)
  }

  func text(_ key: String) throws(ProtocolError) -> String {
    guard let text = try member(key).value.stringValue else { throw wrong(key) }
    return text
  }

  /// Nil where there is no such member.
  func optionalText(_ key: String) throws(ProtocolError) -> String? { value[key] == nil ? nil : try text(key) }

  func flag(_ key: String) throws(ProtocolError) -> Bool {
    guard let flag = try member(key).value.boolValue else { throw wrong(key) }
    return flag
  }

  func integer(_ key: String) throws(ProtocolError) -> Int64 {
    guard let number = try member(key).value.integerValue else { throw wrong(key) }
    return number
  }

  func unsigned(_ key: String) throws(ProtocolError) -> UInt64 {
    guard let number = try member(key).value.integerValue, number >= 0 else { throw wrong(key) }
    return UInt64(number)
  }

  func descriptor(_ key: String) throws(ProtocolError) -> Int32 {
    guard let number = Int32(exactly: try unsigned(key)) else { throw wrong(key) }
    return number
  }

  func digest(_ key: String) throws(ProtocolError) -> SHA256Digest {
    guard let digest = SHA256Digest(hex: try text(key)) else { throw wrong(key) }
    return digest
  }

  func list(_ key: String) throws(ProtocolError) -> [MessageReader] {
    guard let list = try member(key).value.arrayValue else { throw wrong(key) }
    return list.map(MessageReader.init)
  }

  func texts(_ key: String) throws(ProtocolError) -> [String] {
    try list(key).map { (item) throws(ProtocolError) in
      guard let text = item.value.stringValue else { throw wrong(key) }
      return text
    }
  }

  private func wrong(_ key: String) -> ProtocolError {
    ProtocolError("A message between the processes has a \"\(key)\" of the wrong type.")
  }
}

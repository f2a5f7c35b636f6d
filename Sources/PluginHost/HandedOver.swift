import LinuxCalls
import OmphalosValues

/// The files of a plugin as one process hands them to another of this program.
public struct HandedOver: Sendable {
  public struct File: Sendable {
    public var path: String
    public var descriptor: Int32
    public var digest: SHA256Digest
    /// Where the copy lies; nil for a sealed memory file.
    public var copy: String?

    public init(path: String, descriptor: Int32, digest: SHA256Digest, copy: String?) {
      self.path = path
      self.descriptor = descriptor
      self.digest = digest
      self.copy = copy
    }
  }

  public var name: String
  public var path: String
  public var file: File
  public var parts: [File]

  public init(name: String, path: String, file: File, parts: [File]) {
    self.name = name
    self.path = path
    self.file = file
    self.parts = parts
  }

  public init(_ plugin: SealedPlugin) {
    self.init(
      name: plugin.name, path: plugin.path, file: File(plugin.name, plugin.image, plugin.digest),
      parts: plugin.parts.map { File($0.path, $0.image, $0.digest) })
  }

  public var descriptors: [Int32] { [file.descriptor] + parts.map(\.descriptor) }
}

extension HandedOver.File {
  fileprivate init(_ path: String, _ image: ObjectImage, _ digest: SHA256Digest) {
    var copy: String?
    if case .copy(let place) = image.place { copy = place }
    self.init(path: path, descriptor: image.file.descriptor, digest: digest, copy: copy)
  }
}

extension ObjectImage {
  init(handedOver part: HandedOver.File) throws {
    guard let copy = part.copy else {
      let memory = try SealedMemory.adopting(descriptor: part.descriptor, name: part.path)
      DescriptorNumbers.use(part.descriptor)
      try self.init(file: memory.file, place: .sealedMemory)
      return
    }
    let file = File(owning: part.descriptor, name: part.path)
    DescriptorNumbers.use(part.descriptor)
    guard try file.digest().digest == part.digest else {
      throw SealingError(file: part.path, reason: "its copy was changed after the decision")
    }
    try self.init(file: file, place: .copy(path: copy))
  }
}

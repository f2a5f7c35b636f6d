import Admission
import Glibc
import LinuxCalls
import OmphalosValues
import PluginABI
import TestSupport
import Testing

@testable import PluginHost

@Suite("Sealing and loading plugins")
struct LoadingTests {
  private let folder: PluginFolder
  private let loader: PluginLoader

  init() throws {
    folder = try PluginFolder()
    let page = FlightPage(try SharedMemory.create(size: FlightPage.size, name: "page"))
    loader = try PluginLoader(page: page, timeout: 0, watch: nil) { _, _, _ in }
  }

  @Test("what is decided on is the interface that is spoken")
  func oneInterface() {
    let decided = HostABI()
    #expect(decided.major == HostInterface.abiMajor && decided.minor == HostInterface.abiMinor)
    #expect(decided.draft == HostInterface.draft && decided.entrySymbol == HostInterface.entrySymbol)
  }

  @Test("what was sealed stays what it was, whatever happens to the file, and its digest is the file's")
  func sealing() throws {
    let path = try folder.add("a.so", plugin("com.example.a"))
    let original = try File.open(path).digest()
    let candidate = try #require(folder.discover().candidates.first)
    let sealed = try SealedPlugin(sealing: candidate, largest: 512 << 20)
    try folder.compiler.folder.write("plugins/a.so", "replaced")
    #expect(sealed.digest == original.digest && sealed.byteCount == original.byteCount)
    #expect(try sealed.image.file.digest().digest == original.digest)
    #expect(sealed.image.file.descriptor >= 512)
    #expect(try loader.load([AdmittedPlugin(sealed, used: [], closure: nil)])[0].id.text == "com.example.a")
  }

  @Test("a file that changed between the look and the seal is decided on as it was sealed")
  func changedBeforeSealing() throws {
    try folder.add("a.so", plugin("com.example.a"))
    let candidate = try #require(folder.discover().candidates.first)
    var other = plugin("com.example.a")
    other.version = "9.9.9"
    let replacement = try folder.compiler.sharedObject(c: other.text, name: "other.so")
    // In place, so that the open file is the one that changes.
    try folder.compiler.folder.write("plugins/a.so", [UInt8]())
    let target = try File.open(folder.path + "/a.so", .readWrite)
    try target.write(try File.open(replacement).readAll(limit: 1 << 24))
    let sealed = try SealedPlugin(sealing: candidate, largest: 512 << 20)
    #expect(sealed.digest == (try File.open(replacement).digest().digest))
    let admitted = try AdmittedPlugin(sealed, used: [], closure: nil)
    #expect(
      candidate.declaration?.version.description == "1.0.0" && admitted.declaration.version.description == "9.9.9")
    #expect(try loader.load([admitted])[0].module.descriptor.version == "9.9.9")
  }

  @Test("a file that became another plugin between the look and the seal is not sealed, and both are named")
  func otherPluginBeforeSealing() throws {
    try folder.add("a.so", plugin("com.example.a"))
    let candidate = try #require(folder.discover().candidates.first)
    let replacement = try folder.compiler.sharedObject(c: plugin("com.example.b").text, name: "other.so")
    try folder.compiler.folder.write("plugins/a.so", [UInt8]())
    try File.open(folder.path + "/a.so", .readWrite).write(File.open(replacement).readAll(limit: 1 << 24))
    let error = #expect(throws: SealingError.self) { _ = try SealedPlugin(sealing: candidate, largest: 512 << 20) }
    #expect(error?.reason == "it was com.example.a when it was found, and is com.example.b now")
  }

  @Test("a plugin larger than the limit, or one that could not be read, is not sealed")
  func notSealed() throws {
    try folder.add("a.so", plugin("com.example.a"))
    try folder.compiler.folder.write("plugins/b.so", "text")
    let candidates = folder.discover().candidates
    let large = #expect(throws: SealingError.self) { _ = try SealedPlugin(sealing: candidates[0], largest: 100) }
    #expect(large?.exitCode == .pluginRefused)
    #expect(throws: SealingError.self) { _ = try SealedPlugin(sealing: candidates[1], largest: 1 << 20) }
  }

  @Test("what another process hands over is taken only with all seals, and inspected again")
  func handedOver() throws {
    let path = try folder.add("a.so", plugin("com.example.a"))
    let sealed = try folder.seal("com.example.a")
    let descriptor = try sealed.image.file.releaseDescriptor()
    func order(_ descriptor: Int32) -> HandedOver {
      HandedOver(
        name: "a.so", path: path,
        file: HandedOver.File(path: "a.so", descriptor: descriptor, digest: sealed.digest, copy: nil), parts: [])
    }
    let taken = try SealedPlugin(handedOver: order(descriptor))
    #expect(try taken.plugin.declaration?.get().id.text == "com.example.a" && taken.byteCount == sealed.byteCount)
    let plain = try File.open(path).releaseDescriptor()
    #expect(throws: SealingError.self) {
      _ = try SealedPlugin(handedOver: order(plain))
    }
  }

  @Test("a plugin that is not admissible cannot become one that may be loaded")
  func notAdmitted() throws {
    var source = plugin("com.example.net")
    source.hermetic = "incompatible"
    try folder.add("net.so", source)
    let sealed = try folder.seal("com.example.net")
    let refused = #expect(throws: PluginRefused.self) {
      _ = try AdmittedPlugin(sealed, under: AdmissionTerms(hermetic: true), used: [], closure: nil)
    }
    #expect(refused?.exitCode == .pluginRefused && refused?.message.contains("none of its code ran") == true)
    #expect(throws: Never.self) { _ = try AdmittedPlugin(sealed, used: [], closure: nil) }
  }

  @Test("two plugins loaded after something closed the first one's descriptor give their own answers")
  func closedDescriptor() throws {
    try folder.add("a.so", plugin("com.example.a", more: "OMPHALOS_EXPORT int answer = 1;"))
    try folder.add("b.so", plugin("com.example.b", more: "OMPHALOS_EXPORT int answer = 2;"))
    let first = try loader.load([folder.admit("com.example.a")])[0]
    let number = first.admitted.sealed.image.file.descriptor
    // As a plugin that closes every descriptor would. The number is put back at the end, so that nobody else's is hit.
    close(number)
    let second = try loader.load([folder.admit("com.example.b")])[0]
    dup2(0, number)
    #expect(second.admitted.sealed.image.file.descriptor > number)
    #expect(first.module.descriptor.id == "com.example.a" && second.module.descriptor.id == "com.example.b")
    #expect(first.baseAddress != second.baseAddress)
  }

  @Test("another file under the descriptor of a sealed plugin is not loaded, nor is nothing")
  func replacedDescriptor() throws {
    try folder.add("a.so", plugin("com.example.a"))
    let mark = folder.compiler.folder.file("mark")
    let evil = """
      #include <fcntl.h>
      __attribute__((constructor)) static void leave_a_mark(void) { (void)open("\(mark)", O_CREAT | O_WRONLY, 0600); }

      """
    _ = try folder.compiler.sharedObject(c: evil + plugin("com.example.a").text, name: "evil.so")
    let admitted = try folder.admit("com.example.a")
    let number = admitted.sealed.image.file.descriptor
    let other = try SealedMemory.copy(
      of: File.open(folder.compiler.folder.file("evil.so")), name: "evil", limit: 1 << 24, descriptorAbove: 3)
    dup2(other.file.descriptor, number)
    let replaced = #expect(throws: LoadFailure.self) { _ = try loader.load([admitted]) }
    #expect(replaced?.stage == .load && replaced?.reasons.first?.contains("another file") == true)
    #expect(access(mark, F_OK) != 0)
    close(number)
    let gone = #expect(throws: LoadFailure.self) { _ = try loader.load([admitted]) }
    #expect(gone?.stage == .load)
    dup2(0, number)
  }

  @Test("a descriptor that says other things than the note fails confirmation, with both values")
  func confirmation() throws {
    let source = plugin("com.example.a").text.replacing(
      #"0, "com.example.a", "1.0.0""#, with: #"0, "com.example.a", "1.0.1""#)
    _ = try folder.compiler.sharedObject(c: source, name: "plugins/a.so", flags: ["-fvisibility=hidden"])
    let failure = #expect(throws: LoadFailure.self) { _ = try loader.load([folder.admit("com.example.a")]) }
    #expect(failure?.stage == .confirm && failure?.exitCode == .pluginRefused)
    #expect(failure?.message.contains("1.0.1") == true && failure?.message.contains("1.0.0") == true)
  }

  @Test("a lying descriptor fails confirmation and does not end the process")
  func lyingDescriptor() throws {
    let source = plugin("com.example.a").text.replacing("1, 0, capabilities,", with: "1000, 0, capabilities,")
    _ = try folder.compiler.sharedObject(c: source, name: "plugins/a.so", flags: ["-fvisibility=hidden"])
    let failure = #expect(throws: LoadFailure.self) { _ = try loader.load([folder.admit("com.example.a")]) }
    #expect(failure?.stage == .confirm && failure?.message.contains("capabilities") == true, "\(failure?.message ?? "")")
  }

  @Test("the registry finds capabilities of loaded plugins by reference, and keeps the order of loading")
  func registry() throws {
    try folder.add("a.so", plugin("com.example.a"))
    try folder.add("b.so", plugin("com.example.b"))
    var registry = PluginRegistry()
    registry.register(try loader.load([folder.admit("com.example.b")])[0])
    registry.register(try loader.load([folder.admit("com.example.a")])[0])
    #expect(registry.order.map(\.text) == ["com.example.b", "com.example.a"])
    #expect(registry.find(try CapabilityReference("com.example.a/hello"))?.capability == 0)
    #expect(registry.find(try CapabilityReference("com.example.a/other")) == nil)
    #expect(registry.find(try CapabilityReference("com.example.c/hello")) == nil)
  }
}

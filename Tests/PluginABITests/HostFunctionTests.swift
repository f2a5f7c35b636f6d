import COmphalos
import Testing

@testable import PluginABI

@Suite("Functions of a call, as C calls them")
struct HostFunctionTests {
  @Test("the last message before the failing return explains the failure; without one, the host's own refusal does")
  func explanations() {
    let fixture = CallFixture()
    let block = fixture.call.block.pointer.pointee
    fixture.store.refuse(with: ABIFailure(.exists, "the path a is taken."))
    let status = block.store.pointee.put(block.handle, "a", 1, nil, nil, 0)
    #expect(status == ABIStatus.exists.rawValue)
    #expect(fixture.call.failure("run", status).detail == "the path a is taken.")
    #expect(fixture.call.failure("run", 3).detail == "the plugin returned its own code 3 and no message.")
    #expect(block.set_error(block.handle, 3, "first", 5) == 0)
    #expect(block.set_error(block.handle, 3, "last word", 9) == 0)
    let failure = fixture.call.failure("run", 3)
    #expect(failure.message == "com.example.p/c (feed): run failed: last word [status 3]")
    #expect(failure.exitCode == .callFailed)
  }

  @Test("a message is cut at 8 KiB, bytes that are not UTF-8 are replaced, and NULL with a length is refused")
  func messages() throws {
    let fixture = CallFixture()
    let block = fixture.call.block.pointer.pointee
    let long = [CChar](repeating: 65, count: 20_000)
    #expect(block.set_error(block.handle, 1, long, long.count) == 0)
    #expect(fixture.call.explanation.message?.utf8.count == 8192)
    #expect(block.set_error(block.handle, 1, [CChar(bitPattern: 0xff)], 1) == 0)
    #expect(fixture.call.explanation.message == "\u{fffd}")
    #expect(block.set_error(block.handle, 1, nil, 5) == ABIStatus.invalid.rawValue)
    #expect(block.set_error(block.handle, 1, "x", -1) == ABIStatus.invalid.rawValue)
    #expect(fixture.call.explanation.message == "\u{fffd}")
  }

  @Test("a metric has a UTF-8 name of 1 to 128 bytes and a finite value")
  func metrics() {
    let fixture = CallFixture()
    let block = fixture.call.block.pointer.pointee
    let long = String(repeating: "n", count: 128)
    #expect(block.metric(block.handle, "rows", 4, 2.5) == 0)
    #expect(block.metric(block.handle, long, 128, -1) == 0)
    let invalid = ABIStatus.invalid.rawValue
    #expect(block.metric(block.handle, long + "n", 129, 1) == invalid)
    #expect(block.metric(block.handle, "", 0, 1) == invalid)
    #expect(block.metric(block.handle, nil, 4, 1) == invalid)
    #expect(block.metric(block.handle, "m", -1, 1) == invalid)
    #expect(block.metric(block.handle, [CChar(bitPattern: 0xc3)], 1, 1) == invalid)
    for value in [Double.nan, .infinity, -.infinity] { #expect(block.metric(block.handle, "m", 1, value) == invalid) }
    #expect(fixture.services.metrics == ["rows": 2.5, long: -1])
  }

  @Test("random_at fills exactly what was asked, up to 1 MiB, and nothing when it refuses")
  func random() {
    let fixture = CallFixture()
    let block = fixture.call.block.pointer.pointee
    var out = [UInt8](repeating: 0xee, count: 8)
    #expect(block.random_at(block.handle, "ab", 2, 5, &out, 4) == 0)
    #expect(out == [7, 8, 9, 10, 0xee, 0xee, 0xee, 0xee])
    let invalid = ABIStatus.invalid.rawValue
    #expect(block.random_at(block.handle, nil, 0, 0, nil, 0) == 0)
    #expect(block.random_at(block.handle, nil, 2, 0, &out, 4) == invalid)
    #expect(block.random_at(block.handle, "ab", 2, 0, nil, 4) == invalid)
    #expect(block.random_at(block.handle, "ab", -1, 0, &out, 4) == invalid)
    #expect(block.random_at(block.handle, "ab", 2, 0, &out, -1) == invalid)
    #expect(block.random_at(block.handle, "ab", 2, 0, &out, 1 << 20 + 1) == invalid)
    #expect(block.random_at(block.handle, "ab", 4097, 0, &out, 4) == invalid)
    #expect(out == [7, 8, 9, 10, 0xee, 0xee, 0xee, 0xee])
  }

  @Test("input_open needs a place for the descriptor, and passes on that there is no such input")
  func inputs() {
    let fixture = CallFixture()
    let block = fixture.call.block.pointer.pointee
    var descriptor: Int32 = -1
    var length: UInt64 = 0
    #expect(block.input_open(block.handle, "data", 4, nil, &length) == ABIStatus.invalid.rawValue)
    #expect(block.input_open(block.handle, "other", 5, &descriptor, nil) == ABIStatus.notFound.rawValue)
    #expect(block.input_open(block.handle, "data", -4, &descriptor, nil) == ABIStatus.invalid.rawValue)
    #expect(descriptor == -1)
    #expect(block.input_open(block.handle, "data", 4, &descriptor, &length) == 0)
    #expect(descriptor == 99 && length == 1000)
  }

  @Test("is_cancelled, progress and now_ns answer from the services")
  func others() {
    let fixture = CallFixture()
    let block = fixture.call.block.pointer.pointee
    #expect(block.is_cancelled(block.handle) == 0)
    fixture.services.cancel()
    #expect(block.is_cancelled(block.handle) == 1)
    #expect(block.progress(block.handle, .max, .max) == 0)
    #expect(fixture.services.progressSeen == [.max])
    #expect(block.now_ns(block.handle) == 1_234_567_890_000_000_000)
  }

  @Test("the block is the header's: sizes, host version, plugin path, and no unknown extension")
  func block() {
    let fixture = CallFixture(configuration: #"{"key":"é"}"#)
    let block = fixture.call.block.pointer.pointee
    #expect(block.struct_size == 104 && block.store.pointee.struct_size == 112 && block.host.pointee.struct_size == 56)
    #expect(block.config_len == 12)
    #expect(String(cString: block.config) == #"{"key":"é"}"#)
    #expect(String(cString: block.host.pointee.version) == HostInterface.version)
    #expect(String(cString: block.host.pointee.plugin_path) == "/plugins/p.so")
    #expect(block.host.pointee.get_extension(block.host.pointee.ctx, "org.example.none") == nil)
  }
}

import COmphalos
import Testing

@testable import PluginABI

@Suite("Functions of the store, as C calls them")
struct StoreFunctionTests {
  private let store = StoreTable.shared.pointer.pointee
  private let invalid = ABIStatus.invalid.rawValue

  /// Options whose texts live as long as the test process.
  private func options(
    mediaType: String? = nil, role: String? = nil, description: String? = nil, size: Int = 56
  ) -> omphalos_artifact_options {
    omphalos_artifact_options(
      struct_size: UInt32(size), reserved0: 0, media_type: mediaType.map(newCString),
      media_type_len: mediaType?.utf8.count ?? 0, role: role.map(newCString), role_len: role?.utf8.count ?? 0,
      description: description.map(newCString), description_len: description?.utf8.count ?? 0)
  }

  @Test("put hands over path, options and bytes as they are, NUL bytes included")
  func put() {
    let fixture = CallFixture()
    var all = options(mediaType: "text/csv", role: "narrative", description: "Für Leute")
    let path: [CChar] = [97, 0, 98]
    #expect(store.put(fixture.handle, path, 3, &all, [UInt8](arrayLiteral: 1, 0, 2), 3) == 0)
    #expect(
      fixture.store.asked == [
        .init(
          function: "put", path: [97, 0, 98],
          options: ArtifactOptions(mediaType: "text/csv", role: .narrative, description: "Für Leute"), bytes: [1, 0, 2])
      ])
  }

  @Test("no options and empty options leave the defaults")
  func defaults() {
    let fixture = CallFixture()
    var empty = options(mediaType: "", role: "", description: "")
    var artifact: UInt64 = 0
    #expect(store.create(fixture.handle, "a", 1, nil, &artifact) == 0)
    #expect(artifact == 41)
    #expect(store.create(fixture.handle, "b", 1, &empty, &artifact) == 0)
    #expect(fixture.store.asked.map(\.options) == [ArtifactOptions(), ArtifactOptions()])
    #expect(ArtifactOptions().mediaType == "application/octet-stream" && ArtifactOptions().role == .other)
  }

  @Test(
    "every role of the header is taken",
    arguments: [
      ("briefing_table", ArtifactOptions.Role.briefingTable), ("packet", .packet), ("narrative", .narrative),
      ("warehouse", .warehouse), ("other", .other),
    ])
  func roles(name: String, role: ArtifactOptions.Role) {
    let fixture = CallFixture()
    var chosen = options(role: name)
    #expect(store.put(fixture.handle, "a", 1, &chosen, nil, 0) == 0)
    #expect(fixture.store.asked.map(\.options.role) == [role])
  }

  @Test("options are refused when too small, of an unknown role, too long, not UTF-8, or NULL with a length")
  func badOptions() {
    let fixture = CallFixture()
    var wrong = [
      options(size: 0), options(size: 55), options(role: "table"),
      options(mediaType: String(repeating: "m", count: 256)), options(description: String(repeating: "d", count: 4097)),
      options(), options(), options(),
    ]
    wrong[5].media_type_len = 3
    wrong[6].description = newCString("x")
    wrong[6].description_len = -1
    let broken = UnsafeMutablePointer<CChar>.allocate(capacity: 1)
    broken.pointee = CChar(bitPattern: 0xe2)
    wrong[7].role = UnsafePointer(broken)
    wrong[7].role_len = 1
    for index in wrong.indices {
      #expect(store.put(fixture.handle, "a", 1, &wrong[index], nil, 0) == invalid, "\(index)")
    }
    #expect(fixture.store.asked.isEmpty)
    var larger = options(role: "packet", size: 4096)
    #expect(store.put(fixture.handle, "a", 1, &larger, nil, 0) == 0)
  }

  @Test("of options that end before memory that cannot be read, only the size is read")
  func shortOptions() {
    let fixture = CallFixture()
    let tail = GuardedPage().tail(8)
    tail.storeBytes(of: 8, as: UInt32.self)
    let pointer = UnsafePointer(tail.assumingMemoryBound(to: omphalos_artifact_options.self))
    #expect(store.put(fixture.handle, "a", 1, pointer, nil, 0) == invalid)
  }

  @Test("a NULL path and a length that cannot be are E_PATH; of an endless path only the start is looked at")
  func paths() {
    let fixture = CallFixture()
    #expect(store.put(fixture.handle, nil, 3, nil, nil, 0) == ABIStatus.path.rawValue)
    #expect(store.put(fixture.handle, "a", -1, nil, nil, 0) == ABIStatus.path.rawValue)
    #expect(store.open(fixture.handle, nil, 1, nil, nil) == invalid)
    #expect(fixture.store.asked.isEmpty)
    let page = GuardedPage()
    let path = page.start.assumingMemoryBound(to: CChar.self)
    // A plugin that lies about the length pays with its own process; but of one byte too many nothing is read.
    #expect(store.put(fixture.handle, path, .max, nil, nil, 0) == 0)
    #expect(fixture.store.asked.map(\.path.count) == [4096])
  }

  @Test("bytes are NULL only with length 0, and a length beyond half the address space is refused")
  func bytes() {
    let fixture = CallFixture()
    #expect(store.put(fixture.handle, "a", 1, nil, nil, 0) == 0)
    #expect(store.put(fixture.handle, "a", 1, nil, nil, 1) == invalid)
    #expect(store.put(fixture.handle, "a", 1, nil, "x", -1) == invalid)
    #expect(store.write(fixture.handle, 41, "x", .min) == invalid)
    #expect(store.write(fixture.handle, 41, nil, 0) == 0)
  }

  @Test("create, open and read need a place for their result, and touch it only on success")
  func results() {
    let fixture = CallFixture()
    var artifact: UInt64 = 7
    var length: UInt64 = 7
    var count = 7
    #expect(store.create(fixture.handle, "a", 1, nil, nil) == invalid)
    #expect(store.open(fixture.handle, "a", 1, nil, &length) == invalid)
    #expect(store.read(fixture.handle, 42, 0, nil, 0, nil) == invalid)
    #expect(store.read(fixture.handle, 42, 0, nil, 4, &count) == invalid)
    #expect(store.read(fixture.handle, 42, 0, &artifact, -4, &count) == invalid)
    fixture.store.refuse(with: ABIFailure(.denied, "no"))
    #expect(store.create(fixture.handle, "a", 1, nil, &artifact) == ABIStatus.denied.rawValue)
    #expect(store.open(fixture.handle, "a", 1, &artifact, &length) == ABIStatus.denied.rawValue)
    #expect(artifact == 7 && length == 7 && count == 7)
    fixture.store.refuse(with: nil)
    #expect(store.open(fixture.handle, "a", 1, &artifact, nil) == 0)
    #expect(store.open(fixture.handle, "a", 1, &artifact, &length) == 0)
    #expect(artifact == 42 && length == 7)
    var buffer = [UInt8](repeating: 0, count: 2)
    #expect(store.read(fixture.handle, 42, 0, &buffer, 2, &count) == 0)
    #expect(count == 2 && buffer == [65, 66])
  }
  @Test("stage, map and the list hand over what they were given, and touch their results only on success")
  func stageMapList() {
    let fixture = CallFixture()
    var handle: UInt64 = 7
    var descriptor: Int32 = 7
    var bytes: UnsafeRawPointer?
    var count = 7
    fixture.store.refuse(with: ABIFailure(.denied, "no"))
    #expect(store.stage(fixture.handle, "a", 1, nil, &handle, &descriptor) == ABIStatus.denied.rawValue)
    #expect(store.map(fixture.handle, 42, &bytes, &count) == ABIStatus.denied.rawValue)
    #expect(store.list_open(fixture.handle, "a", 1, &handle) == ABIStatus.denied.rawValue)
    #expect(handle == 7 && descriptor == 7 && bytes == nil && count == 7)
    fixture.store.refuse(with: nil)
    #expect(store.stage(fixture.handle, "a", 1, nil, &handle, nil) == invalid)
    #expect(store.stage(fixture.handle, "a", 1, nil, &handle, &descriptor) == 0)
    #expect(handle == 43 && descriptor == 99)
    #expect(store.map(fixture.handle, 42, nil, &count) == invalid)
    #expect(store.map(fixture.handle, 42, &bytes, &count) == 0)
    #expect(bytes != nil && count == 4)
    #expect(store.list_open(fixture.handle, nil, 0, nil) == invalid)
    #expect(store.list_open(fixture.handle, nil, 0, &handle) == 0)
    #expect(handle == 44)
    #expect(store.list_close(fixture.handle, 44) == 0)
  }

  @Test("the next path of a list is copied without a NUL, only where it fits, and its length told in any case")
  func listNext() {
    let fixture = CallFixture()
    var path = [CChar](repeating: 33, count: 10)
    var count = 7
    var length: UInt64 = 7
    #expect(store.list_next(fixture.handle, 44, &path, 10, nil, &length) == invalid)
    #expect(store.list_next(fixture.handle, 44, nil, 10, &count, &length) == invalid)
    #expect(store.list_next(fixture.handle, 44, &path, -1, &count, &length) == invalid)
    #expect(count == 7 && length == 7)
    #expect(store.list_next(fixture.handle, 44, &path, 8, &count, nil) == invalid)
    #expect(count == 9 && path == [CChar](repeating: 33, count: 10))
    #expect(store.list_next(fixture.handle, 44, &path, 9, &count, &length) == 0)
    #expect(count == 9 && length == 7 && path.map { UInt8(bitPattern: $0) } == Array("exports/a!".utf8))
  }
}

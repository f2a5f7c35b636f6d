import CLinux
import OmphalosValues

/// An object that the dynamic linker mapped. It is never unmapped: once code of it may have run, unloading would run
/// more of it.
public struct LoadedLibrary: Sendable {
  /// What `dlopen(3)` returned, as a number.
  public let handle: UInt

  /// Maps the file at `path` with `RTLD_NOW | RTLD_LOCAL`. Constructors and IFUNC resolvers run in here, even where it
  /// fails.
  public static func open(path: String) throws(LoadError) -> LoadedLibrary {
    var failure = [CChar](repeating: 0, count: 1024)
    let capacity = failure.count
    let handle = unsafe path.withCString { path in
      unsafe failure.withUnsafeMutableBufferPointer { text in
        unsafe clinux_dlopen(path, text.baseAddress, capacity)
      }
    }
    guard let handle = unsafe handle else {
      let text = failure.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }
      throw LoadError(text: String(decoding: text, as: UTF8.self))
    }
    return LoadedLibrary(handle: UInt(bitPattern: handle))
  }

  /// The address of a symbol, in this object or in one that it needs; nil if there is none.
  public func address(of symbol: String) -> UInt? {
    unsafe clinux_dlsym(UnsafeMutableRawPointer(bitPattern: handle), symbol).map { UInt(bitPattern: $0) }
  }
}

/// The dynamic linker's own words.
public struct LoadError: Error, Sendable {
  public let text: String
  public init(text: String) { self.text = text }
}

/// This process's memory, read without trusting that it is there. `process_vm_readv(2)`.
public enum OwnMemory {
  /// `count` bytes at `address`; nil where not all of them are mapped and readable.
  public static func bytes(at address: UInt, count: Int) -> [UInt8]? {
    guard count > 0 else { return count == 0 ? [] : nil }
    var complete = false
    let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      let got = unsafe clinux_read_own_memory(
        UnsafeRawPointer(bitPattern: address), buffer.baseAddress!, count)
      complete = got == count
      filled = max(0, got)
    }
    return complete ? bytes : nil
  }

  /// The bytes before the first NUL at `address`; nil if there is none within `limit` bytes of readable memory.
  public static func cString(at address: UInt, limit: Int) -> [UInt8]? {
    var result: [UInt8] = []
    var next = address
    while result.count <= limit {
      // Never across a page: the next page may not be mapped.
      let inPage = 4096 - Int(next % 4096)
      guard let part = bytes(at: next, count: min(inPage, limit + 1 - result.count)), !part.isEmpty else { return nil }
      if let end = part.firstIndex(of: 0) { return result + part[..<end] }
      result += part
      let (sum, overflow) = next.addingReportingOverflow(UInt(part.count))
      if overflow { return nil }
      next = sum
    }
    return nil
  }
}

/// Threads with a stack of a known size, apart from Swift's cooperative pool, on which a blocking call would starve
/// everyone else.
public enum DedicatedThread {
  /// Runs `body` on a new thread and waits for that thread to end. False if the thread ended before `body` returned
  /// (something called `pthread_exit`). Throws if there is no thread to be had.
  public static func run(
    stackBytes: Int = 8 << 20, _ body: @escaping @Sendable () -> Void
  ) throws(SystemCallError) -> Bool {
    let work = Work(body)
    let context = unsafe Unmanaged.passRetained(work).toOpaque()
    let error = unsafe clinux_run_on_thread(
      stackBytes,
      { context in
        guard let context = unsafe context else { return }
        let work = unsafe Unmanaged<Work>.fromOpaque(context).takeUnretainedValue()
        work.body()
        work.isFinished = true
      }, context)
    if error != 0 {
      throw SystemCallError(call: "pthread_create", subject: "a thread for plugin calls", errno: .init(rawValue: error))
    }
    unsafe Unmanaged<Work>.fromOpaque(context).release()
    return work.isFinished
  }

  private final class Work {
    let body: @Sendable () -> Void
    // Written by the thread, read after the join.
    var isFinished = false
    init(_ body: @escaping @Sendable () -> Void) { self.body = body }
  }

  /// The kernel's number of the calling thread.
  public static var currentID: Int32 { clinux_thread_id() }
}

/// Which thread it is, for comparisons that must cost nothing. No number is used again, as the kernel's are.
public struct ThreadIdentity: Sendable, Hashable {
  @usableFromInline let number: UInt64

  @inlinable init(number: UInt64) { self.number = number }

  @inlinable public static var current: ThreadIdentity { ThreadIdentity(number: clinux_thread()) }
}

/// Memory that this process shares with another one.
public struct SharedMemory: Sendable {
  public let file: File
  /// The address it is mapped at, for as long as the process lives.
  public let address: UInt
  /// In bytes.
  public let size: Int

  /// New memory, zeroed, under an inheritable descriptor's number once the caller makes it so.
  public static func create(size: Int, name: String) throws(SystemCallError) -> SharedMemory {
    let file = try AnonymousFile.create(name: name)
    try file.truncate(to: size)
    return try adopting(file, size: size)
  }

  /// Memory that another process made.
  public static func adopting(_ file: File, size: Int) throws(SystemCallError) -> SharedMemory {
    let address = try check("mmap", file.name) { clinux_map_shared(file.descriptor, size) }
    return SharedMemory(file: file, address: UInt(address), size: size)
  }
}

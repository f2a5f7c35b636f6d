import CLinux
import Glibc
import SystemPackage

/// Time that never goes backwards, in nanoseconds; the same in every process of this boot.
public enum MonotonicClock {
  public static func now() -> Int64 { read(CLOCK_MONOTONIC) }
}

/// Nanoseconds since 1970-01-01T00:00:00Z.
public enum WallClock {
  public static func now() -> Int64 { read(CLOCK_REALTIME) }
}

private func read(_ clock: clockid_t) -> Int64 {
  var time = timespec()
  unsafe clock_gettime(clock, &time)
  return Int64(time.tv_sec) * 1_000_000_000 + Int64(time.tv_nsec)
}

/// Waits for descriptors. `poll(2)`.
public enum Poll {
  /// The indices of `files` that have something to read or are at their end; empty after `timeout` milliseconds.
  public static func readable(_ files: [File], timeout milliseconds: Int32) throws(SystemCallError) -> [Int] {
    var requests = files.map { pollfd(fd: $0.descriptor, events: Int16(POLLIN), revents: 0) }
    let count = unsafe poll(&requests, nfds_t(requests.count), milliseconds)
    if count < 0 {
      let errno = currentErrno()
      if errno == .interrupted { return [] }
      throw SystemCallError(call: "poll", subject: "descriptors of the worker", errno: errno)
    }
    return requests.indices.filter { requests[$0].revents != 0 }
  }
}

/// Signals as something to wait for. Blocks SIGINT, SIGTERM and SIGHUP for the whole process.
public struct SignalSource: Sendable {
  public let file: File

  public init() throws(SystemCallError) {
    let fd = try check("signalfd", "signals") { clinux_signal_descriptor() }
    file = File(owning: fd, name: "signals")
  }

  public func next() -> Int32? {
    let signal = clinux_next_signal(file.descriptor)
    return signal > 0 ? signal : nil
  }
}

/// A pipe whose reading end does not block. Both ends are closed on exec.
public struct Pipe: Sendable {
  public let reading: File
  public let writing: File

  public init(name: String) throws(SystemCallError) {
    var ends: [Int32] = [0, 0]
    try check("pipe2", name) { unsafe clinux_pipe(&ends) }
    reading = File(owning: ends[0], name: name)
    writing = File(owning: ends[1], name: name)
    let flags = fcntl(ends[0], F_GETFL)
    try check("fcntl", name) { fcntl(ends[0], F_SETFL, flags | O_NONBLOCK) }
  }
}

/// A POSIX record lock on a whole file: gone with its process, and not inherited by children.
extension File {
  /// False if another process holds it.
  public func tryLock() throws(SystemCallError) -> Bool {
    if clinux_lock(descriptor) == 0 { return true }
    let errno = currentErrno()
    if errno == .resourceTemporarilyUnavailable || errno == .permissionDenied { return false }
    throw SystemCallError(call: "fcntl(F_SETLK)", subject: name, errno: errno)
  }

  /// The pid of the other process that holds the lock, 0 if that has no number here (it is of another pid namespace);
  /// nil if nobody holds it.
  public func lockHolder() throws(SystemCallError) -> Int32? {
    var pid: Int32 = 0
    let isHeld = try check("fcntl(F_GETLK)", name) { unsafe clinux_lock_holder(descriptor, &pid) }
    return isHeld == 0 ? nil : pid
  }
}

/// The system's random source. `getrandom(2)`.
public enum SystemRandom {
  /// Two hexadecimal digits for each of so many bytes: for names that nobody else has.
  public static func hexDigits(bytes count: Int) -> String {
    bytes(count).map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
  }

  public static func bytes(_ count: Int) -> [UInt8] {
    unsafe [UInt8](unsafeUninitializedCapacity: count) { buffer, filled in
      while filled < count {
        let got = unsafe clinux_random(buffer.baseAddress! + filled, count - filled)
        if got > 0 { filled += got }
      }
    }
  }
}

public enum Pause {
  /// Stops the calling thread for at least this long.
  public static func milliseconds(_ count: Int) {
    var time = timespec(tv_sec: count / 1000, tv_nsec: count % 1000 * 1_000_000)
    var left = timespec()
    while unsafe nanosleep(&time, &left) < 0, currentErrno() == .interrupted { time = left }
  }
}

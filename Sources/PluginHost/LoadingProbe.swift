import LinuxCalls
import OmphalosValues

/// Whether this system lets plugins be loaded the way they are loaded: sealed memory files, read through /proc.
public enum LoadingProbe {
  /// What is missing, as a sentence; nil if all is there.
  public static func problem() -> String? {
    let memory: SealedMemory
    do throws(SystemCallError) {
      memory = try SealedMemory.holding([0x7f], name: "omphalos probe")
    } catch {
      return "sealed memory files cannot be made: \(error)"
    }
    guard SealedMemory.mayBeExecuted(memory.file) else {
      return "sealed memory files may not be executed here: a security module forbids it"
    }
    guard (try? File.open("/proc/self/fd/\(memory.file.descriptor)")) != nil else {
      return "/proc/self/fd cannot be used: plugins are loaded through it"
    }
    guard let page = try? SharedMemory.create(size: 4096, name: "omphalos probe"),
      OwnMemory.bytes(at: page.address, count: 1) != nil
    else {
      return "process_vm_readv(2) cannot be used: plugins' descriptors are read with it"
    }
    return nil
  }
}

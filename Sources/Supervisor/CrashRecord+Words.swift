import LinuxCalls

/// What the kernel's codes mean, in words for a sentence. Sources: sigaction(2), siginfo in <bits/siginfo-consts.h>.
extension CrashRecord {
  /// `SI_TKILL`: sent to one thread, as `raise` and `abort` do.
  static let sentToThread: Int32 = -6
  /// `SI_KERNEL`: the address is not told, for instance because no address can be like that.
  private static let withoutAddress: Int32 = 0x80

  /// The processor or the kernel found something wrong with what the thread did.
  var isFault: Bool { code > 0 }

  /// "writing to address 0x0"; nil where there is nothing to say beyond the signal.
  var cause: String? {
    switch signal {
    case 7, 11: code == Self.withoutAddress ? "using an address that cannot be one" : memoryCause
    case 8: code == 1 ? "dividing an integer by zero, or with a result that is too large" : nil
    case 31: "by system call \(value), which a filter forbids"
    default: nil
    }
  }

  private var memoryCause: String {
    var text =
      switch access {
      case .unknown: "using"
      case .reading: "reading from"
      case .writing: "writing to"
      case .executing: "jumping to"
      }
    text += " address 0x\(String(value, radix: 16))"
    if signal == 7, code == 2 { text += ", where a mapped file has no bytes" }
    if signal == 11, isNearStack { text += ": the thread's stack is used up" }
    return text
  }

  /// A frame that is too large for the stack reaches below it at once, others step over its end.
  private var isNearStack: Bool {
    let distance = Int64(bitPattern: value &- stackPointer)
    return distance > -0x10000 && distance < 0x10000
  }
}

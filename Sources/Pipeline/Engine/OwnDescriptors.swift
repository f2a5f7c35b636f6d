import LinuxCalls
import PluginABI

/// The descriptors that the worker itself works with. A plugin that closes them, or puts other files under their
/// numbers, is found right after the function that did it: later everything fails in the name of somebody else.
final class OwnDescriptors {
  private struct Own {
    let file: File
    let status: FileStatus
  }

  private let page: FlightPage
  private var own: [Own]

  init(_ files: [File], page: FlightPage) throws(SystemCallError) {
    self.page = page
    own = try files.map { (file) throws(SystemCallError) in
      Own(file: file, status: try file.status())
    }
  }

  func add(_ file: File) throws(SystemCallError) { own.append(Own(file: file, status: try file.status())) }

  func remove(_ file: File) { own.removeAll { $0.file === file } }

  /// Does not return if one is lost: there may be no way left to tell the supervisor but the page.
  func check(_ identity: CallIdentity, after function: String) {
    guard !areIntact else { return }
    // Not after each batch, which would be a system call for each.
    let function = function == "run" ? "run, or a connector that it read from," : function
    page.during(function, of: identity, timeout: 0) {
      page.markEnd(.descriptorsLost)
      Processes.exitNow(0)
    }
  }

  private var areIntact: Bool {
    own.allSatisfy { own in
      (try? own.file.status())?.isSameFile(as: own.status) ?? false
    }
  }
}

import Admission
import LinuxCalls
import OmphalosValues
import PluginABI

/// What a plugin may open by `resource_open`: the files of its folder that are no libraries, out of reach of changes.
struct PluginResources: ResourceProvider {
  /// "acme.d/"
  private let prefix: String
  private let parts: [UTF8String: SealedPlugin.Part]

  init(_ sealed: SealedPlugin) {
    prefix = PluginFolder.name(for: sealed.name) + "/"
    parts = Dictionary(
      sealed.parts.filter { OwnFile.kind(of: $0.path) == .resource }.map { (UTF8String($0.path), $0) }
    ) { first, _ in first }
  }

  func open(_ path: String) throws(ABIFailure) -> Int32 {
    do throws(ValueError) {
      _ = try ArtifactPath(path)
    } catch {
      throw ABIFailure(.path, "resource_open: \(error.message).")
    }
    guard let part = parts[UTF8String(prefix + path)] else {
      let names = parts.keys.sorted().map { String($0.string.dropFirst(prefix.count)) }
      let near = nearestNames(to: path, among: names)
      let remedy =
        names.isEmpty
        ? "\(prefix) has none" : "\(prefix) has \(near.isEmpty ? names.prefix(10).joined(separator: ", ") : near.joined(separator: ", "))"
      throw ABIFailure(.notFound, "resource_open: there is no resource \(quotedForMessage(path)); \(remedy).")
    }
    do throws(SystemCallError) {
      // By /proc, so that the plugin gets an offset of its own.
      return try File.open("/proc/self/fd/\(part.image.file.descriptor)").releaseDescriptor()
    } catch {
      throw ABIFailure(.io, "resource_open: \(part.path) cannot be opened again: \(error).")
    }
  }
}

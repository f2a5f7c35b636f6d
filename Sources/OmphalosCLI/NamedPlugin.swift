import Admission
import OmphalosValues
import PluginHost

/// A file that somebody named as a plugin.
struct NamedPlugin {
  let path: String

  init(_ path: String) { self.path = path }

  /// As it would be found in its directory.
  func candidate(under terms: AdmissionTerms) throws -> PluginCandidate {
    let (folder, name) = splitPath(path)
    let discovery = Discovery([PluginDirectory(path: folder, isExplicit: true)], under: terms, only: name)
    if let problem = discovery.problems.first { throw problem }
    guard let candidate = discovery.candidates.first else {
      throw ConfigurationError(
        mark: nil,
        message: "There is no plugin file \(quotedForMessage(path)): wanted a file named *.so in a directory that may be read")
    }
    return candidate
  }
}

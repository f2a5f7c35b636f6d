/// A library that a plugin brings along in its folder `NAME.d/`. It is loaded before the plugin, so that its SONAME
/// answers whoever needs it.
public struct OwnLibrary: Sendable {
  /// Beginning with the folder: "acme.d/libfoo.so".
  public let path: String
  public let object: ELFObject

  public init(path: String, object: ELFObject) {
    self.path = path
    self.object = object
  }
}

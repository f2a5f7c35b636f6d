import Admission
import Glibc
import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import PluginHost

@Suite("Looking for plugins")
struct DiscoveryTests {
  private let folder: PluginFolder

  init() throws { folder = try PluginFolder() }

  @Test("regular files *.so directly in the folder are looked at, sorted by bytes; nothing else is")
  func files() throws {
    try folder.add("b.so", plugin("com.example.b"))
    try folder.add("B.so", plugin("com.example.big"))
    try folder.compiler.folder.write("plugins/readme.txt", "x")
    try folder.compiler.folder.write("plugins/sub/c.so", "x")
    try folder.compiler.folder.write("plugins/libx.so.1", "x")
    let found = folder.discover()
    #expect(found.candidates.map(\.name) == ["B.so", "b.so"])
    #expect(found.candidates.allSatisfy(\.isAdmissible) && found.problems.isEmpty)
    #expect(found.candidate(for: try PluginID("com.example.b"))?.name == "b.so")
    #expect(found.candidate(for: try PluginID("com.example.none")) == nil)
  }

  @Test("what is no plugin is kept with its reason and does not stand in the way of others")
  func odd() throws {
    try folder.add("good.so", plugin("com.example.good"))
    try folder.compiler.folder.write("plugins/text.so", "not an object")
    try folder.compiler.folder.write("plugins/empty.so", "")
    mkfifo(folder.path + "/fifo.so", 0o600)
    mkdir(folder.path + "/dir.so", 0o700)
    symlink("nowhere", folder.path + "/dangling.so")
    let candidates = folder.discover().candidates
    #expect(candidates.map(\.name) == ["dangling.so", "dir.so", "empty.so", "fifo.so", "good.so", "text.so"])
    #expect(candidates.map(\.isAdmissible) == [false, false, false, false, true, false])
    let reasons = candidates.compactMap(\.refusals.first?.sentence)
    #expect(reasons.count == 5)
    #expect(reasons[1].contains("directory") && reasons[3].contains("fifo"))
    #expect(reasons[4].contains("ELF"))
  }

  @Test("a symbolic link is followed once, and where it led is recorded")
  func links() throws {
    _ = try folder.compiler.sharedObject(c: plugin("com.example.far").text, name: "far.so")
    symlink("../far.so", folder.path + "/near.so")
    let candidate = try #require(folder.discover().candidates.first)
    #expect(candidate.name == "near.so" && candidate.isAdmissible)
    #expect(candidate.target == (try Path.resolved(folder.compiler.folder.path)) + "/far.so")
  }

  @Test("two files with one id are both refused; with the same bytes they count once")
  func duplicates() throws {
    let first = try folder.add("a.so", plugin("com.example.same"))
    _ = try Shell.run(["cp", first, folder.path + "/copy.so"])
    let same = folder.discover()
    #expect(same.candidates.map(\.isAdmissible) == [true, true])
    #expect(same.candidate(for: try PluginID("com.example.same"))?.name == "a.so")
    var other = plugin("com.example.same")
    other.version = "2.0.0"
    try folder.add("z.so", other)
    #expect(folder.discover().candidates.map(\.isAdmissible) == [false, false, false])
  }

  @Test("files and folders that others may write, or that are somebody else's, are refused")
  func ownership() throws {
    let file = try folder.add("a.so", plugin("com.example.a"))
    chmod(file, 0o775)
    let writable = try #require(folder.discover().candidates.first)
    #expect(writable.refusals.first?.sentence.contains("0775") == true)
    chmod(file, 0o755)
    let owner = try File.open(file).status().owner
    // Somebody else looks at files of a user who is not root, or root's files are everybody's.
    let stranger = folder.discover(user: owner + 1)
    #expect(stranger.problems.isEmpty == (owner == 0))
    chmod(folder.path, 0o777)
    let open = folder.discover()
    #expect(open.candidates.isEmpty && open.problems.first?.exitCode == .pluginRefused)
    chmod(folder.path, 0o755)
  }

  @Test("a file larger than the limit is not read")
  func tooLarge() throws {
    try folder.add("a.so", plugin("com.example.a"))
    let candidate = try #require(folder.discover(largest: 1000).candidates.first)
    #expect(!candidate.isAdmissible && candidate.plugin == nil)
    #expect(candidate.refusals.first?.sentence.contains("1000") == true)
  }

  @Test("a named folder that is missing is a problem, a default one is not; one named twice is searched once")
  func folders() throws {
    try folder.add("a.so", plugin("com.example.a"))
    let missing = folder.path + "/none"
    let explicit = Discovery([PluginDirectory(path: missing, isExplicit: true)])
    #expect(explicit.problems.map(\.exitCode) == [.badData])
    let silent = Discovery([PluginDirectory(path: missing, isExplicit: false)])
    #expect(silent.problems.isEmpty)
    let twice = Discovery(
      [
        PluginDirectory(path: folder.path, isExplicit: true),
        PluginDirectory(path: folder.path + "/.", isExplicit: true),
      ])
    #expect(twice.candidates.count == 1)
  }

  @Test("the places are searched in their order")
  func searchPath() {
    let places = PluginDirectory.searchPath(
      explicit: ["p"], environment: ["OMPHALOS_PLUGIN_PATH": "/a:/b", "HOME": "/home/x"])
    #expect(
      places.map(\.path) == [
        "p", "/a", "/b", "/home/x/.local/share/omphalos/plugins", "/usr/local/lib/omphalos/plugins",
        "/usr/lib/omphalos/plugins",
      ])
    #expect(places.map(\.isExplicit) == [true, false, false, false, false, false])
    let data = PluginDirectory.searchPath(explicit: [], environment: ["XDG_DATA_HOME": "/d", "HOME": "/home/x"])
    #expect(data.first?.path == "/d/omphalos/plugins")
    #expect(PluginDirectory.searchPath(explicit: [], environment: ["HOME": "relative"]).count == 2)
  }

  @Test("a plugin that declares itself incompatible is refused in a hermetic run only")
  func hermetic() throws {
    var source = plugin("com.example.net")
    source.hermetic = "incompatible"
    try folder.add("net.so", source)
    #expect(folder.discover().candidates.map(\.refusals.isEmpty) == [true])
    #expect(folder.discover(hermetic: true).candidates.map(\.refusals.isEmpty) == [false])
  }
}

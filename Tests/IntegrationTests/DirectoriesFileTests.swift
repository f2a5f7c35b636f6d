import Foundation
import TestSupport
import Testing

private let canBecomeOthers = getuid() == 0 && Shell.find("setpriv") != nil
private let nobody = 65534

private let canMount: Bool = {
  guard getuid() == 0, let folder = try? TemporaryFolder() else { return false }
  guard (try? Shell.run(["mount", "-t", "tmpfs", "none", folder.path]).status) == 0 else { return false }
  _ = try? Shell.run(["umount", folder.path])
  return true
}()

@Suite("A plugin file that is not to be trusted")
struct DirectoriesFileTests {
  private func fixture(_ defines: [String: String] = [:]) throws -> PipelineFolder {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(defines)
    try pipeline.writeFixturePipeline()
    return pipeline
  }

  private func list(_ pipeline: PipelineFolder, _ more: String..., user: Int? = nil) throws -> Shell.Result {
    try CommandLineTool.run(
      ["plugins", "list", "--plugins", "plugins"] + more,
      environment: ["HOME": "/nonexistent", "XDG_DATA_HOME": "", "OMPHALOS_PLUGIN_PATH": ""], directory: pipeline.path,
      user: user)
  }

  @Test("writable by others: a pipeline that names it hears that, with exit code 3, and nothing of it ran")
  func writable() throws {
    let pipeline = try PipelineFolder()
    let marker = pipeline.folder.file("code-ran")
    let plugin = try pipeline.addFixture(["ON_CONSTRUCTOR": "mark(\"\(marker)\");"])
    try pipeline.writeFixturePipeline()
    chmod(plugin, 0o666)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr == """
        omphalos: The plugin plugins/fixture.so (com.example.fixture) is refused; it was not loaded, and none of its \
        code ran:
          - the file is writable by group or others (mode 0666), wanted writable by its owner alone; take the right \
        away with chmod go-w.

        """)
    #expect(!FileManager.default.fileExists(atPath: marker))
    #expect(outcome.finalized == [] && outcome.partials == [])
  }

  @Test(
    "of another user: refused, and root's own remedy is named", .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func owned() throws {
    let pipeline = try fixture()
    chown(pipeline.plugins + "/fixture.so", 1234, 1234)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(
      outcome.stderr.contains(
        "the file is owned by user 1234, wanted owned by root, who runs this; change the owner, or copy the file."))
  }

  @Test("a directory of another user is refused", .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func ownedDirectory() throws {
    let pipeline = try fixture()
    chown(pipeline.plugins, 1234, 1234)
    for user in [nil, nobody] {
      let result = try list(pipeline, user: user)
      #expect(result.status == 3)
      #expect(result.stdout == "")
      #expect(result.stderr.contains("The plugins directory plugins is owned by user 1234, wanted owned by "))
      #expect(result.stderr.contains("whoever may write there decides what is loaded"))
    }
  }

  @Test(
    "unreadable: refused as an ordinary user, with what to check",
    .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func unreadable() throws {
    let pipeline = try fixture()
    chmod(pipeline.plugins + "/fixture.so", 0o600)
    let result = try list(pipeline, user: nobody)
    #expect(
      result.stdout == """
        refused     plugins/fixture.so
                    - the file is not readable (Permission denied), wanted a file that may be read; check its mode.

        """)
  }

  @Test("one that others could put there does not stand in the way of one that they may not touch")
  func shadow() throws {
    let pipeline = try fixture()
    let other = try pipeline.addFixture(["VERSION": "\"2.0.0\"", "DESCRIPTOR_VERSION": "\"2.0.0\""], name: "a.so")
    chmod(other, 0o777)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(outcome.stdout.contains("com.example.fixture 1.0.0"))
  }

  @Test(
    "on a file system that forbids execution: refused, because a sealed copy would get around that",
    .enabled(if: canMount, "needs the right to mount a tmpfs"))
  func noexec() throws {
    let pipeline = try fixture()
    let disk = pipeline.folder.file("noexec")
    try FileManager.default.createDirectory(atPath: disk, withIntermediateDirectories: false)
    #expect(try Shell.run(["mount", "-t", "tmpfs", "-o", "noexec,mode=755", "none", disk]).status == 0)
    defer { _ = try? Shell.run(["umount", "-l", disk]) }
    #expect(try Shell.run(["cp", pipeline.plugins + "/fixture.so", disk]).status == 0)
    let result = try CommandLineTool.run(["run", "pipeline.yaml", "--plugins", "noexec"], directory: pipeline.path)
    #expect(result.status == 3)
    #expect(
      result.stderr.contains(
        "the file is on a file system that is mounted noexec, wanted one that allows execution; the administrator has "
          + "forbidden code there; use another place."))
  }

  @Test("links are followed once and told; broken ones are named for what they are")
  func links() throws {
    let pipeline = try fixture()
    try FileManager.default.moveItem(
      atPath: pipeline.plugins + "/fixture.so", toPath: pipeline.folder.file("elsewhere.so"))
    symlink("../elsewhere.so", pipeline.plugins + "/link.so")
    symlink("nowhere", pipeline.plugins + "/dangling.so")
    symlink("loop.so", pipeline.plugins + "/loop.so")
    symlink("..", pipeline.plugins + "/folder.so")
    let capabilities = "connector source, exporter product, lineage_sink sink"
    #expect(
      try list(pipeline).stdout == """
        refused     plugins/dangling.so
                    - the file is a link to nowhere, where there is nothing, wanted a link to a file; mend or remove \
        the link.
        refused     plugins/folder.so
                    a link to \(pipeline.path)
                    - the file is a directory, wanted a regular file; remove it.
        admissible  plugins/link.so  com.example.fixture 1.0.0  (\(capabilities))
                    a link to \(pipeline.path)/elsewhere.so
        refused     plugins/loop.so
                    - the file is a link that leads to itself, wanted a link to a file; mend or remove the link.

        """)
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
  }

  @Test("a name that is not UTF-8, or that would steer the terminal, is shown and harms nobody")
  func names() throws {
    let pipeline = try fixture()
    let plugin = pipeline.plugins + "/fixture.so"
    #expect(
      try Shell.run(
        ["bash", "-c", "cp fixture.so $'bad\\xff.so'; cp fixture.so $'\\e[2J.so'"], directory: pipeline.plugins
      ).status == 0)
    let result = try list(pipeline)
    #expect(result.status == 0)
    #expect(result.stdout.contains("the file is named in bytes that are not UTF-8, wanted a UTF-8 name; rename it."))
    #expect(result.stdout.contains("plugins/\\u{1b}[2J.so") && !result.stdout.contains("\u{1b}"))
    #expect(FileManager.default.fileExists(atPath: plugin))
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    #expect(try CommandLineTool.run(["verify", "runs/\(outcome.finalized[0])"], directory: pipeline.path).status == 0)
  }

  @Test("larger than the limit: refused with both numbers, and not read")
  func large() throws {
    let pipeline = try fixture()
    try pipeline.writeFixturePipeline(limits: "plugin_bytes: 1000")
    let outcome = try pipeline.run()
    #expect(outcome.status != 0)
    #expect(outcome.stderr.contains("bytes long, wanted at most 1000 (limits.plugin_bytes)"))
  }
}

@Suite("Places where plugins are looked for")
struct DirectoriesPlaceTests {
  private func run(_ pipeline: PipelineFolder, _ path: String, _ more: [String] = []) throws -> Shell.Result {
    try CommandLineTool.run(
      ["run", "pipeline.yaml"] + more,
      environment: ["HOME": "/nonexistent", "XDG_DATA_HOME": "", "OMPHALOS_PLUGIN_PATH": path], directory: pipeline.path
    )
  }

  @Test("one of OMPHALOS_PLUGIN_PATH that cannot be used is passed over, and named once a plugin is missed")
  func passedOver() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    chmod(pipeline.plugins, 0o777)
    let missed = try run(pipeline, "nowhere:plugins")
    #expect(missed.status == 65)
    #expect(
      missed.stderr == """
        omphalos: pipeline.yaml:4:33: there is no plugin com.example.fixture; no plugin was found at all. The plugins \
        directory plugins is writable by group or others (mode 0777), wanted writable by its owner alone: whoever may \
        write there decides what is loaded; take the right away with chmod go-w

        """)
    try FileManager.default.createDirectory(atPath: pipeline.folder.file("good"), withIntermediateDirectories: false)
    chmod(pipeline.folder.file("good"), 0o755)
    try FileManager.default.copyItem(
      atPath: pipeline.plugins + "/fixture.so", toPath: pipeline.folder.file("good/f.so"))
    let found = try run(pipeline, "plugins:good")
    #expect(found.status == 0, "\(found.stderr)")
  }

  @Test("the user's own directory is one of them; a directory that is named twice is looked at once")
  func userDirectory() throws {
    let pipeline = try PipelineFolder()
    let folder = pipeline.folder.file("home/.local/share/omphalos/plugins")
    try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    chmod(folder, 0o755)
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    try FileManager.default.moveItem(atPath: pipeline.plugins + "/fixture.so", toPath: folder + "/fixture.so")
    let listed = try CommandLineTool.run(
      ["plugins", "list", "--plugins", folder, "--plugins", "home/../" + folder.dropFirst(pipeline.path.count + 1)],
      environment: ["HOME": pipeline.folder.file("home"), "XDG_DATA_HOME": "", "OMPHALOS_PLUGIN_PATH": ""],
      directory: pipeline.path)
    #expect(listed.status == 0)
    #expect(listed.stdout.split(separator: "\n").count == 1, "\(listed.stdout)")
    let found = try CommandLineTool.run(
      ["run", "pipeline.yaml"],
      environment: ["HOME": pipeline.folder.file("home"), "XDG_DATA_HOME": "", "OMPHALOS_PLUGIN_PATH": ""],
      directory: pipeline.path)
    #expect(found.status == 0, "\(found.stderr)")
  }

  @Test("under --hermetic a plugin that declares itself incompatible is listed as refused")
  func hermeticList() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture([
      "HERMETIC": "\"incompatible\"", "DESCRIPTOR_HERMETIC": "OMPHALOS_HERMETIC_INCOMPATIBLE",
    ])
    let arguments = ["plugins", "list", "--plugins", "plugins"]
    let environment = ["HOME": "/nonexistent", "XDG_DATA_HOME": "", "OMPHALOS_PLUGIN_PATH": ""]
    let free = try CommandLineTool.run(arguments, environment: environment, directory: pipeline.path)
    #expect(free.stdout.hasPrefix("admissible  plugins/fixture.so"))
    let strict = try CommandLineTool.run(arguments + ["--hermetic"], environment: environment, directory: pipeline.path)
    #expect(strict.status == 0)
    #expect(strict.stdout.hasPrefix("refused     plugins/fixture.so"))
    #expect(
      strict.stdout.contains(
        "- hermetic is \"incompatible\", wanted \"compatible\" in a hermetic run; run without --hermetic, or use "
          + "another plugin."))
  }
}

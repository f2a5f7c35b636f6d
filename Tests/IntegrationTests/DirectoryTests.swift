import Foundation
import TestSupport
import Testing

/// Users and modes mean nothing to root, so these run the tool as somebody else.
private let canBecomeOthers = getuid() == 0 && Shell.find("setpriv") != nil
private let nobody = 65534

@Suite("Plugin directories and files")
struct DirectoryTests {
  private func list(_ pipeline: PipelineFolder, _ more: [String] = [], user: Int? = nil) throws -> Shell.Result {
    try CommandLineTool.run(
      ["plugins", "list", "--plugins", "plugins"] + more, directory: pipeline.path, user: user)
  }

  @Test("a directory that is missing or a file is an error that names it")
  func missing() throws {
    let pipeline = try PipelineFolder()
    let missing = try CommandLineTool.run(["plugins", "list", "--plugins", "nowhere"], directory: pipeline.path)
    #expect(missing.status == 65)
    #expect(missing.stderr.contains("The plugins directory nowhere cannot be used: there is no such directory"))
    try pipeline.folder.write("file", "")
    let file = try CommandLineTool.run(["plugins", "list", "--plugins", "file"], directory: pipeline.path)
    #expect(file.status == 65)
    #expect(file.stderr.contains("The plugins directory file cannot be used"))
  }

  @Test("an empty directory has no plugin, and a run says so at the place that names one")
  func empty() throws {
    let pipeline = try PipelineFolder()
    try pipeline.writeFixturePipeline()
    #expect(try list(pipeline).stdout == "No plugin files (*.so) were found.\n")
    let outcome = try pipeline.run()
    #expect(outcome.status == 65)
    #expect(outcome.stderr.contains("pipeline.yaml:4:33: there is no plugin com.example.fixture in plugins; no plugin was found at all"))
  }

  @Test("a directory that others may write is refused", arguments: [0o777, 0o775])
  func writableDirectory(_ mode: Int) throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: pipeline.plugins)
    let outcome = try pipeline.run()
    #expect(outcome.status == 3)
    #expect(outcome.stderr.contains("writable by group or others"))
    #expect(outcome.stderr.contains("chmod go-w"))
  }

  @Test("a directory that others may write is refused to an ordinary user too, even if it is root's", .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func writableForOthers() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try FileManager.default.setAttributes([.posixPermissions: 0o777], ofItemAtPath: pipeline.plugins)
    let result = try list(pipeline, user: nobody)
    #expect(result.status == 3)
    #expect(result.stderr.contains("writable by group or others (mode 0777)"))
  }

  @Test("a directory that may not be read is an error, as an ordinary user", .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func unreadable() throws {
    let pipeline = try PipelineFolder()
    try FileManager.default.setAttributes([.posixPermissions: 0o700], ofItemAtPath: pipeline.plugins)
    let result = try list(pipeline, user: nobody)
    #expect(result.status == 65)
    #expect(result.stderr.contains("permission denied"))
  }

  @Test("plugins of another user are refused, those of root are not", .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func owners() throws {
    let pipeline = try PipelineFolder()
    let plugin = try pipeline.addFixture()
    #expect(try list(pipeline, user: nobody).stdout.hasPrefix("admissible"))
    chown(plugin, 12345, 12345)
    let result = try list(pipeline, user: nobody)
    #expect(result.stdout.contains("owned by user 12345, wanted owned by user 65534, who runs this, or by root"))
  }

  @Test("a run works as an ordinary user, and what it leaves cannot be changed by that user", .enabled(if: canBecomeOthers, "needs root and setpriv"))
  func ordinaryUser() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    try FileManager.default.createDirectory(atPath: pipeline.runs, withIntermediateDirectories: false)
    chown(pipeline.runs, uid_t(nobody), gid_t(nobody))
    let outcome = try pipeline.run(user: nobody)
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let run = try #require(outcome.finalized.first)
    let attempt = try Shell.run([
      "setpriv", "--reuid", "\(nobody)", "--regid", "\(nobody)", "--clear-groups", "bash", "-c",
      "echo x >> '\(pipeline.runs)/\(run)/exports/count.txt' || touch '\(pipeline.runs)/\(run)/exports/new'",
    ])
    #expect(attempt.status != 0)
    #expect(try CommandLineTool.run(["verify", "\(pipeline.runs)/\(run)"], user: nobody).status == 0)
  }

  @Test("files that are no plugins are listed with the reason, and a run that does not name them goes on")
  func badFiles() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let whole = try Data(contentsOf: URL(fileURLWithPath: pipeline.plugins + "/fixture.so"))
    try whole.prefix(2000).write(to: URL(fileURLWithPath: pipeline.plugins + "/cut.so"))
    try pipeline.folder.write("plugins/text.so", "hello\n")
    try pipeline.folder.write("plugins/empty.so", "")
    try pipeline.folder.write("plugins/ignored.txt", "not looked at")
    try FileManager.default.createDirectory(atPath: pipeline.plugins + "/folder.so", withIntermediateDirectories: false)
    mkfifo(pipeline.plugins + "/pipe.so", 0o644)
    symlink("nowhere", pipeline.plugins + "/dangling.so")
    symlink("fixture.so", pipeline.plugins + "/link.so")
    try pipeline.folder.write("plugins/open.so", Array(whole))
    chmod(pipeline.plugins + "/open.so", 0o666)
    let text = try list(pipeline).stdout
    for expected in [
      "plugins/text.so is not an ELF file: it begins with 68 65 6c 6c, wanted 7f 45 4c 46",
      "plugins/empty.so is not an ELF file: it is empty", "plugins/cut.so is truncated",
      "the file is a directory, wanted a regular file", "the file is a fifo, wanted a regular file", "a link to",
      "writable by group or others",
    ] {
      #expect(text.contains(expected), "\(expected) in\n\(text)")
    }
    #expect(!text.contains("ignored.txt"))
    let outcome = try pipeline.run()
    #expect(outcome.status == 0, "\(outcome.stderr)")
    let inventory = try pipeline.text(outcome, "reports/plugins.json")
    #expect(inventory.contains("\"text.so\"") && inventory.contains("\"refused\""))
  }

  @Test("OMPHALOS_PLUGIN_PATH is searched after --plugins")
  func environmentPath() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture()
    try pipeline.writeFixturePipeline()
    let result = try CommandLineTool.run(
      ["run", "pipeline.yaml"], environment: ["OMPHALOS_PLUGIN_PATH": "/nowhere:\(pipeline.plugins)"],
      directory: pipeline.path)
    #expect(result.status == 0, "\(result.stderr)")
  }

  @Test("the list is the same in JSON, with codes that stay")
  func json() throws {
    let pipeline = try PipelineFolder()
    try pipeline.addFixture(["DRAFT": "9"])
    let result = try list(pipeline, ["--format", "json"])
    #expect(result.status == 0)
    let root = try JSONSerialization.jsonObject(with: Data(result.stdout.utf8)) as? [String: Any]
    let plugin = try #require((root?["plugins"] as? [[String: Any]])?.first)
    #expect(plugin["decision"] as? String == "refused")
    #expect(plugin["id"] as? String == "com.example.fixture")
    let reason = try #require((plugin["reasons"] as? [[String: String]])?.first)
    #expect(reason["code"] == "draft" && reason["found"] == "9" && reason["wanted"] == "\(PluginHeader.draft)")
  }
}

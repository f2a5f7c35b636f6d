import LinuxCalls
import OmphalosValues
import RunRecord
import TestSupport
import Testing

@testable import RunDirectory

@Suite struct FinalizeTests {
  @Test("a finalized run bears its id, holds what the manifest lists and nothing of the making, and is read-only")
  func finalized() throws {
    let sample = try SampleRun()
    let path = try sample.finalize()
    #expect(path == sample.root + "/" + sample.identity.runID.text)
    #expect(try names(in: sample.root) == [sample.identity.runID.text])
    #expect(
      try names(in: path) == ["exports", "lineage", "logs", "reports", "run_manifest.json", "warehouse"])

    let walked = try TreeWalk.walk(try File.open(path, .directory))
    for entry in walked.entries {
      #expect(entry.permissions == (entry.kind == .directory ? 0o555 : 0o444), "\(entry.path)")
    }
    #expect(try File.open(path, .directory).status().permissions == 0o555)
    #expect(try FinalizedRun.open(path).manifest.runID == sample.identity.runID)
  }

  @Test("an ordinary user cannot change, add or remove a file of a finalized run")
  func readOnlyForOrdinaryUsers() throws {
    let sample = try SampleRun()
    let path = try sample.finalize()
    guard Processes.currentUser == 0 else { return try expectReadOnly(path, as: []) }
    // Root passes every check of modes, so the files are given to someone else.
    #expect(try Shell.run(["chown", "-R", "65534:65534", sample.root]).status == 0)
    #expect(try Shell.run(["chmod", "755", sample.folder.path]).status == 0)
    try expectReadOnly(path, as: ["setpriv", "--reuid", "65534", "--regid", "65534", "--clear-groups"])
  }

  private func expectReadOnly(_ path: String, as user: [String]) throws {
    let scripts = [
      "echo x >> exports/a.csv", "echo x > exports/new", "rm -f exports/a.csv", "mv exports/a.csv exports/b",
    ]
    for script in scripts {
      let result = try Shell.run(user + ["sh", "-c", script], directory: path)
      #expect(result.status != 0, "\(script)")
      #expect(result.stderr.contains("Permission denied"), "\(result.stderr)")
    }
    #expect(try Verification.verify(path).isWhole)
  }

  @Test("the same id a second time is told, and the new partial is whole and can be discarded")
  func alreadyThere() throws {
    let sample = try SampleRun()
    let path = try sample.finalize()
    let second = try sample.makePartial()
    guard case .alreadyThere(let found) = try second.finalize(try sample.record(second)) else {
      Issue.record("a second run took the place of the first")
      return
    }
    #expect(found == path)
    try second.discard()
    #expect(try names(in: sample.root) == [sample.identity.runID.text])
  }

  @Test("an empty directory or a file under the run id is not replaced either", arguments: ["mkdir", "touch"])
  func nameTaken(command: String) throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    let taken = sample.root + "/" + sample.identity.runID.text
    #expect(try Shell.run([command, taken]).status == 0)
    guard case .alreadyThere = try partial.finalize(try sample.record(partial)) else {
      Issue.record("what stood there was replaced")
      return
    }
    #expect(try names(in: partial.path).contains("state.json"))
  }

  @Test("a file in the way of the record fails the run, which stays a partial that says why")
  func fileInTheWay() throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    try sample.folder.write(sample.inside(partial, "reports/plugins.json"), "mine")
    #expect(throws: RunDirectoryError.notWritten(path: "reports/plugins.json", cause: "File exists")) {
      _ = try partial.finalize(try sample.record(partial))
    }
    let state = try JSONValue.parse(sample.folder.read(sample.inside(partial, "state.json")))
    #expect(state["state"] == "failed")
    #expect(state["reason"]?.stringValue?.contains("reports/plugins.json") == true)
    #expect(try sample.folder.read(sample.inside(partial, "reports/plugins.json")) == Array("mine".utf8))
    #expect(try names(in: sample.root) == [partial.name])
    try partial.discard()
  }

  @Test("a symbolic link in place of a folder of ours is not written through")
  func linkedFolder() throws {
    let sample = try SampleRun()
    let partial = try sample.makePartial()
    let script = "rmdir reports && mkdir ../../outside && ln -s ../../outside reports"
    #expect(try Shell.run(["sh", "-c", script], directory: partial.path).status == 0)
    #expect(throws: RunDirectoryError.self) { _ = try partial.finalize(try sample.record(partial)) }
    #expect(try names(in: sample.folder.file("outside")) == [])
    try partial.discard()
  }

  @Test("on a full disk the run stays a partial that says why, without half a file, and can be discarded")
  func fullDisk() throws {
    let sample = try SampleRun()
    try Path.makeDirectories(sample.root)
    let mount = try Shell.run(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", sample.root])
    // Only root may mount, and not in every container.
    guard mount.status == 0 else { return }
    defer { _ = try? Shell.run(["umount", "-l", sample.root]) }

    let partial = try sample.makePartial()
    let record = try sample.record(partial)
    _ = try Shell.run(["dd", "if=/dev/zero", "of=exports/filler", "bs=4096"], directory: partial.path)
    #expect(throws: RunDirectoryError.notWritten(path: "lineage/lineage.jsonl", cause: "the disk is full (No space left on device)")) {
      _ = try partial.finalize(record)
    }
    let state = try JSONValue.parse(sample.folder.read(sample.inside(partial, "state.json")))
    #expect(state["state"] == "failed")
    #expect(state["reason"]?.stringValue?.contains("No space left on device") == true)
    #expect(try names(in: partial.path + "/lineage") == [])
    try partial.discard()
    #expect(try names(in: sample.root) == [])
  }
}

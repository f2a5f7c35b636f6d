import LinuxCalls
import OmphalosValues
import TestSupport
import Testing

@testable import Pipeline

/// A pipeline whose only exporter has this configuration.
private func pipeline(config: String, run: String = "name: x", folder: String = "dir") throws -> PipelineConfiguration {
  try pipeline(
    """
    schema_version: "1.0"
    run: { \(run) }
    inputs: [ { name: a, connector: org.example.csv/csv, files: { data: a.csv } } ]
    exports: [ { exporter: org.example.csv/table, inputs: [a], config: \(config) } ]
    """, file: folder + "/p.yaml")
}

@Suite("References to secrets in a configuration")
struct SecretReferenceTests {
  @Test("they are found at any depth, and stand in the record as placeholders without folders")
  func found() throws {
    let read = try pipeline(
      config: "{ a: { secret: { env: TOKEN } }, b: [ 1, { c: { secret: { file: keys/api.txt } } } ], d: { secret: x } }")
    let use = read.exports[0].use
    #expect(use.secrets.map(\.what) == ["exports[0].config.a", "exports[0].config.b[1].c"])
    #expect(use.secrets.map(\.mark.line) == [4, 4])
    #expect(
      use.recordedConfiguration.canonicalText
        == #"{"a":{"secret":{"env":"TOKEN"}},"b":[1,{"c":{"secret":{"file":"api.txt"}}}],"d":{"secret":"x"}}"#)
  }

  @Test("a plugin's own key of that name may hold one, and anything that is none")
  func ownKey() throws {
    let read = try pipeline(config: "{ secret: { secret: { env: TOKEN } }, x: { secret: [1], more: 2 } }")
    #expect(read.exports[0].use.secrets.map(\.path.pathText) == ["secret"])
    let alone = try pipeline(config: "{ secret: { secret: { env: TOKEN } } }")
    #expect(alone.exports[0].use.secrets.map(\.path.pathText) == ["secret"])
    let deep = try pipeline(config: "{ a: { secret: { secret: { file: k } } } }")
    #expect(deep.exports[0].use.secrets.map(\.path.pathText) == ["a.secret"])
  }

  @Test(
    "what can only be meant as one and is none is an error with its place",
    arguments: [
      ("{ a: { secret: { evn: TOKEN } } }", "did you mean \"env\"?"),
      ("{ a: { secret: { env: A, file: B } } }", "exports[0].config.a.secret: found 2 keys, wanted one of env and file"),
      ("{ a: { secret: { } } }", "found 0 keys, wanted one of env and file"),
      ("{ a: { secret: { env: 9A } } }", "exports[0].config.a.secret.env: \"9A\" is no name of a variable"),
      ("{ a: { secret: { env: [A] } } }", "exports[0].config.a.secret.env: found a sequence, wanted a text"),
      ("{ a: { secret: { env: } } }", "exports[0].config.a.secret.env has no value"),
      ("{ a: { secret: { file: '' } } }", "exports[0].config.a.secret.file: wanted the path of a file"),
      ("{ a: { secret: { env: A }, b: 1 } }", "a secret stands alone in its mapping"),
      ("{ secret: { env: A } }", "a secret stands for one text in a configuration, not for the whole of it"),
    ])
  func mistakes(config: String, says: String) {
    let error = #expect(throws: ConfigurationError.self) { _ = try pipeline(config: config) }
    #expect(error?.mark?.line == 4)
    #expect(error?.description.contains(says) == true, "\(String(describing: error))")
  }

  @Test("a variable that plugins see in their environment cannot be one")
  func alsoInEnvironment() {
    let error = #expect(throws: ConfigurationError.self) {
      _ = try pipeline(config: "{ a: { secret: { env: TOKEN } } }", run: "name: x, env: [TOKEN]")
    }
    #expect(error?.description.contains("run.env gives the variable TOKEN to all plugins") == true)
  }

  @Test("the plugin gets the values, everybody else the same placeholders whatever the values are")
  func values() throws {
    let folder = try TemporaryFolder()
    try folder.write("keys/api.txt", "from file\n\n")
    _ = try Shell.run(["chmod", "600", folder.file("keys/api.txt")])
    let read = try pipeline(
      config: "{ a: { secret: { env: TOKEN } }, b: [ { secret: { file: keys/api.txt } } ] }", folder: folder.path)
    let use = read.exports[0].use
    let secrets = Secrets(read, environment: ["TOKEN": "hunter2"])
    #expect(secrets.errors(in: use) == [])
    #expect(secrets.configuration(of: use) == ["a": "hunter2", "b": ["from file\n"]])
    let payload = read.payload(hermetic: false, pack: .baseline).canonicalText
    #expect(!payload.contains("hunter2") && !payload.contains("from file"))
    #expect(payload.contains(#""config":{"a":{"secret":{"env":"TOKEN"}},"b":[{"secret":{"file":"api.txt"}}]}"#))
  }

  @Test(
    "a variable that cannot be one is told with the place of the reference, and without its value",
    arguments: [
      (nil, "the variable TOKEN of the environment is not set; set it for omphalos"),
      ("", "is empty, wanted the value of a secret"), ("abc", "has fewer than 4 bytes"),
      ("a\u{fffd}bcd", "is not valid UTF-8"),
      (String(repeating: "x", count: 65_537), "has more than 64 KiB"),
    ] as [(String?, String)])
  func badVariables(value: String?, says: String) throws {
    let read = try pipeline(config: "{ a: { secret: { env: TOKEN } } }")
    let errors = Secrets(read, environment: value.map { ["TOKEN": $0] } ?? [:]).errors(in: read.exports[0].use)
    try #require(errors.count == 1)
    #expect(errors[0].mark?.line == 4 && errors[0].mark?.column == 73)
    #expect(errors[0].message.hasPrefix("exports[0].config.a: the variable TOKEN"))
    #expect(errors[0].message.contains(says), "\(errors[0])")
  }

  @Test("a file that cannot be one is told with the way out, and without what is in it")
  func badFiles() throws {
    let folder = try TemporaryFolder()
    for (name, bytes, mode, says) in [
      ("empty", [], "600", "is empty, wanted"), ("line", [10], "600", "is empty, wanted"),
      ("short", Array("abc\n".utf8), "600", "has fewer than 4 bytes"), ("latin", [0x61, 0xfc, 0x62, 0x63, 0x64], "600", "UTF-8"),
      ("nul", [97, 98, 0, 99, 100], "600", "NUL byte"), ("large", Array(repeating: 97, count: 65_537), "600", "more than 64 KiB"),
      ("group", Array("hunter2".utf8), "640", "has mode 640, so others may use it; close it with: chmod 600 "),
      ("others", Array("hunter2".utf8), "604", "has mode 604"),
    ] as [(String, [UInt8], String, String)] {
      try folder.write(name, bytes)
      _ = try Shell.run(["chmod", mode, folder.file(name)])
      let message = try message(of: name, in: folder)
      #expect(message.contains(says) && !message.contains("hunter2"), "\(name): \(message)")
    }
    #expect(try message(of: "none", in: folder).hasSuffix("cannot be read: there is no such file"))
    #expect(try message(of: ".", in: folder).contains("found a directory, wanted a regular file"))
    #expect(try message(of: "/dev/zero", in: folder).contains("wanted a regular file"))
  }

  private func message(of file: String, in folder: TemporaryFolder) throws -> String {
    let read = try pipeline(config: "{ a: { secret: { file: \(file) } } }", folder: folder.path)
    let errors = Secrets(read, environment: [:]).errors(in: read.exports[0].use)
    return errors.first?.message ?? "no error"
  }

  @Test("a pipeline has at most 32 different ones, and the same one as often as it likes")
  func many() throws {
    let items = (0..<33).map { "{ secret: { env: V\($0) } }, { secret: { env: V\($0) } }" }.joined(separator: ", ")
    let read = try pipeline(config: "{ a: [ \(items) ] }")
    let environment = Dictionary(uniqueKeysWithValues: (0..<33).map { ("V\($0)", "value\($0)") })
    let errors = Secrets(read, environment: environment).errors(in: read.exports[0].use)
    #expect(errors.count == 2 && errors[0].message.contains("it is one too many: a pipeline may have 32 different secrets"))
  }
}

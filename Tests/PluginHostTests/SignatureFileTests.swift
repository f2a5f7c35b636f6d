import Foundation
import LinuxCalls
import OmphalosValues
import Signatures
import TestSupport
import Testing

@testable import PluginHost

/// The signature beside a plugin, and what is signed.
@Suite("Signed plugins", .enabled(if: Shell.find("ssh-keygen") != nil, "ssh-keygen is not installed"))
struct SignatureFileTests {
  private let folder: PluginFolder
  private let noon = Timestamp(secondsSince1970: 1_772_366_400)

  init() throws {
    folder = try PluginFolder()
    try folder.add("acme.so", plugin("com.example.acme"))
    try shell("ssh-keygen -q -t ed25519 -N '' -C '' -f ../key")
  }

  /// Runs commands of the guide where the plugins lie.
  private func shell(_ command: String) throws {
    let result = try Shell.run(["bash", "-c", "set -e; umask 022; \(command)"], directory: folder.path)
    try #require(result.status == 0, "\(command): \(result.stderr)")
  }

  private func addFolder() throws {
    try shell("mkdir -p 'acme.d/a b'; echo one > 'acme.d/a b/c d.txt'; echo two > acme.d/a.txt; echo three > acme.d/z")
  }

  private func sign(_ more: String = "") throws {
    try shell("rm -f acme.so.sig; ssh-keygen -q -Y sign -f ../key -n omphalos-plugin \(more) acme.so")
  }

  /// As the guide says for a plugin with a folder.
  private func signAll(_ more: String = "") throws {
    try shell(
      """
      find acme.so acme.d -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum |
        ssh-keygen -q -Y sign -f ../key -n omphalos-plugin \(more) > acme.so.sig
      """)
  }

  private func candidate() throws -> PluginCandidate { try #require(folder.discover().candidates.first) }

  private func check(_ file: PluginSignatureFile?, _ digest: (SSHSignature.MessageHash) throws -> [UInt8]) throws -> SignatureCheck {
    let key = try String(contentsOfFile: folder.path + "/../key.pub", encoding: .utf8)
    let list = AllowedSigners(Array("release@acme.example \(key)".utf8), file: "allowed_signers")
    let signature = try #require(file).signature.get()
    return try SignatureCheck(signature, namespace: SignatureNamespace.plugin, signers: list, at: noon, digest: digest)
  }

  /// Of the plugin as it is found, and as it is sealed.
  private func outcomes() throws -> (found: SignatureCheck, sealed: SignatureCheck) {
    let candidate = try candidate()
    let sealed = try SealedPlugin(sealing: candidate, largest: 512 << 20)
    return (
      try check(candidate.signature) { try candidate.signedDigest($0) ?? [] },
      try check(sealed.signature) { try sealed.signedDigest($0) }
    )
  }

  @Test("a plugin of one file is signed as it is, with either hash", arguments: ["", "-O hashalg=sha256"])
  func oneFile(_ options: String) throws {
    try sign(options)
    let (found, sealed) = try outcomes()
    #expect(found.isGood && sealed.isGood && sealed.isSigned(by: "release@acme.example"), "\(found.words) \(sealed.words)")
    try shell("printf x >> acme.so")
    #expect(try outcomes().sealed.outcome == .broken)
  }

  @Test("with a folder it is signed as the list that the guide's command writes, with either hash", arguments: ["", "-O hashalg=sha256"])
  func withFolder(_ options: String) throws {
    try addFolder()
    try signAll(options)
    let (found, sealed) = try outcomes()
    #expect(found.isGood && sealed.isGood, "\(found.words) \(sealed.words)")
    for change in ["printf x >> acme.d/z", "mv acme.d/z acme.d/y", "rm acme.d/y", "echo new > acme.d/new", "mkdir acme.d/b; mv acme.d/a.txt acme.d/b"] {
      try shell(change)
      let (found, sealed) = try outcomes()
      #expect(found.outcome == .broken && sealed.outcome == .broken, "\(change)")
      try signAll(options)
      #expect(try outcomes().sealed.isGood)
    }
  }

  @Test("a signature over the file alone says nothing of a plugin with a folder; an empty folder is none")
  func fileAlone() throws {
    try sign()
    try shell("mkdir acme.d")
    #expect(try outcomes().sealed.isGood)
    try addFolder()
    #expect(try outcomes().sealed.outcome == .broken)
  }

  @Test("the list is the text that sha256sum writes, and its digest is that of the contents")
  func list() throws {
    try addFolder()
    let command = "find acme.so acme.d -type f -print0 | LC_ALL=C sort -z | xargs -0 sha256sum"
    let text = try Shell.run(["bash", "-c", command], directory: folder.path).stdout
    let sealed = try SealedPlugin(sealing: candidate(), largest: 512 << 20)
    #expect(PluginContents.list(of: "acme.so", sealed.digest, parts: sealed.parts.map { ($0.path, $0.digest) }) == text)
    #expect(try sealed.signedDigest(.sha256) == sealed.contentsDigest.bytes)
  }

  @Test("the signature that was found is the one that is sealed, whatever is there by then")
  func readOnce() throws {
    try sign()
    let candidate = try candidate()
    let before = candidate.signature
    try shell("echo other > acme.so.sig")
    #expect(try SealedPlugin(sealing: candidate, largest: 512 << 20).signature == before)
    #expect(try self.candidate().signature != before)
  }

  @Test("a plugin without one has none, and is as admissible as before")
  func none() throws {
    let candidate = try candidate()
    #expect(candidate.signature == nil && candidate.isAdmissible)
  }

  @Test(
    "a signature that is no plain file of its owner alone is not read, and says why",
    arguments: [
      ("ln -s real.sig acme.so.sig; cp ../key.pub real.sig", "found a symbolic link, wanted the file itself"),
      ("ln -s nowhere acme.so.sig", "found a symbolic link, wanted the file itself"),
      ("mkfifo acme.so.sig", "found a fifo, wanted a regular file"), ("mkdir acme.so.sig", "found a directory, wanted a regular file"),
      ("echo x > acme.so.sig; chmod g+w acme.so.sig", "found a file writable by group or others (mode 0664), wanted one writable by its owner alone"),
      ("head -c 65537 /dev/zero > acme.so.sig", "found more than 65536 bytes"),
      (": > acme.so.sig", "the armour: found an empty file"), ("cp acme.so acme.so.sig", "the armour: found "),
    ])
  func notRead(_ command: String, _ words: String) throws {
    try shell(command)
    let candidate = try candidate()
    guard case .failure(let error)? = candidate.signature?.signature else {
      Issue.record("it was read")
      return
    }
    #expect(error.message.hasPrefix("The signature acme.so.sig cannot be used: ") && error.message.contains(words), "\(error.message)")
    // Whether an unsigned plugin may run is for a policy to say.
    #expect(candidate.isAdmissible)
  }

  @Test("a signature that somebody else owns is not read")
  func foreign() throws {
    try sign()
    let discovery = folder.discover(user: 4242)
    // Whoever runs this test owns it; for user 4242 only root might as well.
    guard Processes.currentUser != 0 else { return #expect(try candidate().signature != nil) }
    guard case .failure(let error)? = discovery.candidates.first?.signature?.signature else {
      Issue.record("it was read")
      return
    }
    #expect(error.message.contains("owned by user"))
  }
}

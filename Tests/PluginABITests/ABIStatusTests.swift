import OmphalosValues
import Testing

@testable import PluginABI

@Suite("Status codes")
struct ABIStatusTests {
  static let own: [ABIStatus] = [
    .ok, .invalid, .path, .exists, .notFound, .denied, .ended, .handle, .state, .quota, .noSpace, .io, .cancelled,
    .busy, .unsupported, .configuration, .data, .memory, .internalError,
  ]

  @Test("every code of the ABI has a name, a sentence and an exit code, and no two are the same")
  func allAreKnown() throws {
    #expect(Set(Self.own).count == 19)
    #expect(Self.own.map(\.rawValue).sorted() == Array(-18...0))
    for status in Self.own {
      #expect(status.name == "OK" || status.name.hasPrefix("E_"))
      #expect(try #require(status.sentence).hasSuffix("."))
    }
    #expect(Set(Self.own.compactMap(\.sentence)).count == 19)
  }

  @Test("the disk's failures end a run with 5, the configuration's and the data's with 65, a plugin's own with 4")
  func exitCodes() {
    #expect(ABIStatus.noSpace.exitCode == .storeFailed)
    #expect(ABIStatus.io.exitCode == .storeFailed)
    #expect(ABIStatus.configuration.exitCode == .badData)
    #expect(ABIStatus.data.exitCode == .badData)
    #expect(ABIStatus.internalError.exitCode == .bug)
    #expect(ABIStatus.exists.exitCode == .callFailed)
    #expect(ABIStatus(rawValue: 7).exitCode == .callFailed)
    #expect(ABIStatus(rawValue: -1000).exitCode == .callFailed)
  }

  @Test("a plugin's own code, and a number that the ABI does not have, are shown as numbers and have no sentence")
  func unknownCodes() {
    #expect(ABIStatus(rawValue: 7).name == "status 7")
    #expect(ABIStatus(rawValue: -1000).sentence == nil)
    #expect(ABIStatus(rawValue: .max).sentence == nil)
  }
}

import OmphalosValues

extension AgreementCase {
  private static let noon: Int64 = 1_772_366_400  // 2026-03-01T12:00:00Z

  /// - Parameters:
  ///   - offset: of the time of the check, from 2026-03-01T12:00:00Z.
  ///   - zone: of whoever runs ssh-keygen.
  private static func at(
    _ offset: Int64, _ options: String, _ verdict: Verdict, zone: String = "UTC", differs difference: String? = nil
  ) -> AgreementCase {
    AgreementCase("time: \(options) at noon\(offset < 0 ? "" : "+")\(offset) in \(zone)", verdict, differs: difference) { given, kit in
      try given.trust("release@acme.example \(options) KEY\n", kit)
      given.time = Timestamp(secondsSince1970: noon + offset)
      given.zone = zone
    }
  }

  static let times: [AgreementCase] = [
    at(-1, "valid-after=\"20260301120000Z\"", .bad),
    at(0, "valid-after=\"20260301120000Z\"", .good),
    at(1, "valid-after=\"20260301120000Z\"", .good),
    at(-1, "valid-before=\"20260301120000Z\"", .good),
    at(0, "valid-before=\"20260301120000Z\"", .good),
    at(1, "valid-before=\"20260301120000Z\"", .bad),
    at(59, "valid-after=\"202603011201Z\"", .bad),
    at(60, "valid-after=\"202603011201Z\"", .good),
    at(43_199, "valid-after=\"20260302Z\"", .bad),
    at(43_200, "valid-after=\"20260302Z\"", .good),
    at(43_200, "valid-before=\"20260302Z\"", .good),
    at(43_201, "valid-before=\"20260302Z\"", .bad),
    at(0, "valid-before=\"20260301120000\"", .good),
    at(1, "valid-before=\"20260301120000\"", .bad),
    at(0, "valid-before=\"20260301120000z\"", .good),
    at(1, "valid-before=\"20260301120000z\"", .bad),
    at(0, "valid-before=\"20260301120000UTC\"", .good),
    at(1, "valid-before=\"20260301120000UTC\"", .bad),
    at(0, "valid-before=\"20260301120000Z\"", .good, zone: "JST-9"),
    at(1, "valid-before=\"20260301120000Z\"", .bad, zone: "JST-9"),
    at(0, "valid-before=\"20260301120000\"", .bad, zone: "JST-9", differs: "times without Z"),
    at(1, "valid-before=\"20260301120000\"", .good, zone: "EST5", differs: "times without Z"),
    at(0, "VALID-BEFORE=\"20270101Z\"", .good),
    at(0, "valid-before=\"2027-01-01\"", .bad),
    at(0, "valid-before=\"2027-01-01T00:00:00Z\"", .bad),
    at(0, "valid-before=\"2027010100Z\"", .bad),
    at(0, "valid-before=\"20271301Z\"", .bad),
    at(0, "valid-before=\"20270001Z\"", .bad),
    at(0, "valid-before=\"20270132Z\"", .bad),
    at(0, "valid-before=\"202701012400Z\"", .bad),
    at(0, "valid-before=\"202701012360Z\"", .bad),
    at(0, "valid-before=\"20270101235962Z\"", .bad),
    at(0, "valid-before=\"20270101235960Z\"", .good, differs: "moments that no clock shows"),
    at(0, "valid-before=\"20270230Z\"", .good, differs: "moments that no clock shows"),
    at(0, "valid-before=\"2027 1 1Z\"", .good, differs: "blanks in a time"),
    at(0, "valid-before=\"20280229Z\"", .good),
    at(0, "valid-before=\"99991231235959Z\"", .good),
    at(0, "valid-after=\"19700101Z\"", .bad),
    at(0, "valid-after=\"19691231235959Z\"", .bad),
    at(0, "valid-after=\"19700101000001Z\"", .good),
    at(0, "valid-before=\"\"", .bad),
    at(0, "valid-before=\"Z\"", .bad),
    at(0, "valid-before=\"20270101ZZ\"", .bad),
    at(0, "valid-before=\"+2027101Z\"", .bad),
    at(0, "valid-before=20270101Z", .bad),
    at(0, "valid-after=\"20260301120000Z\",valid-before=\"20260301120000Z\"", .bad),
    at(0, "valid-after=\"20260301120000Z\",valid-before=\"20260301120001Z\"", .good),
    at(0, "valid-before=\"20270101Z\",valid-after=\"20280101Z\"", .bad),
    at(1, "valid-before=\"20260301120000Z\" KEY\nrelease@acme.example", .good),
  ]
}

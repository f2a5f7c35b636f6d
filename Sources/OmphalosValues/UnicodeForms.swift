@_spi(_Unicode) import Swift

extension String {
  /// The text in Unicode normalization form C.
  ///
  /// The standard library has the algorithm and its tables, as an interface it does not yet promise; only this file
  /// relies on it, and tests check it against the normalization forms of Python.
  var inNormalizationFormC: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return self }
    var source = String.UnicodeScalarView()
    for scalar in unicodeScalars { source.append(contentsOf: tibetanVowelParts(scalar) ?? [scalar]) }
    var result = String.UnicodeScalarView()
    for scalar in String(source)._nfc { result.append(scalar) }
    return String(result)
  }

  /// A key that is equal for texts which a file system without case might take for one name.
  ///
  /// Every scalar is mapped to lower, upper and again lower case, and the result is normalized again. What Unicode's
  /// full case folding makes equal is equal here (`ß` and `ss`, `ſ` and `s`, the Kelvin sign and `k`), and a little
  /// more: dotless `ı` equals `i`.
  var caseFolded: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
    var folded = ""
    for scalar in inNormalizationFormC.unicodeScalars {
      for lower in scalar.properties.lowercaseMapping.unicodeScalars {
        for upper in lower.properties.uppercaseMapping.unicodeScalars {
          folded += upper.properties.lowercaseMapping
        }
      }
    }
    return folded.inNormalizationFormC
  }
}

/// The decomposition of the three scalars that begin no cluster though their combining class is 0.
///
/// The standard library (6.3) does not reorder the marks before them; taken apart beforehand they come out right.
private func tibetanVowelParts(_ scalar: Unicode.Scalar) -> [Unicode.Scalar]? {
  switch scalar {
  case "\u{f73}": ["\u{f71}", "\u{f72}"]
  case "\u{f75}": ["\u{f71}", "\u{f74}"]
  case "\u{f81}": ["\u{f71}", "\u{f80}"]
  default: nil
  }
}

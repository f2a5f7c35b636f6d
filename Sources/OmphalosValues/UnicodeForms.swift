@_spi(_Unicode) import Swift

extension String {
  /// The text in Unicode normalization form C.
  ///
  /// The standard library has the algorithm and its tables, as an interface it does not yet promise; only this file
  /// relies on it, and tests check it against the normalization forms of Python.
  var inNormalizationFormC: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return self }
    var result = String.UnicodeScalarView()
    for scalar in _nfc { result.append(scalar) }
    return String(result)
  }

  /// A key that is equal for texts which a file system without case might take for one name.
  ///
  /// Every scalar is mapped to upper case and then to lower case, and the result is normalized again. That is at least
  /// as coarse as Unicode's default case folding on the letters in use (`ß` equals `ss`, `ſ` equals `s`, the Kelvin
  /// sign equals `k`), and a little coarser: dotless `ı` equals `i`.
  var caseFolded: String {
    if utf8.allSatisfy({ $0 < 0x80 }) { return lowercased() }
    var folded = ""
    for scalar in inNormalizationFormC.unicodeScalars {
      for upper in scalar.properties.uppercaseMapping.unicodeScalars {
        folded += upper.properties.lowercaseMapping
      }
    }
    return folded.inNormalizationFormC
  }
}

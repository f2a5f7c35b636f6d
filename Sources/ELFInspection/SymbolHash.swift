/// Counts the dynamic symbols. Nothing in the file says how many there are; the hash tables tell.
enum SymbolHash {
  static func count(
    _ dynamic: DynamicSection, _ segments: Segments, _ reader: inout WindowedReader
  ) throws(ELFFault) -> UInt64 {
    if let address = dynamic[ELF.Tag.hash] {
      // `u32 nbucket, u32 nchain`, and nchain is the number of symbols.
      let offset = try segments.fileOffset("DT_HASH", of: address, count: 8)
      return UInt64(try reader.u32("DT_HASH", at: offset + 4))
    }
    guard let address = dynamic[ELF.Tag.gnuHash] else { return 0 }
    return try gnuCount(address, segments, &reader)
  }

  /// `u32 nbuckets, u32 symoffset, u32 bloom_size, u32 bloom_shift`, bloom words of 8 bytes, buckets, chain.
  /// Each bucket holds the first symbol of its chain; an odd word ends a chain.
  private static func gnuCount(
    _ address: UInt64, _ segments: Segments, _ reader: inout WindowedReader
  ) throws(ELFFault) -> UInt64 {
    let what = "DT_GNU_HASH"
    let offset = try segments.fileOffset(what, of: address, count: 16)
    let bucketCount = UInt64(try reader.u32(what, at: offset))
    let firstSymbol = UInt64(try reader.u32(what, at: offset + 4))
    let bloomCount = UInt64(try reader.u32(what, at: offset + 8))
    // Products and sums of 32-bit numbers cannot overflow 64 bits.
    let buckets = 16 + bloomCount * 8
    let chain = buckets + bucketCount * 4
    _ = try segments.fileOffset(what, of: address, count: chain)
    guard bucketCount <= UInt64(ELFLimits.symbols), firstSymbol <= UInt64(ELFLimits.symbols) else {
      throw .tooMany(what: "symbols", found: max(bucketCount, firstSymbol), limit: ELFLimits.symbols)
    }
    var last: UInt64 = 0
    for index in 0..<bucketCount { last = max(last, UInt64(try reader.u32(what, at: offset + buckets + index * 4))) }
    guard last > 0 else { return firstSymbol }
    guard last >= firstSymbol else {
      throw .brokenTable(what: what, reason: "has a chain that begins at symbol \(last), before \(firstSymbol)")
    }
    while last < UInt64(ELFLimits.symbols) {
      let position = chain + (last - firstSymbol) * 4
      let place = try segments.fileOffset(what, of: address &+ position, count: 4)
      if try reader.u32(what, at: place) & 1 == 1 { return last + 1 }
      last += 1
    }
    throw .tooMany(what: "symbols", found: last, limit: ELFLimits.symbols)
  }
}

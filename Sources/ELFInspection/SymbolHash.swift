/// Counts the dynamic symbols. Nothing in the file says how many there are; the hash tables tell.
enum SymbolHash {
  static func count(
    _ dynamic: DynamicSection, _ segments: Segments, _ reader: inout WindowedReader
  ) throws(ELFFault) -> UInt64 {
    // The dynamic linker looks in GNU's if both are there; what either lists can be found by somebody.
    var count: UInt64 = 0
    if let address = dynamic[ELF.Tag.hash] { count = try systemVCount(address, segments, &reader) }
    if let address = dynamic[ELF.Tag.gnuHash] { count = max(count, try gnuCount(address, segments, &reader)) }
    return count
  }

  /// `u32 nbucket, u32 nchain`, buckets, chain; nchain is the number of symbols. A bucket holds the first symbol of its
  /// chain, the chain for each symbol the next, 0 ends it. Who looks for a symbol follows a loop for ever.
  private static func systemVCount(
    _ address: UInt64, _ segments: Segments, _ reader: inout WindowedReader
  ) throws(ELFFault) -> UInt64 {
    let what = "DT_HASH"
    let offset = try segments.fileOffset(what, of: address, count: 8)
    let bucketCount = UInt64(try reader.u32(what, at: offset))
    let symbolCount = UInt64(try reader.u32(what, at: offset + 4))
    guard bucketCount <= UInt64(ELFLimits.symbols), symbolCount <= UInt64(ELFLimits.symbols) else {
      throw .tooMany(what: "symbols", found: max(bucketCount, symbolCount), limit: ELFLimits.symbols)
    }
    let size = 8 + (bucketCount + symbolCount) * 4
    _ = try segments.fileOffset(what, of: address, count: size)
    let table = try reader.bytes(what, at: offset, count: size, limit: 8 + ELFLimits.symbols * 8)
    let chain = 8 + Int(bucketCount) * 4
    var seen = [Bool](repeating: false, count: Int(symbolCount))
    for bucket in 0..<Int(bucketCount) {
      var symbol = Int(table.u32(at: 8 + bucket * 4))
      while symbol != 0 {
        guard symbol < seen.count else {
          throw .brokenTable(what: what, reason: "lists symbol \(symbol), and there are \(symbolCount)")
        }
        guard !seen[symbol] else {
          throw .brokenTable(what: what, reason: "has chains that meet, or loop, at symbol \(symbol)")
        }
        seen[symbol] = true
        symbol = Int(table.u32(at: chain + symbol * 4))
      }
    }
    return symbolCount
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
    // glibc takes the number less one for a mask.
    guard bloomCount > 0, bloomCount & (bloomCount - 1) == 0 else {
      throw .brokenTable(what: what, reason: "has a filter of \(bloomCount) words, wanted a power of two")
    }
    var last: UInt64 = 0
    for index in 0..<bucketCount {
      let symbol = UInt64(try reader.u32(what, at: offset + buckets + index * 4))
      guard symbol == 0 || symbol >= firstSymbol else {
        throw .brokenTable(what: what, reason: "has a chain that begins at symbol \(symbol), before \(firstSymbol)")
      }
      last = max(last, symbol)
    }
    guard last > 0 else { return firstSymbol }
    while last < UInt64(ELFLimits.symbols) {
      let position = chain + (last - firstSymbol) * 4
      let place = try segments.fileOffset(what, of: address &+ position, count: 4)
      if try reader.u32(what, at: place) & 1 == 1 { return last + 1 }
      last += 1
    }
    throw .tooMany(what: "symbols", found: last, limit: ELFLimits.symbols)
  }
}

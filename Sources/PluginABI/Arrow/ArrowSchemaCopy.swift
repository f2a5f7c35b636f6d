import COmphalos

/// A schema of our own for the consumer of a stream, so that asking for it never enters the producer.
enum ArrowSchemaCopy {
  /// Fills `*out`, which the consumer releases.
  static func write(_ fields: [ArrowField], to out: UnsafeMutablePointer<ArrowSchema>) {
    let root = ArrowField(name: "", format: "+s", isNullable: false, type: .structure(fields))
    unsafe out.initialize(to: make(root))
  }

  private static func make(_ field: ArrowField) -> ArrowSchema {
    var parts = field.type.children
    var dictionary: UnsafeMutablePointer<ArrowSchema>?
    if case .dictionary(_, let values) = field.type {
      parts = []
      unsafe dictionary = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
      unsafe dictionary?.initialize(to: make(values))
    }
    let children = UnsafeMutablePointer<UnsafeMutablePointer<ArrowSchema>?>.allocate(capacity: max(1, parts.count))
    for (index, part) in parts.enumerated() {
      let child = UnsafeMutablePointer<ArrowSchema>.allocate(capacity: 1)
      unsafe child.initialize(to: make(part))
      unsafe (children + index).initialize(to: child)
    }
    return unsafe ArrowSchema(
      format: newCString(field.format), name: newCString(field.name), metadata: field.metadata.isEmpty ? nil : newCBytes(field.metadata),
      flags: field.flags, n_children: Int64(parts.count), children: children, dictionary: dictionary,
      release: releaseSchema, private_data: nil)
  }
}

/// Frees what `ArrowSchemaCopy.make` allocated; a child that the consumer moved away bears no release any more.
private let releaseSchema: @convention(c) (UnsafeMutablePointer<ArrowSchema>?) -> Void = { schema in
  guard let schema = unsafe schema, unsafe schema.pointee.release != nil else { return }
  unsafe schema.pointee.format?.deallocate()
  unsafe schema.pointee.name?.deallocate()
  unsafe schema.pointee.metadata?.deallocate()
  if let children = unsafe schema.pointee.children {
    for index in 0..<(unsafe Int(schema.pointee.n_children)) {
      guard let child = unsafe children[index] else { continue }
      if let release = unsafe child.pointee.release { unsafe release(child) }
      unsafe child.deallocate()
    }
    unsafe children.deallocate()
  }
  if let dictionary = unsafe schema.pointee.dictionary {
    if let release = unsafe dictionary.pointee.release { unsafe release(dictionary) }
    unsafe dictionary.deallocate()
  }
  unsafe schema.pointee.release = nil
}

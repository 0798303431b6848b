import CBOR

extension RecordState {
  /// The state as bytes, the same for equal states.
  public var stored: [UInt8] {
    var writer = CBORWriter()
    writer.array(count: 3)
    writer.optional(created) { $0.unsigned($1.rawValue) }
    writer.array(count: registers.count)
    for (key, register) in registers.sorted(by: { $0.key < $1.key }) {
      writer.array(count: 2)
      writer.text(key)
      writer.register(register)
    }
    writer.array(count: deletions.count)
    for deletion in deletions {
      writer.array(count: 4)
      writer.unsigned(deletion.position.rawValue)
      writer.authorship(deletion.authorship)
      writer.seen(deletion.seen)
    }
    return writer.bytes
  }

  /// What ``stored`` gave.
  public init(stored bytes: [UInt8]) throws(StateError) {
    var reader = StateReader(bytes)
    try reader.fields(3)
    let created = try reader.optional { (r) throws(StateError) in try r.position() }
    let registers = try reader.list { (r) throws(StateError) in
      try r.fields(2)
      return (try r.text(), try r.register())
    }
    let deletions = try reader.list { (r) throws(StateError) in
      try r.fields(4)
      return Deletion(
        position: try r.position(), authorship: try r.authorship(), seen: try r.seen())
    }
    try reader.finish()
    self.init(
      created: created,
      registers: Dictionary(registers, uniquingKeysWith: { first, _ in first }),
      deletions: deletions)
  }
}

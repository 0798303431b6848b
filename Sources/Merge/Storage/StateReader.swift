import CBOR

/// Reads states that this library itself has stored; anything else is a damaged database.
struct StateReader {
  private var reader: CBORReader

  /// A state may have any number of members, siblings or elements: it was counted when its parts were
  /// accepted, and what was stored has to be readable again. The bytes themselves bound the counts.
  init(_ bytes: [UInt8]) {
    reader = CBORReader(
      bytes, limits: CBORLimits(byteCountMax: bytes.count, countMax: bytes.count))
  }

  mutating func unsigned() throws(StateError) -> UInt64 {
    do throws(CBORError) { return try reader.unsigned() } catch { throw .damaged }
  }

  mutating func bytes() throws(StateError) -> [UInt8] {
    do throws(CBORError) { return try reader.bytes() } catch { throw .damaged }
  }

  mutating func text() throws(StateError) -> String {
    do throws(CBORError) { return try reader.text() } catch { throw .damaged }
  }

  mutating func value() throws(StateError) -> CBORValue {
    do throws(CBORError) { return try reader.value() } catch { throw .damaged }
  }

  mutating func count() throws(StateError) -> Int {
    do throws(CBORError) { return try reader.array() } catch { throw .damaged }
  }

  mutating func fields(_ count: Int) throws(StateError) {
    guard try self.count() == count else { throw .damaged }
  }

  mutating func count(either left: Int, or right: Int) throws(StateError) -> Int {
    let count = try count()
    guard count == left || count == right else { throw .damaged }
    return count
  }

  /// A position for a prefix; otherwise a list of the prefix's end and each run's two ends.
  mutating func seen() throws(StateError) -> Seen {
    guard !reader.nextIsArray() else {
      let ends = try list { (r) throws(StateError) in try r.position() }
      guard let upTo = ends.first, ends.count % 2 == 1 else { throw .damaged }
      var further: [Seen.Run] = []
      for index in stride(from: 1, to: ends.count, by: 2) {
        guard ends[index] <= ends[index + 1] else { throw .damaged }
        further.append(ends[index]...ends[index + 1])
      }
      return Seen(upTo: upTo, further: further)
    }
    return Seen(upTo: try position())
  }

  mutating func optional<Value>(
    _ body: (inout StateReader) throws(StateError) -> Value
  ) throws(StateError) -> Value? {
    guard reader.nextIsNull() else { return try body(&self) }
    do throws(CBORError) { try reader.null() } catch { throw .damaged }
    return nil
  }

  mutating func list<Value>(
    _ body: (inout StateReader) throws(StateError) -> Value
  ) throws(StateError) -> [Value] {
    var result: [Value] = []
    for _ in 0..<(try count()) { result.append(try body(&self)) }
    return result
  }

  mutating func id<ID: FixedBytes>(_ type: ID.Type = ID.self) throws(StateError) -> ID {
    guard let id = ID(try bytes()) else { throw .damaged }
    return id
  }

  mutating func position() throws(StateError) -> Position {
    guard let position = Position(stored: try unsigned()) else { throw .damaged }
    return position
  }

  mutating func origin() throws(StateError) -> Origin {
    guard let origin = Origin(packed: try bytes()) else { throw .damaged }
    return origin
  }

  mutating func authorship() throws(StateError) -> Authorship {
    Authorship(origin: try origin(), time: HybridTime(rawValue: try unsigned()))
  }

  mutating func register() throws(StateError) -> Register {
    Register(
      siblings: try list { (r) throws(StateError) in
        try r.fields(4)
        return Sibling(
          position: try r.position(), authorship: try r.authorship(), value: try r.value())
      })
  }

  mutating func finish() throws(StateError) {
    do throws(CBORError) { try reader.finish() } catch { throw .damaged }
  }
}

/// A stored state cannot be read back.
public enum StateError: Error, Hashable, Sendable {
  case damaged
}

extension Seen {
  /// The runs after the prefix as bytes; `nil` where there are none.
  public var storedFurther: [UInt8]? {
    guard !further.isEmpty else { return nil }
    var writer = CBORWriter()
    writer.seen(self)
    return writer.bytes
  }

  /// What ``storedFurther`` gave.
  public static func further(stored bytes: [UInt8]) throws(StateError) -> [Run] {
    var reader = StateReader(bytes)
    let seen = try reader.seen()
    try reader.finish()
    return seen.further
  }
}

extension CBORWriter {
  mutating func authorship(_ authorship: Authorship) {
    bytes(authorship.origin.packed)
    unsigned(authorship.time.rawValue)
  }

  mutating func seen(_ seen: Seen) {
    guard !seen.further.isEmpty else { return unsigned(seen.upTo.rawValue) }
    array(count: 1 + 2 * seen.further.count)
    unsigned(seen.upTo.rawValue)
    for run in seen.further {
      unsigned(run.lowerBound.rawValue)
      unsigned(run.upperBound.rawValue)
    }
  }

  mutating func register(_ register: Register) {
    array(count: register.siblings.count)
    for sibling in register.siblings {
      array(count: 4)
      unsigned(sibling.position.rawValue)
      authorship(sibling.authorship)
      value(sibling.value)
    }
  }

  mutating func optional<Value>(
    _ value: Value?, _ body: (inout CBORWriter, Value) -> Void
  ) {
    if let value { body(&self, value) } else { null() }
  }
}

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

extension CBORWriter {
  mutating func authorship(_ authorship: Authorship) {
    bytes(authorship.origin.packed)
    unsigned(authorship.time.rawValue)
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

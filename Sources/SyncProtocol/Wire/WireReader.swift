import CBOR
import Merge
import Signing

/// Reads the parts of a message, each with its limit, from deterministic CBOR.
public struct WireReader {
  private var reader: CBORReader

  public init(_ bytes: [UInt8], limits: CBORLimits = Self.limits) {
    reader = CBORReader(bytes, limits: limits)
  }

  public init(_ bytes: ArraySlice<UInt8>, limits: CBORLimits = Self.limits) {
    reader = CBORReader(bytes, limits: limits)
  }

  /// One string of at most 8 MiB: a page or a push with its entries inside.
  public static var limits: CBORLimits {
    CBORLimits(depthMax: 16, byteCountMax: 8 << 20, countMax: 65536)
  }

  private mutating func read<Value>(
    _ body: (inout CBORReader) throws(CBORError) -> Value
  ) throws(WireError) -> Value {
    do throws(CBORError) { return try body(&reader) } catch { throw .encoding(error) }
  }

  public mutating func unsigned() throws(WireError) -> UInt64 {
    try read { (r) throws(CBORError) in try r.unsigned() }
  }

  /// An unsigned number of at most `max`.
  public mutating func unsigned(max: UInt64, _ name: String) throws(WireError) -> UInt64 {
    let value = try unsigned()
    guard value <= max else { throw .tooLarge(name) }
    return value
  }

  public mutating func bool() throws(WireError) -> Bool {
    try read { (r) throws(CBORError) in try r.bool() }
  }

  public mutating func bytes(max: Int) throws(WireError) -> [UInt8] {
    try read { (r) throws(CBORError) in try r.bytes(max: max) }
  }

  public mutating func text(max: Int) throws(WireError) -> String {
    try read { (r) throws(CBORError) in try r.text(max: max) }
  }

  public mutating func value() throws(WireError) -> CBORValue {
    try read { (r) throws(CBORError) in try r.value() }
  }

  /// The encoded bytes of the next item, checked but not built.
  public mutating func raw() throws(WireError) -> ArraySlice<UInt8> {
    try read { (r) throws(CBORError) in try r.raw() }
  }

  /// See ``CBORReader/skipSame(as:count:)``.
  mutating func skipSame(as bytes: ArraySlice<UInt8>, count: Int) throws(WireError) -> Bool {
    try read { (r) throws(CBORError) in try r.skipSame(as: bytes, count: count) }
  }

  /// How many bytes have been read.
  var offset: Int { reader.offset }

  /// The bytes between two offsets that were read.
  func bytes(from start: Int, to end: Int) -> ArraySlice<UInt8> {
    reader.bytes(from: start, to: end)
  }

  public func kind() throws(WireError) -> CBORKind {
    do throws(CBORError) { return try reader.peek() } catch { throw .encoding(error) }
  }

  /// The header of an array of at most `max` items; gives their number.
  public mutating func array(max: Int) throws(WireError) -> Int {
    try read { (r) throws(CBORError) in try r.array(max: max) }
  }

  /// The header of an array of exactly `count` items.
  public mutating func fields(_ count: Int, _ name: String) throws(WireError) {
    guard try array(max: 64) == count else { throw .unexpected(name) }
  }

  /// Takes a `null` where there is one.
  public mutating func takesNull() throws(WireError) -> Bool {
    guard reader.nextIsNull() else { return false }
    try read { (r) throws(CBORError) in try r.null() }
    return true
  }

  public mutating func optional<Value>(
    _ body: (inout WireReader) throws(WireError) -> Value
  ) throws(WireError) -> Value? {
    if try takesNull() { return nil }
    return try body(&self)
  }

  public mutating func list<Value>(
    max: Int, _ body: (inout WireReader) throws(WireError) -> Value
  ) throws(WireError) -> [Value] {
    let count = try array(max: max)
    var result: [Value] = []
    result.reserveCapacity(Swift.min(count, 4096))
    for _ in 0..<count { result.append(try body(&self)) }
    return result
  }

  public mutating func id<ID: FixedBytes>(_ type: ID.Type = ID.self) throws(WireError) -> ID {
    guard let id = ID(try bytes(max: ID.byteCount)) else { throw .unexpected("\(ID.self)") }
    return id
  }

  public mutating func digest() throws(WireError) -> Digest {
    guard let digest = Digest(try bytes(max: Digest.byteCount)) else { throw .unexpected("hash") }
    return digest
  }

  public mutating func signature() throws(WireError) -> Signature {
    guard let signature = Signature(try bytes(max: Signature.byteCount)) else {
      throw .unexpected("signature")
    }
    return signature
  }

  public mutating func signingKey() throws(WireError) -> SigningPublicKey {
    guard let key = SigningPublicKey(try bytes(max: SigningPublicKey.byteCount)) else {
      throw .unexpected("signing key")
    }
    return key
  }

  public mutating func exchangeKey() throws(WireError) -> ExchangePublicKey {
    guard let key = ExchangePublicKey(try bytes(max: ExchangePublicKey.byteCount)) else {
      throw .unexpected("exchange key")
    }
    return key
  }

  /// A time, milliseconds since 1970: 48 bits, as in a ``HybridTime``.
  public mutating func milliseconds() throws(WireError) -> UInt64 {
    try unsigned(max: (1 << 48) - 1, "time")
  }

  /// A number that databases hold as well: 63 bits.
  public mutating func number(_ name: String) throws(WireError) -> UInt64 {
    try unsigned(max: UInt64(Int64.max), name)
  }

  /// A place in a journal; 0 is before the first.
  public mutating func sequence() throws(WireError) -> UInt64 {
    try unsigned(max: Position.countMax - 1, "sequence")
  }

  /// A packed (replica, sequence).
  public mutating func origin() throws(WireError) -> Origin {
    guard let origin = Origin(packed: try bytes(max: ReplicaID.byteCount + 8)) else {
      throw .unexpected("origin")
    }
    guard (1..<Position.countMax).contains(origin.sequence) else { throw .tooLarge("sequence") }
    return origin
  }

  public mutating func position() throws(WireError) -> Position {
    Position(try unsigned(max: Position.countMax - 1, "position"))
  }

  /// A word of a closed list.
  public mutating func word<Word: RawRepresentable>(
    _ type: Word.Type = Word.self
  ) throws(WireError) -> Word where Word.RawValue == String {
    guard let word = Word(rawValue: try text(max: 64)) else { throw .unexpected("\(Word.self)") }
    return word
  }

  public mutating func object<Object: WireCodable>(
    _ type: Object.Type = Object.self
  ) throws(WireError) -> Object {
    try Object(from: &self)
  }

  /// Throws where anything follows.
  public mutating func finish() throws(WireError) {
    try read { (r) throws(CBORError) in try r.finish() }
  }
}

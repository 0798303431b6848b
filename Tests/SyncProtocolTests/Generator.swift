import CBOR
import Merge
import Signing
import SyncProtocol
import TestSupport

/// Makes values of everything that crosses the wire, from a seed.
struct Generator {
  /// Keys are slow to make and hold locked memory; the same few serve everywhere.
  static let keys = (1...4).map { SigningKey(random: SeededRandom(seed: $0)) }

  var random: SplitMix64

  init(seed: UInt64) { random = SplitMix64(seed: seed) }

  mutating func id<ID: FixedBytes>(_ type: ID.Type = ID.self) -> ID {
    guard let id = ID(random.bytes(ID.byteCount)) else {
      preconditionFailure("as many bytes as the type has")
    }
    return id
  }

  mutating func octets<Octets: OctetString>(_ type: Octets.Type = Octets.self) -> Octets {
    guard let octets = Octets(random.bytes(Octets.byteCount)) else {
      preconditionFailure("as many bytes as the type has")
    }
    return octets
  }

  mutating func key() -> SigningKey { random.pick(Self.keys) }

  mutating func count(_ max: Int) -> Int { Int.random(in: 0...max, using: &random) }

  mutating func many<Value>(_ max: Int, _ body: (inout Generator) -> Value) -> [Value] {
    (0..<count(max)).map { _ in body(&self) }
  }

  mutating func maybe<Value>(_ body: (inout Generator) -> Value) -> Value? {
    random.oneIn(3) ? nil : body(&self)
  }

  /// Of every encoded length.
  mutating func number(below bits: UInt64) -> UInt64 {
    let number = random.next() >> UInt64.random(in: 0..<64, using: &random)
    return bits == 64 ? number : number & ((1 << bits) - 1)
  }

  mutating func milliseconds() -> UInt64 { number(below: 48) }
  mutating func sequence() -> UInt64 { number(below: 62) }
  mutating func incarnation() -> UInt64 { number(below: 63) }
  mutating func position() -> Position { Position(number(below: 62)) }
  mutating func index() -> UInt64 { number(below: 32) }

  mutating func bytes(_ max: Int) -> [UInt8] { random.bytes(count(max)) }

  mutating func text(_ byteCountMax: Int) -> String {
    let letters = Array("aZ09 -_/äß漢🦉e\u{301}")
    var text = ""
    for _ in 0..<count(12) {
      let letter = random.pick(letters)
      if text.utf8.count + String(letter).utf8.count <= byteCountMax { text.append(letter) }
    }
    return text
  }

  mutating func origin() -> Origin {
    Origin(replica: id(), sequence: max(1, sequence()))
  }

  mutating func value(depth: Int = 2) -> CBORValue {
    switch Int.random(in: 0..<(depth == 0 ? 6 : 8), using: &random) {
    case 0: .null
    case 1: .bool(random.oneIn(2))
    case 2: .unsigned(number(below: 64))
    case 3: .negative(number(below: 64))
    case 4: .bytes(bytes(40))
    case 5: .text(text(100))
    case 6: .array(many(4) { $0.value(depth: depth - 1) })
    default: map(depth: depth - 1)
    }
  }

  private mutating func map(depth: Int) -> CBORValue {
    var entries: [CBORValue: CBORValue] = [:]
    for _ in 0..<count(4) { entries[.text(text(20))] = value(depth: depth) }
    return .map(CBORMap(entries.map { (key: $0.key, value: $0.value) }))
  }
}

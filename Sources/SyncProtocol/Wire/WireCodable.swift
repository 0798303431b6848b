import CBOR
import Merge
import Signing

/// A part of a message: one CBOR item, usually an array of fixed length.
public protocol WireCodable: Sendable {
  func encode(to writer: inout CBORWriter)
  init(from reader: inout WireReader) throws(WireError)
}

extension WireCodable {
  public var encoded: [UInt8] {
    var writer = CBORWriter()
    encode(to: &writer)
    return writer.bytes
  }

  /// Decodes exactly these bytes.
  public init(decoding bytes: [UInt8]) throws(WireError) {
    var reader = WireReader(bytes)
    self = try Self(from: &reader)
    try reader.finish()
  }
}

extension CBORWriter {
  public mutating func id<ID: FixedBytes>(_ id: ID) {
    bytes(count: ID.byteCount) { id.append(to: &$0) }
  }
  public mutating func octets(_ octets: some OctetString) { bytes(octets.bytes) }
  public mutating func position(_ position: Position) { unsigned(position.rawValue) }
  public mutating func object(_ object: some WireCodable) { object.encode(to: &self) }
  public mutating func word(_ word: some RawRepresentable<String>) { text(word.rawValue) }

  public mutating func list<Element>(
    _ elements: [Element], _ body: (inout CBORWriter, Element) -> Void
  ) {
    array(count: elements.count)
    for element in elements { body(&self, element) }
  }

  public mutating func optional<Value>(
    _ value: Value?, _ body: (inout CBORWriter, Value) -> Void
  ) {
    if let value { body(&self, value) } else { null() }
  }
}

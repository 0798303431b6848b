import CBOR

/// Evidence in a file, to hand to somebody else: the word `satchel-evidence-1`, and a list.
public struct EvidenceFile: Hashable, WireCodable {
  public static let itemCountMax = 1024
  private static let word = "satchel-evidence-1"

  public let items: [Evidence]

  public init(items: [Evidence]) { self.items = items }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.text(Self.word)
    writer.list(items) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "evidence file")
    guard try reader.text(max: 64) == Self.word else { throw .unexpected("evidence file") }
    items = try reader.list(max: Self.itemCountMax) { (r) throws(WireError) in try r.object() }
  }
}

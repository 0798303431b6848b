import CBOR
import Merge
import Signing

/// A commit as bytes: header, keys, open values, sealed values, each its own CBOR item.
///
/// The four parts are hashed apart, so that a refusal can leave the sealed values out, and later
/// compaction all values, and the journal's hash chain still checks (protocol.md §5).
public struct EncodedCommit: Hashable, Sendable {
  public let header: [UInt8]
  public let keys: [UInt8]
  public let open: [UInt8]
  /// `nil` in a refusal: only the hash is left.
  public let sealed: [UInt8]?
  public let sealedHash: Digest

  public init(header: [UInt8], keys: [UInt8], open: [UInt8], sealed: [UInt8]) {
    self.header = header
    self.keys = keys
    self.open = open
    self.sealed = sealed
    sealedHash = Domain.commitPart.hash(sealed)
  }

  private init(header: [UInt8], keys: [UInt8], open: [UInt8], sealedHash: Digest) {
    self.header = header
    self.keys = keys
    self.open = open
    sealed = nil
    self.sealedHash = sealedHash
  }

  /// The same commit without its sealed values.
  public var withoutSealed: EncodedCommit {
    EncodedCommit(header: header, keys: keys, open: open, sealedHash: sealedHash)
  }

  /// Whether there is no sealed value, so that nothing is missing without them.
  public var hasNoSealedValues: Bool { sealedHash == Self.noSealedValues }

  /// Of the empty array.
  private static let noSealedValues = Domain.commitPart.hash([0x80])

  /// H(header ‖ H(keys) ‖ H(H(open) ‖ H(sealed))).
  public var contentHash: Digest {
    Self.contentHash(header: header, keys: keys, valuesHash: valuesHash)
  }

  /// H(H(open) ‖ H(sealed)): all that a ``CommitStub`` keeps of the values.
  var valuesHash: Digest {
    Domain.commitPart.hash(Domain.commitPart.hash(open).bytes, sealedHash.bytes)
  }

  static func contentHash(header: [UInt8], keys: [UInt8], valuesHash: Digest) -> Digest {
    Domain.commitContent.hash(header, Domain.commitPart.hash(keys).bytes, valuesHash.bytes)
  }

  public var byteCount: Int {
    header.count + keys.count + open.count + (sealed?.count ?? Digest.byteCount)
  }
}

extension EncodedCommit: WireCodable {
  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 4)
    writer.raw(header)
    writer.raw(keys)
    writer.raw(open)
    if let sealed { writer.raw(sealed) } else { writer.octets(sealedHash) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(4, "commit")
    let header = [UInt8](try reader.raw())
    let keys = [UInt8](try reader.raw())
    let open = [UInt8](try reader.raw())
    if try reader.kind() == .bytes {
      self.init(header: header, keys: keys, open: open, sealedHash: try reader.digest())
    } else {
      self.init(header: header, keys: keys, open: open, sealed: [UInt8](try reader.raw()))
    }
    guard byteCount <= Commit.byteCountMax else { throw .tooLarge("commit") }
  }
}

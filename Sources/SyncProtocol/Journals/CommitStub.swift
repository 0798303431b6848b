import CBOR
import Merge
import Signing

/// What compaction leaves of a commit: header and keys as they were signed, of the values a hash.
///
/// It hashes to the same content as the commit, so that journals and heads go on verifying
/// (design §6, Compaction; protocol.md §6.8). Whether nothing that still counts is missing is for the
/// reader to check.
public struct CommitStub: Hashable, Sendable {
  public let header: [UInt8]
  public let keys: [UInt8]
  /// H(H(open) ‖ H(sealed)).
  public let valuesHash: Digest

  /// - Precondition: the commit has all its values; a refusal is never compacted.
  public init(of commit: EncodedCommit) {
    precondition(commit.sealed != nil, "only whole commits are compacted")
    header = commit.header
    keys = commit.keys
    valuesHash = commit.valuesHash
  }

  private init(header: [UInt8], keys: [UInt8], valuesHash: Digest) {
    self.header = header
    self.keys = keys
    self.valuesHash = valuesHash
  }

  /// The content hash of the commit that it was.
  public var contentHash: Digest {
    EncodedCommit.contentHash(header: header, keys: keys, valuesHash: valuesHash)
  }
}

extension CommitStub: WireCodable {
  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.raw(header)
    writer.raw(keys)
    writer.octets(valuesHash)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "commit stub")
    let header = [UInt8](try reader.raw())
    let keys = [UInt8](try reader.raw())
    guard header.count + keys.count + Digest.byteCount <= Commit.byteCountMax else {
      throw .tooLarge("commit stub")
    }
    self.init(header: header, keys: keys, valuesHash: try reader.digest())
  }
}

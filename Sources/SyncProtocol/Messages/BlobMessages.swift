import CBOR
import Merge
import Signing

/// How many blobs, and bytes of them, one message carries.
public enum BlobBatch {
  public static let countMax = 1024
  /// Together; a message with one blob may have more.
  public static let byteCountMax = 8 << 20
  /// The largest blob that travels with others.
  public static let blobByteCountMax = (1 << 20) + (64 << 10)
}

/// Stores small blobs of a vault, all or none.
public struct BlobsPutRequest: Hashable, WireCodable {
  public struct Blob: Hashable, WireCodable {
    public let hash: Digest
    public let bytes: [UInt8]

    public init(hash: Digest, bytes: [UInt8]) {
      self.hash = hash
      self.bytes = bytes
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 2)
      writer.octets(hash)
      writer.bytes(bytes)
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(2, "blob")
      hash = try reader.digest()
      bytes = try reader.bytes(max: BlobBatch.blobByteCountMax)
    }
  }

  public let space: SpaceID
  public let blobs: [Blob]

  public init(space: SpaceID, blobs: [Blob]) {
    self.space = space
    self.blobs = blobs
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(space)
    writer.list(blobs) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "blobs put request")
    space = try reader.id()
    blobs = try reader.list(max: BlobBatch.countMax) { (r) throws(WireError) in try r.object() }
  }
}

/// Asks for small blobs of the own vault by name.
public struct BlobsFetchRequest: Hashable, WireCodable {
  public let space: SpaceID
  public let hashes: [Digest]

  public init(space: SpaceID, hashes: [Digest]) {
    self.space = space
    self.hashes = hashes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(space)
    writer.list(hashes) { $0.octets($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "blobs fetch request")
    space = try reader.id()
    hashes = try reader.list(max: BlobBatch.countMax) { (r) throws(WireError) in
      try r.digest()
    }
  }
}

/// The blobs in the order asked for, `null` where there is none; as many of the first as fit.
public struct BlobsFetchResponse: Hashable, WireCodable {
  public let blobs: [[UInt8]?]

  public init(blobs: [[UInt8]?]) {
    self.blobs = blobs
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(blobs) { $0.optional($1) { $0.bytes($1) } }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "blobs fetch response")
    blobs = try reader.list(max: BlobBatch.countMax) { (r) throws(WireError) in
      try r.optional { (r) throws(WireError) in try r.bytes(max: BlobBatch.blobByteCountMax) }
    }
  }
}

import CBOR
import Merge
import Signing

/// Stores wraps before the entry that names them.
public struct WrapsRequest: Hashable, WireCodable {
  public let space: SpaceID
  public let wraps: [[UInt8]]

  public init(space: SpaceID, wraps: [[UInt8]]) {
    self.space = space
    self.wraps = wraps
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(space)
    writer.list(wraps) { $0.bytes($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "wraps request")
    space = try reader.id()
    wraps = try reader.list(max: 4096) { (r) throws(WireError) in
      try r.bytes(max: 1024)
    }
  }
}

/// Asks for wraps by name; released only to whom they are for, while consent holds.
public struct WrapsFetchRequest: Hashable, WireCodable {
  public let owner: WrapOwner
  public let hashes: [Digest]

  public init(owner: WrapOwner, hashes: [Digest]) {
    self.owner = owner
    self.hashes = hashes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.object(owner)
    writer.list(hashes) { $0.octets($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "wraps fetch request")
    owner = try reader.object()
    hashes = try reader.list(max: 4096) { (r) throws(WireError) in
      try r.digest()
    }
  }
}

/// The wraps in the order asked for; `null` where there is none for the asker.
public struct WrapsFetchResponse: Hashable, WireCodable {
  public let wraps: [[UInt8]?]

  public init(wraps: [[UInt8]?]) {
    self.wraps = wraps
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(wraps) { $0.optional($1) { $0.bytes($1) } }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "wraps fetch response")
    wraps = try reader.list(max: 4096) { (r) throws(WireError) in
      try r.optional { (r) throws(WireError) in try r.bytes(max: 1024) }
    }
  }
}

/// Asks which blobs a vault still lacks.
public struct BlobsMissingRequest: Hashable, WireCodable {
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
    try reader.fields(2, "blobs missing request")
    space = try reader.id()
    hashes = try reader.list(max: 8192) { (r) throws(WireError) in
      try r.digest()
    }
  }
}

/// The missing ones.
public struct BlobsMissingResponse: Hashable, WireCodable {
  public let hashes: [Digest]

  public init(hashes: [Digest]) {
    self.hashes = hashes
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(hashes) { $0.octets($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "blobs missing response")
    hashes = try reader.list(max: 8192) { (r) throws(WireError) in
      try r.digest()
    }
  }
}

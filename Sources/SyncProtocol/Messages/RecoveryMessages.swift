import CBOR
import Merge
import Signing

/// Asks whether the server's logs still have what a device saw signed, after a restore.
public struct HeadsRequest: Hashable, WireCodable {
  public static let headCountMax = 256

  /// A device's place in one space.
  public struct Standing: Hashable, Sendable {
    /// The last head that the device was shown.
    public let head: SignedLogHead
    /// The incarnations that the device's log had before, with their last positions, oldest first.
    public let past: [LogPlace]

    public init(head: SignedLogHead, past: [LogPlace]) {
      self.head = head
      self.past = past
    }
  }

  public let standings: [Standing]

  public init(standings: [Standing]) { self.standings = standings }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(standings) { writer, standing in
      writer.array(count: 2)
      writer.object(standing.head)
      writer.list(standing.past) { writer, place in
        writer.array(count: 2)
        writer.unsigned(place.incarnation)
        writer.position(place.position)
      }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "heads request")
    standings = try reader.list(max: Self.headCountMax) { (r) throws(WireError) in
      try r.fields(2, "standing")
      return Standing(
        head: try r.object(),
        past: try r.list(max: 1024) { (r) throws(WireError) in
          try r.fields(2, "past incarnation")
          return LogPlace(
            incarnation: try r.number("incarnation"), position: try r.position())
        })
    }
  }
}

/// For each space whose log is not what the device has seen: the server's head where the two part.
public struct HeadsResponse: Hashable, WireCodable {
  public let bases: [SignedLogHead]

  public init(bases: [SignedLogHead]) { self.bases = bases }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(bases) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "heads response")
    bases = try reader.list(max: HeadsRequest.headCountMax) { (r) throws(WireError) in
      try r.object()
    }
  }
}

/// Hands back a page of a log that the server has lost, as it once was signed.
public struct RecoverRequest: Hashable, WireCodable {
  /// The incarnation of the position that the page begins after.
  public let incarnation: UInt64
  public let page: LogPage

  public init(incarnation: UInt64, page: LogPage) {
    self.incarnation = incarnation
    self.page = page
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(incarnation)
    writer.object(page)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "recover request")
    incarnation = try reader.number("incarnation")
    page = try reader.object()
  }
}

/// What became of a page.
public struct RecoverResponse: Hashable, WireCodable {
  /// Whether all of it is in the log now; otherwise something is missing that it rests on.
  public let isTaken: Bool
  /// Entries that the server did not have.
  public let newCount: UInt64

  public init(isTaken: Bool, newCount: UInt64) {
    self.isTaken = isTaken
    self.newCount = newCount
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.bool(isTaken)
    writer.unsigned(newCount)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "recover response")
    isTaken = try reader.bool()
    newCount = try reader.number("count")
  }
}

/// Hands back what the server has lost of a chain, under the head that it once signed.
public struct ChainRestoreRequest: Hashable, WireCodable {
  public let part: ChainPart
  /// The role that an account had; for account chains that the server does not know at all.
  public let role: Role?

  public init(part: ChainPart, role: Role?) {
    self.part = part
    self.role = role
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.object(part)
    writer.optional(role) { $0.word($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "chain restore request")
    part = try reader.object()
    role = try reader.optional { (r) throws(WireError) in try r.word() }
  }
}

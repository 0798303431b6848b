import CBOR
import Merge
import Signing

/// Asks what the server knows of those with whom files are shared: their accesses, what their devices say
/// they have purged, and how far they have read. Answered to an engagement's client only.
public struct ReceiptsRequest: Hashable, WireCodable {
  /// Engagements in one request.
  public static let partCountMax = 256

  public struct Part: Hashable, WireCodable {
    public let space: SpaceID
    /// How many accesses are known already.
    public let after: UInt64

    public init(space: SpaceID, after: UInt64) {
      self.space = space
      self.after = after
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 2)
      writer.id(space)
      writer.unsigned(after)
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(2, "receipts part")
      space = try reader.id()
      after = try reader.number("accesses")
    }
  }

  public let parts: [Part]

  public init(parts: [Part]) { self.parts = parts }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(parts) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "receipts request")
    parts = try reader.list(max: Self.partCountMax) { (r) throws(WireError) in try r.object() }
  }
}

/// What the server says. Only purge reports are signed, by the devices themselves; all else is its word.
public struct ReceiptsResponse: Hashable, WireCodable {
  /// Accesses in one answer.
  public static let accessCountMax = 4096

  /// An attempt to get at a shared file's key or bytes.
  public struct Access: Hashable, WireCodable {
    /// The server's time, milliseconds since 1970.
    public let timeMilliseconds: UInt64
    public let account: AccountID
    public let device: DeviceID
    /// `share-wrap` or `share-blob`.
    public let action: String
    /// The share's id, or the name of a wrap that is of no share.
    public let object: [UInt8]
    /// `granted`, or why not.
    public let outcome: String

    public init(
      timeMilliseconds: UInt64, account: AccountID, device: DeviceID, action: String,
      object: [UInt8], outcome: String
    ) {
      self.timeMilliseconds = timeMilliseconds
      self.account = account
      self.device = device
      self.action = action
      self.object = object
      self.outcome = outcome
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 6)
      writer.unsigned(timeMilliseconds)
      writer.id(account)
      writer.id(device)
      writer.text(action)
      writer.bytes(object)
      writer.text(outcome)
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(6, "access")
      timeMilliseconds = try reader.milliseconds()
      account = try reader.id()
      device = try reader.id()
      action = try reader.text(max: 32)
      object = try reader.bytes(max: 32)
      outcome = try reader.text(max: 32)
    }
  }

  /// A device's report, and when the server got it.
  public struct Purge: Hashable, WireCodable {
    public let report: PurgeReport
    public let receivedMilliseconds: UInt64

    public init(report: PurgeReport, receivedMilliseconds: UInt64) {
      self.report = report
      self.receivedMilliseconds = receivedMilliseconds
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 2)
      writer.object(report)
      writer.unsigned(receivedMilliseconds)
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(2, "purge")
      report = try reader.object()
      receivedMilliseconds = try reader.milliseconds()
    }
  }

  /// How far a device was given the space's log, and when last.
  public struct Contact: Hashable, WireCodable {
    public let device: DeviceID
    public let position: Position
    public let timeMilliseconds: UInt64

    public init(device: DeviceID, position: Position, timeMilliseconds: UInt64) {
      self.device = device
      self.position = position
      self.timeMilliseconds = timeMilliseconds
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 3)
      writer.id(device)
      writer.position(position)
      writer.unsigned(timeMilliseconds)
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(3, "contact")
      device = try reader.id()
      position = try reader.position()
      timeMilliseconds = try reader.milliseconds()
    }
  }

  public struct Part: Hashable, WireCodable {
    public let space: SpaceID
    /// How many accesses the server has; fewer than before after it was restored.
    public let accessCount: UInt64
    /// In their order, after the asked one.
    public let accesses: [Access]
    public let purges: [Purge]
    public let contacts: [Contact]

    public init(
      space: SpaceID, accessCount: UInt64, accesses: [Access], purges: [Purge],
      contacts: [Contact]
    ) {
      self.space = space
      self.accessCount = accessCount
      self.accesses = accesses
      self.purges = purges
      self.contacts = contacts
    }

    public func encode(to writer: inout CBORWriter) {
      writer.array(count: 5)
      writer.id(space)
      writer.unsigned(accessCount)
      writer.list(accesses) { $0.object($1) }
      writer.list(purges) { $0.object($1) }
      writer.list(contacts) { $0.object($1) }
    }

    public init(from reader: inout WireReader) throws(WireError) {
      try reader.fields(5, "receipts")
      space = try reader.id()
      accessCount = try reader.number("accesses")
      accesses = try reader.list(max: ReceiptsResponse.accessCountMax) { (r) throws(WireError) in
        try r.object()
      }
      purges = try reader.list(max: 1024) { (r) throws(WireError) in try r.object() }
      contacts = try reader.list(max: 1024) { (r) throws(WireError) in try r.object() }
    }
  }

  public let parts: [Part]

  public init(parts: [Part]) { self.parts = parts }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.list(parts) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "receipts response")
    parts = try reader.list(max: ReceiptsRequest.partCountMax) { (r) throws(WireError) in
      try r.object()
    }
  }
}

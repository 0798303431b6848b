import CBOR
import Merge
import Signing

/// Asks what has moved for the account since a place in its feed.
public struct FeedRequest: Hashable, WireCodable {
  /// What a device asks that stays connected.
  public struct Interest: Hashable, Sendable {
    /// The organisation whose chains it follows, with those of its teams.
    public let organisation: OrganisationID?
    /// What ``FeedResponse/news`` said when the device last asked for all that it stands for; 0 where it
    /// has not.
    public let news: UInt64
    /// How long the answer may be held while there is nothing to tell, milliseconds.
    public let holdMilliseconds: UInt64

    public init(organisation: OrganisationID?, news: UInt64, holdMilliseconds: UInt64) {
      self.organisation = organisation
      self.news = news
      self.holdMilliseconds = holdMilliseconds
    }
  }

  /// The longest that an answer may be held: shorter than what lies between keeps silent lines.
  public static let holdMillisecondsMax: UInt64 = 240_000

  /// 0 for everything.
  public let after: UInt64
  public let interest: Interest?

  public init(after: UInt64, interest: Interest? = nil) {
    self.after = after
    self.interest = interest
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: interest == nil ? 1 : 4)
    writer.unsigned(after)
    guard let interest else { return }
    writer.optional(interest.organisation) { $0.id($1) }
    writer.unsigned(interest.news)
    writer.unsigned(interest.holdMilliseconds)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 4)
    guard count == 1 || count == 4 else { throw .unexpected("feed request") }
    after = try reader.number("feed position")
    guard count == 4 else {
      interest = nil
      return
    }
    interest = Interest(
      organisation: try reader.optional { (r) throws(WireError) in try r.id() },
      news: try reader.number("news"),
      holdMilliseconds: try reader.unsigned(max: Self.holdMillisecondsMax, "hold"))
  }
}

/// The spaces that moved, each once.
public struct FeedResponse: Hashable, WireCodable {
  /// Where to ask from next time.
  public let position: UInt64
  public let moved: [MovedSpace]
  /// The server's time, milliseconds since 1970.
  public let timeMilliseconds: UInt64
  /// Changes whenever something else may be new that a sync asks for: statements on the account's chain,
  /// its organisation's and the teams', invitations that were accepted, receipts. To be compared within
  /// one session only; `nil` where it was not asked for.
  public let news: UInt64?

  public init(
    position: UInt64, moved: [MovedSpace], timeMilliseconds: UInt64, news: UInt64? = nil
  ) {
    self.position = position
    self.moved = moved
    self.timeMilliseconds = timeMilliseconds
    self.news = news
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: news == nil ? 3 : 4)
    writer.unsigned(position)
    writer.list(moved) { $0.object($1) }
    writer.unsigned(timeMilliseconds)
    if let news { writer.unsigned(news) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 4)
    guard count >= 3 else { throw .unexpected("feed response") }
    position = try reader.number("feed position")
    moved = try reader.list(max: 65536) { (r) throws(WireError) in
      try r.object()
    }
    timeMilliseconds = try reader.milliseconds()
    news = count == 4 ? try reader.number("news") : nil
  }
}

/// A space and how far its log reaches for the asker.
public struct MovedSpace: Hashable, WireCodable {
  public let space: SpaceID
  public let kind: SpaceKind
  public let last: Position

  public init(space: SpaceID, kind: SpaceKind, last: Position) {
    self.space = space
    self.kind = kind
    self.last = last
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.id(space)
    writer.word(kind)
    writer.position(last)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "moved space")
    space = try reader.id()
    kind = try reader.word()
    last = try reader.position()
  }
}

/// Asks for a page of a space's log. Answered with a ``LogPage``.
public struct PullRequest: Hashable, WireCodable {
  /// 4 MiB.
  public static let pageByteCountMax: UInt64 = 4 << 20

  public let space: SpaceID
  public let incarnation: UInt64
  public let after: Position
  /// At most ``pageByteCountMax``; a page holds at least one entry.
  public let byteCountMax: UInt64
  /// The home id of the asking replica in this space: what it asks from, it has. `nil`: nothing is
  /// acknowledged.
  public let home: UInt64?

  public init(
    space: SpaceID, incarnation: UInt64, after: Position, byteCountMax: UInt64,
    home: UInt64? = nil
  ) {
    self.home = home
    self.space = space
    self.incarnation = incarnation
    self.after = after
    self.byteCountMax = byteCountMax
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: home == nil ? 4 : 5)
    writer.id(space)
    writer.unsigned(incarnation)
    writer.position(after)
    writer.unsigned(byteCountMax)
    if let home { writer.unsigned(home) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 5)
    guard count >= 4 else { throw .unexpected("pull request") }
    space = try reader.id()
    incarnation = try reader.number("incarnation")
    after = try reader.position()
    byteCountMax = try reader.unsigned(max: Self.pageByteCountMax, "page")
    home = count == 5 ? try reader.unsigned() : nil
  }
}

/// Statements and commits of one space, in order.
public struct PushRequest: Hashable, WireCodable {
  /// Statements and segments; a segment holds up to ``JournalSegment/commitCountMax`` commits. Each
  /// refused statement costs the server as much as an accepted one.
  public static let itemCountMax = 256

  public let space: SpaceID
  public let items: [PushItem]

  public init(space: SpaceID, items: [PushItem]) {
    self.space = space
    self.items = items
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.id(space)
    writer.list(items) { $0.object($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "push request")
    space = try reader.id()
    items = try reader.list(max: Self.itemCountMax) { (r) throws(WireError) in
      try r.object()
    }
  }
}

/// A verdict for each statement and each commit, in order. Items after a deferred one have none.
public struct PushResponse: Hashable, WireCodable {
  public let verdicts: [PushVerdict]
  /// How far the log reaches now.
  public let last: Position

  public init(verdicts: [PushVerdict], last: Position) {
    self.verdicts = verdicts
    self.last = last
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.list(verdicts) { $0.object($1) }
    writer.position(last)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "push response")
    verdicts = try reader.list(max: 65536) { (r) throws(WireError) in
      try r.object()
    }
    last = try reader.position()
  }
}

/// Asks how far the server knows a journal: a copied or restored home finds itself out.
public struct JournalRequest: Hashable, WireCodable {
  public let space: SpaceID
  public let replica: ReplicaID
  /// Up to this sequence at most.
  public let sequence: UInt64

  public init(space: SpaceID, replica: ReplicaID, sequence: UInt64) {
    self.space = space
    self.replica = replica
    self.sequence = sequence
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 3)
    writer.id(space)
    writer.id(replica)
    writer.unsigned(sequence)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(3, "journal request")
    space = try reader.id()
    replica = try reader.id()
    sequence = try reader.sequence()
  }
}

/// The journal's last point up to the asked sequence.
public struct JournalResponse: Hashable, WireCodable {
  public let point: JournalPoint

  public init(point: JournalPoint) {
    self.point = point
  }

  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 1)
    writer.object(point)
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(1, "journal response")
    point = try reader.object()
  }
}

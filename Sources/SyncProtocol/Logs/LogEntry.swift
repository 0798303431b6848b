import CBOR
import Merge
import Signing

/// One entry of a space's log.
public enum LogEntry: Hashable, Sendable {
  /// An accepted commit.
  case commit(Origin, EncodedCommit)
  /// A refused commit without its sealed values, and why.
  case refusal(Origin, EncodedCommit, Refusal)
  /// What is left of an accepted commit whose values have all been overwritten or deleted.
  case stub(Origin, CommitStub)
  case statement(SignedStatement)
  case authority(AuthorityReference)
  /// The server's time, milliseconds since 1970.
  case time(UInt64)
  /// A new incarnation of the log begins with this entry: the server was restored.
  case incarnation(UInt64)
  /// An entry of an incarnation that was lost, handed back by a device.
  indirect case recovered(LogPlace, LogEntry)
  /// One that stands here already, at the position; `zero` where nothing of it is needed.
  case recoveredAlready(LogPlace, at: Position)

  /// What it says, also where it was handed back.
  public var content: LogEntry {
    if case .recovered(_, let lost) = self { lost.content } else { self }
  }

  /// The (replica, sequence) of a commit, refusal or stub.
  public var journalOrigin: Origin? {
    switch content {
    case .commit(let origin, _), .refusal(let origin, _, _), .stub(let origin, _): origin
    default: nil
    }
  }

  /// `nil` for a stub, too: what is left of it is no commit.
  public var commit: EncodedCommit? {
    switch content {
    case .commit(_, let commit), .refusal(_, let commit, _): commit
    default: nil
    }
  }

  /// What a commit, refusal or stub adds to its author's journal.
  public var contentHash: Digest? {
    if case .stub(_, let stub) = content { return stub.contentHash }
    return commit?.contentHash
  }

  /// The commit, refused or not; of a stub without its values, of a refusal without the sealed ones.
  package func decodedCommit() throws -> Commit? {
    if case .stub(_, let stub) = content { return try stub.decoded() }
    return try commit?.decoded()
  }

  /// The entry's hash in the log.
  ///
  /// - Parameter point: the journal's point with this commit; it carries the commit's content.
  public func hash(at point: JournalPoint?) -> Digest {
    var writer = CBORWriter()
    switch self {
    // A stub takes the commit's place: heads before and after compaction are the same.
    case .commit(let origin, _), .stub(let origin, _):
      writer.array(count: 3)
      writer.unsigned(0)
      writer.bytes(origin.packed)
      writer.octets(Self.journalHash(point))
    case .refusal(let origin, _, let refusal):
      writer.array(count: 4)
      writer.unsigned(1)
      writer.bytes(origin.packed)
      writer.octets(Self.journalHash(point))
      writer.object(refusal)
    case .statement(let statement):
      writer.array(count: 2)
      writer.unsigned(2)
      writer.octets(statement.hash)
    case .authority(let reference):
      writer.array(count: 2)
      writer.unsigned(3)
      writer.object(reference)
    case .time(let milliseconds):
      writer.array(count: 2)
      writer.unsigned(4)
      writer.unsigned(milliseconds)
    case .incarnation, .recoveredAlready: writer.object(self)
    case .recovered(let place, let lost):
      writer.recovered(7, place) { $0.octets(lost.hash(at: point)) }
    }
    return Domain.logEntry.hash(writer.bytes)
  }

  private static func journalHash(_ point: JournalPoint?) -> Digest {
    guard let point else { preconditionFailure("a commit's entry needs its journal point") }
    return point.hash
  }
}

extension LogEntry: WireCodable {
  public func encode(to writer: inout CBORWriter) {
    switch self {
    case .commit(let origin, let commit):
      writer.array(count: 3)
      writer.unsigned(0)
      writer.bytes(origin.packed)
      writer.object(commit)
    case .refusal(let origin, let commit, let refusal):
      writer.array(count: 4)
      writer.unsigned(1)
      writer.bytes(origin.packed)
      writer.object(commit)
      writer.object(refusal)
    case .statement(let statement):
      writer.array(count: 2)
      writer.unsigned(2)
      writer.object(statement)
    case .authority(let reference):
      writer.array(count: 2)
      writer.unsigned(3)
      writer.object(reference)
    case .time(let milliseconds):
      writer.array(count: 2)
      writer.unsigned(4)
      writer.unsigned(milliseconds)
    case .stub(let origin, let stub):
      writer.array(count: 3)
      writer.unsigned(5)
      writer.bytes(origin.packed)
      writer.object(stub)
    case .incarnation(let number):
      writer.array(count: 2)
      writer.unsigned(6)
      writer.unsigned(number)
    case .recovered(let place, let lost): writer.recovered(7, place) { $0.object(lost) }
    case .recoveredAlready(let place, let known):
      writer.recovered(8, place) { $0.position(known) }
    }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    let count = try reader.array(max: 4)
    switch (try reader.unsigned(), count) {
    case (0, 3): self = .commit(try reader.origin(), try reader.wholeCommit())
    case (1, 4): self = .refusal(try reader.origin(), try reader.object(), try reader.object())
    case (2, 2): self = .statement(try reader.object())
    case (3, 2): self = .authority(try reader.object())
    case (4, 2): self = .time(try reader.milliseconds())
    case (5, 3): self = .stub(try reader.origin(), try reader.object())
    case (6, 2): self = .incarnation(try reader.number("incarnation"))
    case (7, 4): self = .recovered(try reader.logPlace(), try reader.object())
    case (8, 4): self = .recoveredAlready(try reader.logPlace(), at: try reader.position())
    default: throw .unexpected("log entry")
    }
  }
}

extension CBORWriter {
  fileprivate mutating func recovered(
    _ code: UInt64, _ place: LogPlace, _ rest: (inout CBORWriter) -> Void
  ) {
    array(count: 4)
    unsigned(code)
    unsigned(place.incarnation)
    position(place.position)
    rest(&self)
  }
}

extension WireReader {
  fileprivate mutating func logPlace() throws(WireError) -> LogPlace {
    LogPlace(incarnation: try number("incarnation"), position: try position())
  }

  /// A commit with its sealed values. Its hash does not tell: left out, they would read as cleared.
  mutating func wholeCommit() throws(WireError) -> EncodedCommit {
    let commit: EncodedCommit = try object()
    guard commit.sealed != nil else { throw .unexpected("sealed values") }
    return commit
  }
}

extension Refusal: WireCodable {
  public func encode(to writer: inout CBORWriter) {
    writer.array(count: 2)
    writer.unsigned(code.rawValue)
    writer.list(details) { $0.text($1) }
  }

  public init(from reader: inout WireReader) throws(WireError) {
    try reader.fields(2, "refusal")
    guard let code = Code(rawValue: try reader.unsigned()) else { throw .unexpected("refusal") }
    let details = try reader.list(max: Self.detailCountMax) { (r) throws(WireError) in
      try r.text(max: Self.detailByteCountMax)
    }
    self.init(code, details)
  }
}

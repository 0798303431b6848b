import CBOR
import Merge
import SpaceStore
import SyncProtocol

/// A practitioner's request for access, with its reason, and what came of it (requirements A1, A7, A8).
public struct AccessRequest: Sendable {
  public enum State: String, Sendable {
    case requested
    case approved
    case denied
    /// Taken back by who asked.
    case withdrawn
  }

  public let id: RecordID
  /// The engagement.
  public let space: SpaceID
  public let client: AccountID
  public let practitioner: AccountID
  /// The file that is meant, where both sides know it already.
  public let file: RecordID?
  /// What is asked for, in the words of who asks; `nil` where nothing was named or it cannot be opened.
  public let name: String?
  /// `nil` where it cannot be opened.
  public let reason: String?
  public let state: State
  /// The end of what was approved; milliseconds since 1970.
  public let untilMilliseconds: UInt64?
  /// What the client said to it.
  public let message: String?
  public let timeMilliseconds: UInt64
  /// Whether the server has accepted all that this device wrote about it.
  public let isSent: Bool

  /// The end of the id; its beginning is only a time.
  public var shortID: String { String(id.hex.suffix(8)) }
}

extension Replica {
  static let requestType = "access_request"

  /// Requests of both directions, oldest first, of engagements that this device holds.
  public func accessRequests() throws -> [AccessRequest] {
    _ = try unlockedKeys()
    return try (sharingEngagements() + receivingEngagements())
      .flatMap { try shownRecords(Self.requestType, in: $0) }
      .compactMap { try accessRequest($0) }
      .sorted { ($0.timeMilliseconds, $0.id) < ($1.timeMilliseconds, $1.id) }
  }

  private func accessRequest(_ record: ShownRecord) throws -> AccessRequest? {
    guard let client = try client(of: record.space),
      let practitioner = try practitioner(of: record.space),
      let state = record.value("state")?.map,
      let word = state["state"]?.text.flatMap(AccessRequest.State.init(rawValue:))
    else { return nil }
    let isPending =
      record.created.pendingSequence != nil
      || record.sibling("state")?.position.pendingSequence != nil
    return AccessRequest(
      id: record.id, space: record.space, client: client, practitioner: practitioner,
      file: record.value("file")?.bytes.flatMap { RecordID($0) },
      name: try readableText(record, "name"), reason: try readableText(record, "reason"),
      state: word,
      untilMilliseconds: state["until"]?.integer.map { UInt64(clamping: $0) },
      message: try readableText(record, "message"),
      timeMilliseconds: try time(of: record.created, in: record.space).milliseconds,
      isSent: !isPending)
  }

  /// The request that the end of an id means; the only open one where `nil`.
  ///
  /// - Throws: ``ReplicaError/notFound(_:)``, ``ReplicaError/ambiguous(_:_:)``.
  public func accessRequest(_ id: String?) throws -> AccessRequest {
    let all = try accessRequests()
    let found = all.filter { request in
      guard let id else { return request.state == .requested }
      return id.count >= 6 && request.id.hex.hasSuffix(id.lowercased())
    }
    guard let first = found.first else {
      throw ReplicaError.notFound(id.map { "request \($0)" } ?? "open request")
    }
    guard found.count == 1 else {
      throw ReplicaError.ambiguous(id ?? "the request", found.map(\.shortID))
    }
    return first
  }

  /// The states of all requests, by request; opens nothing.
  func requestStates() throws -> [RecordID: String] {
    let rows = try database.rows("SELECT record, state_state FROM access_request") {
      (try Self.recordID($0.blob(0)), $0.text(1))
    }
    // Ids are their authors' to choose: of two that are the same the first counts.
    return Dictionary(rows, uniquingKeysWith: { first, _ in first })
  }
}

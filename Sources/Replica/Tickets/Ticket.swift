import Merge

/// A ticket as this replica shows it, own unsent changes included.
public struct Ticket: Hashable, Sendable {
  /// Where a ticket stands in its workflow.
  public struct Status: Hashable, Sendable {
    public let state: String
    public let reason: String?
    /// Milliseconds since 1970.
    public let timeMilliseconds: Int64?
  }

  public let reference: RecordReference
  /// Given by the server; `nil` until it has seen the ticket.
  public let number: Int64?
  public let kind: String
  public let title: OpenedValue
  public let description: OpenedValue
  public let environment: OpenedValue
  public let severity: String?
  public let priority: String?
  public let status: Status?
  public let assignee: AccountID?
  /// Sorted.
  public let labels: [String]
  /// Fields with more than one standing value, sorted.
  public let conflicts: [String]
  public let creator: Author
  public let createdMilliseconds: UInt64
  /// The last change of a field that still stands.
  public let changedMilliseconds: UInt64
  /// Whether something in it has not reached the server's log yet.
  public let isPending: Bool

  public var id: RecordID { reference.record }

  public var isClosed: Bool { status?.state == "closed" }

  /// The state, `new` before there is one.
  public var stateName: String { status?.state ?? "new" }
}

/// A ticket with what belongs to it.
public struct TicketDetails: Hashable, Sendable {
  public let ticket: Ticket
  /// Oldest first.
  public let comments: [TicketComment]
  public let work: [TicketWork]
  /// Internal notes of the team; empty on a client's device, which never gets them.
  public let notes: [TicketNote]
  /// The steps that this account may take now.
  public let steps: [TicketStep]
}

/// What somebody said about a ticket.
public struct TicketComment: Hashable, Sendable {
  public let id: RecordID
  public let author: Author
  public let timeMilliseconds: UInt64
  public let text: OpenedValue
  public let inReplyTo: RecordID?
  public let isPending: Bool
}

/// Time that staff spent on a ticket.
public struct TicketWork: Hashable, Sendable {
  public let id: RecordID
  public let author: Author
  public let minutes: Int64
  /// When the work was done, milliseconds since 1970.
  public let timeMilliseconds: Int64
  public let text: OpenedValue
  public let isPending: Bool
}

/// What the team says among itself about a ticket; lies in the team's space.
public struct TicketNote: Hashable, Sendable {
  public let id: RecordID
  public let author: Author
  public let timeMilliseconds: UInt64
  public let text: OpenedValue
  public let isPending: Bool
}

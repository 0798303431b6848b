/// What a member is in a space, and the two authors that are not members.
public enum Role: String, CaseIterable, Sendable {
  /// The account that a vault or an inbox belongs to.
  case owner
  /// An administrator of the organisation; holds no key of a client's space.
  case admin
  case practitioner
  case client
  /// A client, or a client organisation's contact, in casework.
  case contact
  /// A member of the team that a casework, team or directory space belongs to.
  case staff
  /// A family caregiver.
  case family
  /// The server itself: numbers, notices.
  case server
  /// In a schema only: whoever created the record.
  case author
}

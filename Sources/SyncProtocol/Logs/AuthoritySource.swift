import Merge
import Signing

/// Verified histories that authority entries name by hash.
public protocol AuthoritySource: AccountDirectory {
  func statement(_ chain: ChainReference, at index: UInt64) throws -> SignedStatement?
  func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain?
  func teamChain(_ team: TeamID) throws -> TeamChain?
  /// The commit at a position of an assignment's log, and those that stood there in incarnations
  /// which were lost, and came back; none where the reader has not come that far.
  func consentCommits(_ space: SpaceID, at position: Position) throws -> [ConsentCommit]
  /// The members of a space as its own log has them; `nil` where the reader has not met it.
  func members(of space: SpaceID) throws -> [AccountID: Role]?
}

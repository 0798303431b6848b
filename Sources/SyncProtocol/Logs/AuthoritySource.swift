import Merge
import Signing

/// Verified histories that authority entries name by hash.
public protocol AuthoritySource: AccountDirectory {
  func statement(_ chain: ChainReference, at index: UInt64) throws -> SignedStatement?
  func organisationChain(_ organisation: OrganisationID) throws -> OrganisationChain?
  func teamChain(_ team: TeamID) throws -> TeamChain?
  /// The commit at a position of an assignment's log, with its entry's hash; `nil` where the reader
  /// has not come that far.
  func consentCommit(_ space: SpaceID, at position: Position) throws -> (
    origin: Origin, commit: Commit, entryHash: Digest
  )?
  /// The members of a space as its own log has them; `nil` where the reader has not met it.
  func members(of space: SpaceID) throws -> [AccountID: Role]?
}

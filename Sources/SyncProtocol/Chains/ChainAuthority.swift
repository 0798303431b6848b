import Merge

/// Answers what a chain does not show by itself: whether its statements' authors are who they say.
///
/// An implementation throws where it cannot tell yet; `false` is final.
public protocol ChainAuthority {
  /// Whether the author's certified device has signed the statement. Not asked of an account's own
  /// statements, which its chain shows.
  func isSigned(_ statement: SignedStatement) throws -> Bool

  /// Whether the account administers the organisation.
  func isAdmin(_ account: AccountID, of organisation: OrganisationID) throws -> Bool

  /// Whether the server has signed the head of a chain.
  func isSigned(_ head: SignedChainHead) throws -> Bool
}

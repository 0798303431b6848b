import Merge
import Signing

/// Verified account chains, to check the authors of other chains and of spaces against.
public protocol AccountDirectory {
  /// `nil` where the chain is not known.
  func accountChain(_ account: AccountID) throws -> AccountChain?
}

extension SignedStatement {
  /// Whether a certified device of the account that the statement names has signed it. A recovery kit
  /// speaks on its account's own chain only.
  public func isSignedByItsAuthor(_ directory: some AccountDirectory) throws -> Bool {
    guard let account = statement.account,
      let device = try directory.accountChain(account)?.devices[statement.device],
      !device.isKit
    else { return false }
    return isSigned(by: device.certificate.identity)
  }
}

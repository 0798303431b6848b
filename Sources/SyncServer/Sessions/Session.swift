import Merge
import SyncProtocol

/// Who asks: an account's device that has signed a challenge.
struct Session: Hashable, Sendable {
  let account: AccountID
  let device: DeviceID
  let scope: SessionScope
  let expiresMilliseconds: UInt64
}

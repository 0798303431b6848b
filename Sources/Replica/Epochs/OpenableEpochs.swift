import CBOR
import Merge
import Sealing
import Signing
import SyncProtocol

extension Replica {
  /// Whether any key that this home holds opens a wrap of an epoch, or the epoch itself: what somebody
  /// could do who has the home and the server's disk. For the simulator's checks.
  package func opens(
    _ wraps: [[UInt8]], of signed: SignedStatement, in space: SpaceID
  ) throws -> Bool {
    guard case .epoch(let body) = signed.statement.body else { return false }
    let previous = signed.statement.previous.map { EpochID($0) }
    let context = EpochSecret.context(space, previous)
    let named = Set(body.wraps.map(\.hash))
    for wrap in wraps where named.contains(Hasher256.content(wrap)) {
      for key in try unlockedKeys().heldExchangeKeys() {
        do throws(SealingError) {
          let opened = try EpochSecret.open(wrap, space: space, previous: previous, with: key)
          if opened?.matches(body.commitment, context: context) == true { return true }
        } catch { continue }
      }
    }
    return try unlockedKeys().holds(.epoch(space, EpochID(signed.hash)))
  }
}

import Merge
import SyncProtocol

extension SpaceStore {
  /// What the log before it says of a refusal that would stand next.
  ///
  /// - Parameter commit: what there is of the refused commit; whole on its author's device, without
  ///   sealed values elsewhere.
  public func find(
    _ refusal: Refusal, of commit: EncodedCommit, by origin: Origin, in space: SpaceID
  ) throws -> RefusalFinding {
    let decoded: Commit
    do throws(WireError) {
      decoded = try commit.decoded()
    } catch {
      // What cannot be read is refused as that, and is never held up.
      let own = Refusal(.malformed)
      return refusal.code == own.code ? .founded : .unfounded(.refused(own))
    }
    let isWhole = commit.sealed != nil || commit.hasNoSealedValues
    // Values without keys are a fault of what is left out.
    if refusal.code == .malformed, !isWhole { return .unverifiable }
    return try acceptance(in: space).find(refusal, of: decoded, by: origin, isWhole: isWhole)
  }
}

import CBOR
import Database
import Merge
import Signing
import SpaceStore
import SyncProtocol

/// What was shared once and is not any more cannot come back: the server holds wraps only for shares
/// that stand, in engagements that go on.
struct ShareChecker {
  let history: History

  func differences(_ server: SpaceStore) throws -> [String] {
    var found: [String] = []
    for (space, log) in history.logs.sorted(by: { $0.key < $1.key }) {
      let state = try server.state(space)
      guard state.kind == .engagement else { continue }
      for (key, record) in log.model.records where key.type == "share" {
        let standing = state.ended == nil ? Self.standing(record) : []
        let stale = Self.wraps(record.writes["content"] ?? []).subtracting(standing)
        for wrap in stale.sorted(by: { $0.bytes.lexicographicallyPrecedes($1.bytes) })
        where try isKept(wrap, in: space, server) {
          found.append("a wrap of a share that is over is still there, in \(space.hex)")
        }
      }
    }
    return found
  }

  /// The wraps that a share stands by; none once it was revoked.
  private static func standing(_ record: ReferenceModel.History) -> Set<Digest> {
    let access = ReferenceModel.standing(record.writes["access"] ?? [])
    let isActive = access.allSatisfy { $0.value?.map?["state"]?.text == "active" }
    return isActive ? wraps(ReferenceModel.standing(record.writes["content"] ?? [])) : []
  }

  private static func wraps(_ writes: [ReferenceModel.Write]) -> Set<Digest> {
    Set(writes.compactMap { $0.value?.map?["wrap"]?.bytes.flatMap { Digest($0) } })
  }

  private func isKept(_ wrap: Digest, in space: SpaceID, _ server: SpaceStore) throws -> Bool {
    try server.database.first(
      "SELECT 1 FROM wrap WHERE owner = ? AND hash = ? AND named = 1",
      .blob(WrapOwner.space(space).encoded), .blob(wrap.bytes)
    ) { _ in true } ?? false
  }
}

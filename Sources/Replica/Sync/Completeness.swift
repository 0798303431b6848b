import CBOR
import Merge
import SpaceStore
import SyncProtocol

extension Replica {
  /// Stubs that one piece of evidence holds; more say nothing more.
  private static var stubCountMax: Int { 16 }

  /// At the end of the log nothing may be missing: what a stub leaves out was overwritten or deleted
  /// by then, so that nothing is withheld in the name of compaction (design §6).
  ///
  /// - Throws: ``ReplicaError/dishonest(_:)``. All else of the space goes on.
  func checkCompleteness(at head: SignedLogHead) throws {
    let space = head.head.space
    let number = try store.number(of: space)
    var stubs: [(position: Position, entry: LogEntry)] = []
    for position in try store.stubKeys.positions(space: number) {
      // What overwrote a stub that came back may still come back, or be lost: that is no lie.
      guard let entry = try store.log.entry(space: number, at: position), case .stub = entry else {
        continue
      }
      stubs.append((position, entry))
      if stubs.count == Self.stubCountMax { break }
    }
    guard let first = stubs.first?.position else { return }
    var writer = CBORWriter()
    writer.array(count: 2)
    writer.object(head)
    writer.list(stubs) { $0.object($1.entry) }
    try keepFirstEvidence(
      writer.bytes, kind: "values withheld from position \(first.rawValue) on", space: space)
    throw ReplicaError.dishonest("the server left out values that nothing has overwritten")
  }

  /// Each later head would make another proof of the same.
  private func keepFirstEvidence(_ bytes: [UInt8], kind: String, space: SpaceID) throws {
    let known = try database.first(
      "SELECT 1 FROM evidence WHERE kind = ? AND space = ?", .text(kind), .blob(space.bytes)
    ) { _ in true }
    if known == nil { try keepEvidence(.other(bytes), kind: kind, space: space) }
  }
}

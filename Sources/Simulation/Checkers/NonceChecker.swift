import CBOR
import Database
import Merge
import Replica
import Signing
import SpaceStore

/// No nonce is used for two texts: neither in sealed values of any log, nor in wraps under an epoch's
/// key, nor in the private copies of a device.
struct NonceChecker {
  /// Suite and epoch hint, then the nonce (`Sealing/Fields/EpochBox.swift`).
  private static let place = 9..<33

  private var texts: [[UInt8]: Digest] = [:]

  mutating func take(_ news: [SpaceID: [History.Entry]]) -> [String] {
    var found: [String] = []
    for space in news.keys.sorted() {
      for entry in news[space] ?? [] {
        guard case .commit = entry.entry.content, let commit = entry.commit else { continue }
        for write in commit.changes.flatMap(\.writes) where write.sealed {
          guard let sealed = write.value.bytes else { continue }
          if isRepeated(sealed) {
            found.append(
              "a nonce twice: \(write.key) at \(entry.position.rawValue) in \(space.hex)")
          }
        }
      }
    }
    return found
  }

  mutating func take(_ party: Party) throws -> [String] {
    let texts =
      try party.replica.database.rows(
        "SELECT private FROM outbox UNION SELECT private FROM rejected"
      ) { $0.blob(0) } + party.replica.database.rows("SELECT bytes FROM wrap") { $0.blob(0) }
    return texts.contains { isRepeated($0) } ? ["\(party.name): a nonce twice on its disk"] : []
  }

  private mutating func isRepeated(_ sealed: [UInt8]) -> Bool {
    // An age stanza has no such nonce: it begins with a letter.
    guard sealed.count > Self.place.upperBound, sealed[0] == 1 else { return false }
    let nonce = Array(sealed[Self.place])
    let text = Hasher256.content(sealed)
    let known = texts[nonce] ?? text
    texts[nonce] = known
    return known != text
  }
}

import CSodium
import Synchronization

/// Memory of `sodium_malloc` for secrets of the usual size, kept for the next one.
///
/// To get such memory, and to give it back, takes eight system calls, and a sync opens and drops dozens
/// of keys. Each piece stays what it is while it waits: locked, between guard pages, and all zeros.
enum SecretPool {
  /// Keys and seeds have 32 bytes. Only they are kept: the end of a piece lies at its guard page, so that
  /// a piece cannot serve for fewer.
  static let byteCount = 32

  /// Pieces that wait; each takes four pages, of which one is locked.
  private static let countMax = 64

  // Safe: whoever holds the value is the memory's only owner.
  private struct Piece: @unchecked Sendable {
    let address: UnsafeMutableRawPointer
  }

  private static let waiting = Mutex<[Piece]>([])

  /// All zeros. `nil` if the system has no memory.
  static func take() -> UnsafeMutableRawPointer? {
    if let piece = waiting.withLock({ $0.popLast() }) { return piece.address }
    guard let address = sodium_malloc(byteCount) else { return nil }
    sodium_memzero(address, byteCount)
    return address
  }

  static func giveBack(_ address: UnsafeMutableRawPointer) {
    sodium_memzero(address, byteCount)
    let piece = Piece(address: address)
    let isKept = waiting.withLock { waiting in
      guard waiting.count < countMax else { return false }
      waiting.append(piece)
      return true
    }
    if !isKept { sodium_free(address) }
  }
}

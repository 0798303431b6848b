/// How many bytes all bodies that are arriving may hold together.
///
/// Anybody may send bodies, before anything is known of them: without a common limit, as many as there
/// are connections would wait for their last byte in memory.
final class BodyBudget: Sendable {
  /// Of each body so much is not counted, so that small requests are served whatever else arrives.
  static let freeByteCount = 64 * 1024

  private let byteCountMax: Int
  private let used = Guarded(0)

  init(byteCountMax: Int) { self.byteCountMax = byteCountMax }

  /// Whether there is room; takes it if there is.
  func take(_ byteCount: Int) -> Bool {
    used.withLock { used in
      guard byteCount <= byteCountMax - used else { return false }
      used += byteCount
      return true
    }
  }

  func giveBack(_ byteCount: Int) { used.withLock { $0 -= byteCount } }
}

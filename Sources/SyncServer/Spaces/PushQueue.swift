import Foundation
import Signing
import SyncProtocol

/// Pushes that come while others are being written go to the disk together afterwards: one transaction
/// and one wait for the disk for all of them. Each is judged for itself, in the order of arrival, and
/// answered when the transaction is durable.
final class PushQueue: Sendable {
  /// Whoever waits longest for the group writes it; so a push that comes alone is written at once, by
  /// the thread that brought it.
  ///
  /// `@unchecked Sendable`: the result is written before the semaphore is signalled and read after it.
  final class Entry: @unchecked Sendable {
    let token: String?
    let push: PreparedPush
    var result: Result<[UInt8], any Error>?
    private let turn = DispatchSemaphore(value: 0)

    init(token: String?, push: PreparedPush) {
      self.token = token
      self.push = push
    }

    /// Waits until there is a result, or it is this one's turn to write.
    func wait() { turn.wait() }
    func wake() { turn.signal() }
  }

  private struct State {
    var waiting: [Entry] = []
    var isWriting = false
  }

  /// Pushes in one transaction. More would wait for one another longer than for the disk.
  private static let groupCountMax = 64
  /// Keys kept in memory; they are looked up again where one is missing.
  private static let keyCountMax = 65_536

  private let state = Guarded(State())
  /// By session: the key that its device's pushes are signed with.
  private let keys = Guarded<[String: SigningPublicKey]>([:])

  /// - Parameters:
  ///   - findKey: the key of a session's device, or why it may not push. Asked for the first push of a
  ///     session: nothing is read for those who have none.
  ///   - write: writes a group and gives each of it a result.
  func handle(
    _ request: Request, findKey: () throws -> SigningPublicKey, write: ([Entry]) -> Void
  ) throws -> [UInt8] {
    let known = request.token.flatMap { token in keys.withLock { $0[token] } }
    let key = try known ?? findKey()
    if known == nil, let token = request.token { keep(key, of: token) }
    let entry = Entry(
      token: request.token, push: PreparedPush(try request.message(), key: key))
    let isFirst = state.withLock { state in
      state.waiting.append(entry)
      defer { state.isWriting = true }
      return !state.isWriting
    }
    if !isFirst { entry.wait() }
    if entry.result == nil { lead(with: entry, write) }
    guard let result = entry.result else { preconditionFailure("a push without a result") }
    return try result.get()
  }

  private func lead(with own: Entry, _ write: ([Entry]) -> Void) {
    let group = state.withLock { state in
      let group = Array(state.waiting.prefix(Self.groupCountMax))
      state.waiting.removeFirst(group.count)
      return group
    }
    write(group)
    let next = state.withLock { state in
      state.isWriting = !state.waiting.isEmpty
      return state.waiting.first
    }
    next?.wake()
    for entry in group where entry !== own { entry.wake() }
  }

  private func keep(_ key: SigningPublicKey, of token: String) {
    keys.withLock { keys in
      if keys.count >= Self.keyCountMax { keys = [:] }
      keys[token] = key
    }
  }
}

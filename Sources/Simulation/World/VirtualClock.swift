import Synchronization

/// Milliseconds since 1970 that move only when a test or a request moves them.
package final class VirtualClock: Sendable {
  private let milliseconds: Mutex<UInt64>

  /// Starts on 2027-01-15.
  package init(milliseconds: UInt64 = 1_800_000_000_000) { self.milliseconds = Mutex(milliseconds) }

  package var now: UInt64 { milliseconds.withLock { $0 } }

  package func advance(milliseconds: UInt64) { self.milliseconds.withLock { $0 += milliseconds } }

  /// Somebody sets the clock back.
  package func turnBack(milliseconds: UInt64) { self.milliseconds.withLock { $0 -= milliseconds } }
}

/// One party's own clock: the virtual one, how far it is off, and how much too fast it goes.
package final class PartyClock: Sendable {
  private struct Error {
    var offset: Int64 = 0
    var perMille: Int64 = 0
    /// Since when it goes wrong.
    var since: UInt64 = 0
  }

  private let clock: VirtualClock
  private let error = Mutex(Error())

  package init(_ clock: VirtualClock) { self.clock = clock }

  /// How far it is off now. Setting it ends a drift.
  package var offsetMilliseconds: Int64 {
    get { Int64(now) - Int64(clock.now) }
    set { error.withLock { $0 = Error(offset: newValue) } }
  }

  /// From now on it goes too fast by so much, or too slow.
  func drift(perMille: Int64) {
    let offset = offsetMilliseconds
    let since = clock.now
    error.withLock { $0 = Error(offset: offset, perMille: perMille, since: since) }
  }

  package var now: UInt64 {
    let time = Int64(clock.now)
    return error.withLock { error in
      let drifted =
        error.perMille == 0 ? 0 : (time - Int64(error.since)) * error.perMille / 1000
      return UInt64(time + error.offset + drifted)
    }
  }
}

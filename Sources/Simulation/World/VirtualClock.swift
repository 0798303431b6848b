import Synchronization

/// Milliseconds since 1970 that move only when a test or a request moves them.
package final class VirtualClock: Sendable {
  private let milliseconds: Mutex<UInt64>

  /// Starts on 2027-01-15.
  package init(milliseconds: UInt64 = 1_800_000_000_000) { self.milliseconds = Mutex(milliseconds) }

  package var now: UInt64 { milliseconds.withLock { $0 } }

  package func advance(milliseconds: UInt64) { self.milliseconds.withLock { $0 += milliseconds } }
}

/// One party's own clock: the virtual one, and how far it is off.
package final class PartyClock: Sendable {
  private let clock: VirtualClock
  private let offset = Mutex<Int64>(0)

  package init(_ clock: VirtualClock) { self.clock = clock }

  package var offsetMilliseconds: Int64 {
    get { offset.withLock { $0 } }
    set { offset.withLock { $0 = newValue } }
  }

  package var now: UInt64 { UInt64(Int64(clock.now) + offsetMilliseconds) }
}

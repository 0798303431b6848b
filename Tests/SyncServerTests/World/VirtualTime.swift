import Foundation
import Signing
import SyncProtocol
import TestSupport

/// The clock of a test, and its seeded randomness.
///
/// `@unchecked Sendable`: both are touched only under the lock.
final class VirtualTime: @unchecked Sendable, RandomSource {
  private let lock = NSLock()
  private var milliseconds: UInt64 = 1_800_000_000_000
  private var generator: SplitMix64

  init(seed: UInt64) { generator = SplitMix64(seed: seed) }

  var now: UInt64 { lock.withLock { milliseconds } }

  func pass(seconds: UInt64) { lock.withLock { milliseconds += seconds * 1000 } }

  func goBack(seconds: UInt64) { lock.withLock { milliseconds -= seconds * 1000 } }

  func fill(_ buffer: UnsafeMutableRawBufferPointer) {
    lock.withLock {
      for index in buffer.indices { buffer[index] = UInt8(truncatingIfNeeded: generator.next()) }
    }
  }

  var environment: Environment {
    Environment(nowMilliseconds: { self.now }, random: self)
  }
}

/// Lengths of time, in seconds.
let hour: UInt64 = 60 * 60
let day: UInt64 = 24 * hour

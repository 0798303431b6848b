import Foundation
import Signing
import SyncProtocol

extension Environment {
  /// The operating system's clock and randomness: for the program that serves. The library itself
  /// takes what it is given.
  public static var operatingSystem: Environment {
    Environment(
      nowMilliseconds: {
        var time = timespec()
        clock_gettime(CLOCK_REALTIME, &time)
        return UInt64(max(time.tv_sec, 0)) * 1000 + UInt64(time.tv_nsec / 1_000_000)
      },
      random: SystemRandom())
  }
}

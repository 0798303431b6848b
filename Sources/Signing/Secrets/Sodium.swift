import CSodium

/// The process-wide set-up of libsodium.
public enum Sodium {
  private static let isReady = sodium_init() >= 0

  /// Runs `sodium_init` once in the process. Everything in this module that allocates, draws
  /// randomness or computes calls it; other callers of libsodium have to as well.
  ///
  /// Stops the process if libsodium cannot start: without its random generator nothing here is
  /// safe to use.
  @inline(__always)
  public static func prepare() {
    precondition(isReady, "libsodium did not start")
  }
}

import Database
import Signing

/// What a run may do without, because all its devices and its server are one process: file locks between
/// processes, and checking one signature once for each of them.
enum SimulatedProcess {
  private static let signatures = VerifiedSignatures()

  /// Opens databases.
  ///
  /// - Parameter isDurable: whether what is written there has to wait for the disk. Processes are ended
  ///   at their transactions' boundaries, and what they wrote is there for the next one in any case.
  static func open<Result>(isDurable: Bool, _ body: () throws -> Result) rethrows -> Result {
    try SQLiteDatabase.$isDurable.withValue(isDurable, operation: body)
  }

  static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try SQLiteDatabase.$isOnlyProcess.withValue(true) {
      try VerifiedSignatures.$known.withValue(signatures, operation: body)
    }
  }
}

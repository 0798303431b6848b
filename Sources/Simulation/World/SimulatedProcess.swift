import Database
import Signing

/// What a run may do without, because all its devices and its server are one process: file locks between
/// processes, and checking one signature once for each of them.
enum SimulatedProcess {
  private static let signatures = VerifiedSignatures()

  static func run<Result>(_ body: () throws -> Result) rethrows -> Result {
    try SQLiteDatabase.$isOnlyProcess.withValue(true) {
      try VerifiedSignatures.$known.withValue(signatures, operation: body)
    }
  }
}
